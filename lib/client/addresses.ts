/**
 * The IP addresses of a host, as far as the program may connect to them.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { interleaveFamilies } from "./happy_eyeballs.ts";

/** A host and a port, as the runtime takes them: an IPv6 address has no brackets. */
export interface HostPort {
  readonly hostname: string;
  readonly port: number;
}

/** What the addresses depend on. */
export interface AddressSource {
  /** The addresses of a name in the order of the system (RFC 6724). */
  readonly lookUp: (hostname: string) => Promise<readonly string[]>;
  /** Whether the program may connect to a host, `host` or `host:port`, without being asked. */
  readonly isGranted: (host: string) => boolean;
}

/** The system's. `Deno.resolveDns` knows no hosts file, and needs a permission of its own. */
export const SYSTEM_ADDRESSES: AddressSource = {
  lookUp: async (hostname) => {
    const found = await lookup(hostname, { all: true, order: "verbatim" });
    return found.map(({ address }) => address);
  },
  isGranted: (host) => Deno.permissions.querySync({ name: "net", host }).state === "granted",
};

/** Both addresses of the loopback interface, whatever the hosts file knows (RFC 6761 §6.3). */
const LOOPBACK: readonly string[] = ["::1", "127.0.0.1"];

/**
 * The addresses in the order in which to try them (RFC 8305 §4), for an IP address that
 * itself. `undefined` when the permissions name the host and not all of its addresses, or when
 * the user is to be asked: then the runtime must connect by name.
 *
 * @throws what the look-up of the name throws.
 */
export async function addressesOf(
  { hostname, port }: HostPort,
  { lookUp, isGranted }: AddressSource = SYSTEM_ADDRESSES,
): Promise<readonly string[] | undefined> {
  if (isIP(hostname) !== 0) return [hostname];
  if (!isGranted(authority({ hostname, port }))) return undefined;
  const isLocal = /^localhost\.?$/i.test(hostname);
  // To look a name up, the permission must name it without a port.
  if (!isLocal && !isGranted(hostname)) return undefined;
  const found = isLocal ? LOOPBACK : await lookUp(hostname);
  const granted = found.every((address) => isGranted(authority({ hostname: address, port })));
  return granted ? interleaveFamilies([...new Set(found)]) : undefined;
}

/** A host and a port in one, as in a URL. */
export function authority({ hostname, port }: HostPort): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** The host and the port of a URL; `defaultPort` is that of its scheme. */
export function hostPortOf(url: URL, defaultPort: number): HostPort {
  return {
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? defaultPort : Number(url.port),
  };
}
