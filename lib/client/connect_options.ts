/**
 * The options of `connect`, and the check of all that can be checked before anything is opened.
 *
 * @module
 */
import { checkHandlers, type ConnectionHandlers } from "../connection/handlers.ts";
import { delay, integer, wrongType } from "../connection/numbers.ts";
import {
  type ConnectionOptions,
  type ResolvedOptions,
  resolveOptions,
} from "../connection/options.ts";
import { asciiLowerCase } from "../protocol/handshake/grammar.ts";
import { parseWebSocketUrl } from "../protocol/handshake/websocket_url.ts";
import { checkCookieStore, type CookieStore } from "./cookies.ts";
import { headerFields, type HeadersOption } from "./header_fields.ts";
import type { ConnectPhase } from "./phases.ts";
import { type Proxy, type ProxyOptions, resolveProxy } from "./proxy.ts";
import type { Target } from "./redirects.ts";
import { checkTlsOptions, type ClientTlsOptions, isEmptyTls } from "./tls_options.ts";

/** How a client connects. Sizes are bytes, times milliseconds. */
export interface ConnectOptions extends ConnectionOptions {
  /** Fields to add to the request, such as `Origin`, `Cookie` or `Authorization`. @default none */
  headers?: HeadersOption;
  /** Subprotocols to offer, most preferred first. @default none */
  subprotocols?: string | readonly string[];
  /**
   * How long opening may take, from the look-up of the name to the response, with all redirects.
   * @default 10000
   */
  timeout?: number;
  /** Gives up opening when it fires; an open connection is not touched. @default undefined */
  signal?: AbortSignal;
  /** Certificates for wss. @default the usual authorities, no client certificate */
  tls?: ClientTlsOptions;
  /**
   * The path of a unix socket to connect to; the URL then gives the Host field and the path of
   * the request, and with wss the name that the certificate is for.
   * @default undefined
   */
  unix?: string;
  /**
   * An HTTP proxy to go through, for ws and wss alike; or a function that says for each URL, which
   * has no credentials, which one to take, such as {@linkcode proxyFor}. The connection's
   * `remoteAddress` is then the proxy's.
   * @default none
   */
  proxy?: string | URL | ProxyOptions | ProxyChooser;
  /**
   * How many redirects to follow; 0: none. `Authorization`, `Cookie`, user name and password of
   * the URL, `sensitiveHeaders`, and of `tls` all but `caCerts` are left behind when a redirect
   * leads to another scheme, host or port. From wss to ws none is followed. Subprotocols go
   * along: where they carry a token, follow none.
   * @default 0
   */
  redirects?: number;
  /**
   * Names of fields in `headers` that, like `Authorization` and `Cookie`, are for the origin of
   * the URL alone, such as `X-Api-Key`.
   * @default none
   */
  sensitiveHeaders?: readonly string[];
  /** Where cookies come from, and where those of every response go. @default none */
  cookies?: CookieStore;
  /** Is told of each step of opening; what it throws ends the attempt. @default undefined */
  onPhase?: (phase: ConnectPhase) => void;
  /** Callbacks, for those who do not iterate. @default none */
  handlers?: ConnectionHandlers;
  /** What to keep with the connection, as `connection.data`. @default undefined */
  data?: unknown;
}

/** Says which proxy to take for a URL; `undefined` for none. */
export type ProxyChooser = (url: URL) => string | URL | ProxyOptions | undefined;

/** The options of `connect`, checked and with every default filled in. */
export interface ResolvedConnect {
  /** Where the first request goes, and with what. */
  readonly target: Target;
  readonly subprotocols: readonly string[];
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly unix: string | undefined;
  readonly chooseProxy: (url: URL) => Proxy | undefined;
  readonly redirects: number;
  /** Names of fields for the first origin only, in lower case. */
  readonly sensitive: ReadonlySet<string>;
  readonly cookies: CookieStore | undefined;
  readonly onPhase: ((phase: ConnectPhase) => void) | undefined;
  readonly options: ResolvedOptions;
  readonly handlers: ConnectionHandlers;
  readonly data: unknown;
}

