/**
 * How many connections a process, and one remote address, may hold.
 *
 * There is nothing to sweep and no timer: an address is remembered while it holds a
 * connection, so the table is never longer than the number of open connections.
 *
 * @module
 */

/** The limits of an {@linkcode AdmissionControl}. */
export interface AdmissionOptions {
  /**
   * Most connections at a time, all addresses together: 1 to 2,147,483,647.
   *
   * @default {10_000}
   */
  readonly maxConnections?: number | undefined;
  /**
   * Most connections at a time from one address: 0 (no limit) to 2,147,483,647. IPv6 addresses
   * are counted by their /64, which is what one subscriber is given (RFC 6177 §2).
   *
   * @default {0} when `hostname` is a loopback address or undefined, otherwise 20
   */
  readonly perIp?: number | undefined;
  /** The address that the server listens on; `undefined` for a unix socket. */
  readonly hostname?: string | undefined;
}

/** A place among the connections. */
export interface Admitted {
  /** Tells this from a {@linkcode Refused}. */
  readonly kind: "admitted";
  /** Gives the place back. Calling it again does nothing. */
  release(): void;
}

/** Why there is no place, as an HTTP response to send. */
export interface Refused {
  /** Tells this from an {@linkcode Admitted}. */
  readonly kind: "refused";
  /** 503 when the process is full, 429 when the address has its share (RFC 6585 §4). */
  readonly status: 503 | 429;
  /** One sentence for the body. */
  readonly message: string;
  /** Fields to send along: `retry-after`, in seconds (RFC 9110 §10.2.3). */
  readonly headers: Readonly<Record<string, string>>;
}

/** What {@linkcode AdmissionControl.admit} answers. */
export type Admission = Admitted | Refused;

const DEFAULT_MAX_CONNECTIONS = 10_000;
const DEFAULT_PER_IP = 20;
const MAX_LIMIT = 2 ** 31 - 1;

// Both are made once: a flood of refusals costs no allocation.
const PROCESS_FULL: Refused = Object.freeze({
  kind: "refused",
  status: 503,
  message: "The server has as many connections as it takes. Try again later.",
  headers: Object.freeze({ "retry-after": "10" }),
});
const ADDRESS_FULL: Refused = Object.freeze({
  kind: "refused",
  status: 429,
  message: "There are too many connections from this address. Close one, or try again later.",
  headers: Object.freeze({ "retry-after": "10" }),
});

/**
 * Counts connections and says whether there is room for one more.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const control = new AdmissionControl({ perIp: 1 });
 * const first = control.admit("192.0.2.1");
 * assertEquals(control.admit("192.0.2.1").kind, "refused");
 * if (first.kind === "admitted") first.release();
 * assertEquals(control.connections, 0);
 * ```
 */
export class AdmissionControl {
  readonly #maxConnections: number;
  readonly #perIp: number;
  readonly #counts = new Map<string, number>();
  #connections = 0;

  /**
   * Takes the limits.
   *
   * @throws {TypeError} When a limit is not a number.
   * @throws {RangeError} When a limit is not a whole number in its range.
   */
  constructor(options: AdmissionOptions = {}) {
    const { maxConnections = DEFAULT_MAX_CONNECTIONS, hostname } = options;
    const { perIp = isLoopback(hostname) ? 0 : DEFAULT_PER_IP } = options;
    this.#maxConnections = checkLimit(maxConnections, { name: "maxConnections", min: 1 });
    this.#perIp = checkLimit(perIp, { name: "perIp", min: 0 });
  }

  /** How many connections hold a place now. */
  get connections(): number {
    return this.#connections;
  }

  /** How many addresses are remembered now. It is 0 when `perIp` is 0. */
  get addresses(): number {
    return this.#counts.size;
  }

  /** The limit for one address that is in force; 0 is none. */
  get perIp(): number {
    return this.#perIp;
  }

  /**
   * Asks for a place. Whoever gets one must release it on every way out.
   *
   * @param address The remote IP address without a port; `undefined` where there is none, as on
   * unix sockets: then only the limit of the process counts.
   */
  admit(address: string | undefined): Admission {
    if (this.#connections >= this.#maxConnections) return PROCESS_FULL;
    const key = this.#perIp === 0 || address === undefined ? undefined : addressKey(address);
    if (key !== undefined) {
      const count = this.#counts.get(key) ?? 0;
      if (count >= this.#perIp) return ADDRESS_FULL;
      this.#counts.set(key, count + 1);
    }
    this.#connections++;
    let held = true;
    return {
      kind: "admitted",
      release: () => {
        if (!held) return;
        held = false;
        this.#release(key);
      },
    };
  }

  #release(key: string | undefined): void {
    this.#connections--;
    if (key === undefined) return;
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left === 0) this.#counts.delete(key);
    else this.#counts.set(key, left);
  }
}

/**
 * Says whether only this machine can reach what listens on `hostname`. A unix socket
 * (`undefined`) counts as such; a name that must be looked up, other than `localhost`, does not.
 */
export function isLoopback(hostname: string | undefined): boolean {
  if (hostname === undefined) return true;
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const groups = ipv6Groups(host);
  const ipv4 = groups === undefined ? host : mappedIpv4(groups);
  if (ipv4 !== undefined) return /^127(?:\.\d{1,3}){3}$/.test(ipv4);
  return groups?.join(":") === "0:0:0:0:0:0:0:1";
}

/**
 * What connections of one subscriber have in common: the IPv4 address, also where it is written as
 * IPv6 (`::ffff:192.0.2.1`), or the first 64 bits of the IPv6 address. A string that is no address
 * stands for itself.
 */
export function addressKey(address: string): string {
  const groups = ipv6Groups(address);
  if (groups === undefined) return address;
  return mappedIpv4(groups) ?? `${groups.slice(0, 4).join(":")}::/64`;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2) without leading zeros, or `undefined`. */
function ipv6Groups(address: string): string[] | undefined {
  if (!address.includes(":")) return undefined;
  // A zone names one of our interfaces (RFC 4007 §11); the sender's address is the same on each.
  const bare = address.split("%", 1)[0] ?? "";
  const url = `http://[${bare}]`;
  if (!/^[0-9a-f:.]+$/i.test(bare) || !URL.canParse(url)) return undefined;
  // The URL parser has written the address in its shortest form (RFC 5952), which has one "::".
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right];
}

/** The IPv4 address within `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
function mappedIpv4(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return undefined;
  return groups.slice(6).map((group) => {
    const value = Number.parseInt(group, 16);
    return `${value >> 8}.${value & 255}`;
  }).join(".");
}

function checkLimit(value: unknown, limit: { name: string; min: number }): number {
  const { name, min } = limit;
  const right = `${name} must be a whole number from ${min} to ${MAX_LIMIT}`;
  if (typeof value !== "number") {
    throw new TypeError(`Cannot limit connections: ${right}, got a ${typeof value}`);
  }
  if (!Number.isInteger(value) || value < min || value > MAX_LIMIT) {
    throw new RangeError(`Cannot limit connections: ${right}, got ${value}`);
  }
  return value;
}
