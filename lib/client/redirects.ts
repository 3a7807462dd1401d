/**
 * Redirects of the opening handshake (RFC 6455 §4.1, RFC 9110 §15.4): where the next request
 * goes, and what it may carry.
 *
 * @module
 */
import { asciiLowerCase } from "../protocol/handshake/grammar.ts";
import type { ResponseHead } from "../protocol/handshake/head.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";
import { parseWebSocketUrl } from "../protocol/handshake/websocket_url.ts";
import type { ClientTlsOptions } from "./tls_options.ts";

/** Where one request goes, and what belongs to that place alone. */
export interface Target {
  /** A ws or wss URL, perhaps with credentials. */
  readonly url: URL;
  /** The fields that the application adds to the request. */
  readonly fields: readonly HeaderField[];
  readonly tls: ClientTlsOptions;
}

/** What a redirect is judged by. */
export interface RedirectRules {
  /** How many redirects are followed. */
  readonly limit: number;
  /** The URLs of all requests until now, in their order. */
  readonly visited: readonly string[];
  /** Whether a URL may be visited twice, because its server may have set a cookie. */
  readonly mayReturn: boolean;
  /** Whether the stream is bound to one server, as a unix socket is. */
  readonly bound: boolean;
  /** Names of fields, in lower case, that are for the first origin only. */
  readonly sensitive: ReadonlySet<string>;
}

/** What becomes of a redirect. */
export type Redirect =
  | { readonly kind: "follow"; readonly target: Target; readonly crossOrigin: boolean }
  | { readonly kind: "stay"; readonly reason: string };

/** The statuses that lead elsewhere. A request for a WebSocket is a GET, so all mean the same. */
const STATUSES: readonly number[] = [301, 302, 303, 307, 308];

/** Fields that say who the user is (RFC 9110 §11, RFC 6265). */
export const CREDENTIAL_FIELDS: readonly string[] = ["authorization", "cookie"];

/**
 * Says what becomes of a response: where it leads, why it is not followed, or `undefined` when
 * it is no redirect.
 */
export function judgeRedirect(
  from: Target,
  { status, headers }: ResponseHead,
  rules: RedirectRules,
): Redirect | undefined {
  const [location, ...more] = headers.getAll("location");
  if (!STATUSES.includes(status) || location === undefined) return undefined;
  if (more.length > 0) return stay("it points to several places at once");
  const url = resolve(location, from.url);
  if (url === undefined) return stay("it does not point to a ws, wss, http or https URL");
  if (from.url.protocol === "wss:" && url.protocol === "ws:") {
    return stay("it leads from wss to ws, where nothing is encrypted");
  }
  const crossOrigin = url.origin !== from.url.origin;
  if (crossOrigin && rules.bound) return stay("it leads away from the unix socket");
  const followed = rules.visited.length - 1;
  if (followed >= rules.limit) {
    return stay(`${followed} ${followed === 1 ? "was" : "were"} followed already`);
  }
  if (!rules.mayReturn && rules.visited.includes(url.href)) {
    return stay("it leads in a circle");
  }
  const target = crossOrigin ? strip(from, url, rules.sensitive) : keepUser(from, url);
  return { kind: "follow", target, crossOrigin };
}

/** The URL without user name and password, for whoever shows or logs it. */
export function withoutCredentials(url: URL): URL {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown;
}

/** Where `Location` points to, without credentials: a server must not choose them. */
function resolve(location: string, base: URL): URL | undefined {
  // What the fields hold is Latin-1; the bytes of a URL beyond ASCII must be encoded.
  if (!/^[\x21-\x7e]+$/.test(location) || !URL.canParse(location, base)) return undefined;
  const absolute = new URL(location, base);
  absolute.hash = "";
  try {
    return withoutCredentials(parseWebSocketUrl(absolute));
  } catch {
    return undefined;
  }
}

/** For another origin: nothing that tells who the user is (RFC 9110 §15.4). */
function strip({ fields, tls }: Target, url: URL, sensitive: ReadonlySet<string>): Target {
  const kept = fields.filter(([name]) => {
    const lower = asciiLowerCase(name);
    return !CREDENTIAL_FIELDS.includes(lower) && !sensitive.has(lower);
  });
  // The certificate is a credential too, and the rest was said of the first server.
  const { caCerts = [] } = tls;
  return { url, fields: kept, tls: { caCerts } };
}

function keepUser({ url: { username, password }, fields, tls }: Target, url: URL): Target {
  const target = new URL(url);
  target.username = username;
  target.password = password;
  return { url: target, fields, tls };
}

function stay(reason: string): Redirect {
  return { kind: "stay", reason };
}
