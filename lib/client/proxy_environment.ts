/**
 * Which proxy the environment names for a URL, read as curl reads it.
 *
 * @module
 */
import { isIP } from "node:net";

/** Environment variables by name, such as `Deno.env.toObject()` gives. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that are read, for `--allow-env` and for help texts. */
export const PROXY_VARIABLES: readonly string[] = [
  "ws_proxy",
  "WS_PROXY",
  "wss_proxy",
  "WSS_PROXY",
  "http_proxy",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "no_proxy",
  "NO_PROXY",
];

/**
 * The variables for each scheme, the first that is set counts. `HTTP_PROXY` is not among them:
 * where a web server runs programs, a client sets it with a field called `Proxy`.
 */
const BY_SCHEME = {
  ws: ["ws_proxy", "WS_PROXY", "http_proxy"],
  wss: ["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY"],
} as const;

/** The port of an http proxy for which none is given, as with curl. */
const DEFAULT_PORT = 1080;

/**
 * The URL of the proxy to take for `url`, or `undefined` for none:
 *
 * - for ws, the first that is set of `ws_proxy`, `WS_PROXY`, `http_proxy`; for wss, of
 *   `wss_proxy`, `WSS_PROXY`, `https_proxy`, `HTTPS_PROXY`; then `all_proxy`, `ALL_PROXY`;
 * - none for the hosts in `no_proxy` or else `NO_PROXY`, a list with commas or spaces: `*`
 *   alone for all; a name for itself and all names below it, with or without a dot before it;
 *   an IP address, or a range of them as `10.0.0.0/8`. Beyond curl, `host:port` is for that
 *   port only.
 *
 * A proxy without a scheme is an http one, and one without a port is at 1080, with https at
 * 443. What is no URL, or of another scheme, such as socks5, is given as it stands, and
 * `connect` refuses it.
 *
 * @example
 * ```ts
 * import { proxyFor } from "@tidewire/tidewire";
 * import { assertEquals } from "@std/assert";
 *
 * const env = { https_proxy: "proxy.example:3128", no_proxy: ".internal.example" };
 * assertEquals(proxyFor("wss://echo.example/", env), "http://proxy.example:3128");
 * assertEquals(proxyFor("wss://echo.internal.example/", env), undefined);
 * ```
 *
 * @throws {TypeError} when `url` is no absolute URL.
 */
export function proxyFor(url: string | URL, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "wss:" || protocol === "https:";
  const own = BY_SCHEME[secure ? "wss" : "ws"];
  const proxy = firstSet(env, [...own, "all_proxy", "ALL_PROXY"]);
  if (proxy === undefined) return undefined;
  const exempt = firstSet(env, ["no_proxy", "NO_PROXY"]) ?? "";
  const target = { hostname, port: port === "" ? (secure ? "443" : "80") : port };
  return isExempt(target, exempt) ? undefined : complete(proxy);
}

/** An empty variable counts as one that is not set. */
function firstSet(env: Environment, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}

/** A proxy with scheme and port. */
function complete(proxy: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  const [, scheme = "", rest = ""] = /^(http:\/\/)([^/?#]*)/i.exec(text) ?? [];
  const hasPort = /:\d+$/.test(rest);
  return scheme === "" || rest === "" || hasPort
    ? text
    : `${scheme}${rest}:${DEFAULT_PORT}${text.slice(scheme.length + rest.length)}`;
}

interface ExemptionTarget {
  /** As in a URL: an IPv6 address has brackets. */
  readonly hostname: string;
  readonly port: string;
}

function isExempt({ hostname, port }: ExemptionTarget, list: string): boolean {
  if (list.trim() === "*") return true;
  const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return list.split(/[\s,]+/).some((entry) => {
    const [name, wantedPort] = splitPort(entry);
    if (name === "" || (wantedPort !== undefined && wantedPort !== port)) return false;
    return isIP(host) === 0 ? isWithin(host, name) : isInRange(host, name);
  });
}

/** An entry as a host and perhaps a port. An IPv6 address has a port only behind brackets. */
function splitPort(entry: string): [name: string, port: string | undefined] {
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return [bracketed[1] ?? "", bracketed[2]];
  const [, name, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? [entry, undefined] : [name, port];
}

/** Whether a host is `domain` or below it. */
function isWithin(host: string, domain: string): boolean {
  const suffix = domain.toLowerCase().replace(/^\./, "").replace(/\.$/, "");
  const name = host.toLowerCase();
  return suffix !== "" && (name === suffix || name.endsWith(`.${suffix}`));
}

/** Whether an IP address is `range`: an address, or one with the number of bits that count. */
function isInRange(address: string, range: string): boolean {
  const [network = "", bits, ...more] = range.split("/");
  if (more.length > 0 || isIP(network) !== isIP(address)) return false;
  const [a, b] = [addressBits(address), addressBits(network)];
  const count = bits === undefined ? a.length : /^\d+$/.test(bits) ? Number(bits) : Infinity;
  return count <= a.length && a.slice(0, count) === b.slice(0, count);
}

/** The bits of an IP address, 32 or 128 characters. */
function addressBits(address: string): string {
  if (isIP(address) === 4) {
    return address.split(".").map((part) => binary(Number(part), 8)).join("");
  }
  // The URL parser writes an IPv6 address in one form, without an IPv4 address at its end.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].map((group) => binary(parseInt(group, 16), 16)).join("");
}

function binary(value: number, width: number): string {
  return value.toString(2).padStart(width, "0");
}