/**
 * Checks the arguments of `connect`, but for what goes into the request as it is.
 *
 * @throws {TypeError} or {RangeError} when one is wrong; the message names it.
 */
export function resolveConnect(url: string | URL, options: ConnectOptions): ResolvedConnect {
  if (typeof options !== "object" || options === null) {
    throw wrongType("The second argument of connect", "an object", options);
  }
  const { handlers = {}, signal, cookies, onPhase } = options;
  const timeout = delay("timeout", options.timeout, { default: 10_000, from: 1 });
  const resolved = resolveOptions(options, "client");
  const redirects = integer("redirects", options.redirects, { default: 0, from: 0, to: 100 });
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("signal", "an AbortSignal", signal);
  }
  if (cookies !== undefined) checkCookieStore(cookies);
  if (onPhase !== undefined && typeof onPhase !== "function") {
    throw wrongType("onPhase", "a function", onPhase);
  }
  checkHandlers(handlers, options);
  return {
    target: firstTarget(url, options, redirects),
    subprotocols: subprotocolList(options.subprotocols),
    timeout,
    signal,
    unix: unixPath(options),
    chooseProxy: proxyRule(options.proxy),
    redirects,
    sensitive: new Set(sensitiveNames(options.sensitiveHeaders)),
    cookies,
    onPhase,
    options: resolved,
    handlers,
    data: options.data,
  };
}

function firstTarget(
  url: string | URL,
  { headers = [], tls = {} }: ConnectOptions,
  redirects: number,
): Target {
  if (/^ws(s?)\+unix:/i.test(String(url))) {
    throw new TypeError("Cannot open the connection: take ws: or wss: and the option unix");
  }
  const parsed = parseWebSocketUrl(url);
  if (parsed.port === "0") {
    throw new TypeError("Cannot open the connection: the port must be from 1 to 65535, got 0");
  }
  checkTlsOptions(tls);
  if (parsed.protocol === "ws:" && redirects === 0 && !isEmptyTls(tls)) {
    throw new TypeError("Cannot open the connection: tls is for wss, and this URL is ws");
  }
  const fields = headerFields(headers, "headers");
  if (fields.some(([name]) => asciiLowerCase(name) === "proxy-authorization")) {
    throw new TypeError(
      "Cannot open the connection: Proxy-Authorization is not for the server; set it in " +
        "proxy.basicAuth or proxy.headers",
    );
  }
  return { url: parsed, fields, tls };
}

function subprotocolList(value: ConnectOptions["subprotocols"] = []): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) {
    throw wrongType("subprotocols", "a string or a list of strings", value);
  }
  const names = [...value]; // once: an iterator gives its names no second time
  const wrong = names.findIndex((name) => typeof name !== "string");
  if (wrong >= 0) throw wrongType(`subprotocols[${wrong}]`, "a string", names[wrong]);
  return names;
}

function unixPath({ unix, proxy }: ConnectOptions): string | undefined {
  if (unix === undefined) return undefined;
  if (typeof unix !== "string") throw wrongType("unix", "a string", unix);
  if (unix === "" || unix.includes("\0")) {
    throw new TypeError("unix must be the path of a socket, with no NUL in it");
  }
  if (proxy !== undefined) throw new TypeError("A unix socket is reached without a proxy");
  return unix;
}

function proxyRule(proxy: ConnectOptions["proxy"]): (url: URL) => Proxy | undefined {
  if (proxy === undefined) return () => undefined;
  if (typeof proxy !== "function") {
    const resolved = resolveProxy(proxy);
    return () => resolved;
  }
  return (url) => {
    const chosen = proxy(url);
    return chosen === undefined ? undefined : resolveProxy(chosen);
  };
}

function sensitiveNames(names: readonly string[] = []): string[] {
  if (!Array.isArray(names)) throw wrongType("sensitiveHeaders", "a list of strings", names);
  return names.map((name) => {
    if (typeof name !== "string") throw wrongType("A name in sensitiveHeaders", "a string", name);
    return asciiLowerCase(name);
  });
}
