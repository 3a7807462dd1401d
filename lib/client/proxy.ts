/**
 * The way through an HTTP proxy: a tunnel that is asked for with CONNECT (RFC 9110 §9.3.6,
 * RFC 6455 §4.1), for ws as for wss.
 *
 * Proxy and server know nothing of each other's credentials: the proxy sees the host and the
 * port of the server and what is meant for the proxy, and the server sees none of that.
 *
 * @module
 */
import { wrongType } from "../connection/numbers.ts";
import { encodeBase64 } from "../protocol/handshake/base64.ts";
import { asciiLowerCase } from "../protocol/handshake/grammar.ts";
import { applicationFields, writeHead } from "../protocol/handshake/head_writer.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";
import { decodeLatin1 } from "../protocol/handshake/latin1.ts";
import { authority, type HostPort, hostPortOf } from "./addresses.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import { ConnectError } from "./connect_error.ts";
import { broken, describeAnswer, exchange, readRefusal } from "./exchange.ts";
import { headerFields, type HeadersOption } from "./header_fields.ts";
import type { PhaseReporter } from "./phases.ts";
import { checkTlsOptions, type ClientTlsOptions, isEmptyTls } from "./tls_options.ts";

/** A user name and a password (RFC 7617). */
export interface BasicCredentials {
  /** The user name; must have no colon. */
  readonly username: string;
  /** The password. */
  readonly password: string;
}

/** A proxy, and how it is spoken to. */
export interface ProxyOptions {
  /**
   * Where it is, such as `http://proxy.example:3128`; with `https`, the proxy itself is spoken
   * to over TLS. A user name and a password in it are sent to the proxy, and to nobody else.
   */
  url: string | URL;
  /** Fields to add to the request for the tunnel. @default none */
  headers?: HeadersOption;
  /** Sent as `Proxy-Authorization`. @default what stands in the URL */
  basicAuth?: BasicCredentials;
  /** TLS with a proxy whose URL is https. @default the usual authorities */
  tls?: ClientTlsOptions;
}

/** A proxy whose options have been checked. */
export interface Proxy {
  /** Host and port, for messages. */
  readonly host: string;
  readonly address: HostPort;
  /** Whether TLS is spoken with the proxy. */
  readonly secure: boolean;
  readonly tls: ClientTlsOptions;
  /** Fields of the request for a tunnel, credentials included. */
  readonly fields: readonly HeaderField[];
}

/** Fields that belong to the request, or to the body that CONNECT has not. */
const RESERVED: ReadonlySet<string> = new Set(["content-length", "host", "transfer-encoding"]);

/**
 * Checks a proxy.
 *
 * @throws {TypeError} when something is wrong with it. The message does not repeat the URL,
 * which may have a password.
 */
export function resolveProxy(proxy: string | URL | ProxyOptions): Proxy {
  const options = typeof proxy === "string" || proxy instanceof URL ? { url: proxy } : proxy;
  if (typeof options !== "object" || options === null) {
    throw wrongType("proxy", "a URL or an object", options);
  }
  const { headers = [], basicAuth, tls = {} } = options;
  const url = proxyUrl(options.url);
  const secure = url.protocol === "https:";
  checkTlsOptions(tls, "proxy.tls");
  if (!secure && !isEmptyTls(tls)) {
    throw new TypeError("proxy.tls is for a proxy whose URL is https; this one is http");
  }
  const fields = applicationFields(
    headerFields(headers, "proxy.headers"),
    (name) => RESERVED.has(name),
  );
  const credentials = basicAuth === undefined ? urlCredentials(url) : checked(basicAuth);
  if (credentials !== undefined) {
    if (fields.some(([name]) => asciiLowerCase(name) === "proxy-authorization")) {
      throw new TypeError(
        "proxy.headers must have no Proxy-Authorization beside other credentials",
      );
    }
    fields.push(["Proxy-Authorization", basic(credentials)]);
  }
  const address = hostPortOf(url, secure ? 443 : 80);
  return { host: `the proxy ${authority(address)}`, address, secure, tls, fields };
}

/**
 * Asks a proxy for a tunnel to a server; what is written and read afterwards goes there.
 *
 * @throws {ConnectError} with `ERR_REFUSED` and the proxy's response, `ERR_HANDSHAKE` or
 * `ERR_STREAM`.
 */
export async function openTunnel(
  stream: ByteStream,
  { host, fields }: Proxy,
  { target, report }: { target: HostPort; report: PhaseReporter },
): Promise<void> {
  const to = authority(target);
  const request = writeHead(`CONNECT ${to} HTTP/1.1`, [["Host", to], ...fields]);
  report({ phase: "proxy-request", head: decodeLatin1(request) });
  const answer = await exchange(stream, request, host);
  const { head: { status }, text, rest } = answer;
  report({ phase: "proxy-response", status, head: text });
  if (status < 200 || status > 299) {
    const response = await readRefusal(stream, answer);
    const message = `Cannot open the connection: ${host} answered ${describeAnswer(response)} ` +
      `when asked for a tunnel to ${to}`;
    throw new ConnectError("ERR_REFUSED", message, { response, refusedBy: "proxy" });
  }
  // Any answer of 2xx has no body (RFC 9110 §9.3.6), and a server is asked before it speaks.
  if (rest.length > 0) throw broken(`${host} sent bytes behind its answer, before any request`);
}

function proxyUrl(value: unknown): URL {
  if (typeof value !== "string" && !(value instanceof URL)) {
    throw wrongType("proxy.url", "a string or a URL", value);
  }
  const text = String(value);
  if (!URL.canParse(text)) {
    throw new TypeError("The proxy must be an absolute URL such as http://localhost:3128");
  }
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`The proxy's scheme must be http: or https:, got ${url.protocol}`);
  }
  if (url.port === "0") throw new TypeError("The proxy's port must be from 1 to 65535, got 0");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new TypeError("The proxy's URL must end behind host and port");
  }
  return url;
}

function urlCredentials({ username, password }: URL): BasicCredentials | undefined {
  if (username === "" && password === "") return undefined;
  return checked({ username: decode(username), password: decode(password) });
}

/** What percent-encoding stands for; where it is no UTF-8, the text as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function checked(credentials: BasicCredentials): BasicCredentials {
  if (typeof credentials !== "object" || credentials === null) {
    throw wrongType("proxy.basicAuth", "an object", credentials);
  }
  const { username, password } = credentials;
  for (const [name, value] of Object.entries({ username, password })) {
    if (typeof value !== "string") throw wrongType(`proxy.basicAuth.${name}`, "a string", value);
    if (/\p{Cc}/u.test(value)) {
      throw new TypeError(`The proxy's ${name} must have no control characters (RFC 7617 §2)`);
    }
  }
  if (username.includes(":")) throw new TypeError("The proxy's username must have no colon");
  return { username, password };
}

/** The value of `Proxy-Authorization`, in UTF-8 (RFC 7617 §2.1). */
function basic({ username, password }: BasicCredentials): string {
  return `Basic ${encodeBase64(new TextEncoder().encode(`${username}:${password}`))}`;
}
