/**
 * What HTTP asks of every request, before anyone looks at what it is for: one valid host,
 * a target that names a resource, and no two opinions about where the body ends.
 *
 * @module
 */
import { type HeadFailureCode, requestFault } from "./errors.ts";
import { asciiLowerCase } from "./grammar.ts";
import type { HeadFailure, RequestHead } from "./head.ts";

/** A registered name, an IPv4 address or an IPv6 address in brackets, perhaps with a port (RFC 3986 §3.2.2). */
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[-A-Za-z0-9._~%!$&'()*+,;=]+)(?::\d*)?$/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)(.*)$/i;
const DECIMAL = /^\d+$/;

/**
 * Checks a request of any kind. A request that fails must not be forwarded: another server
 * might understand it differently. Returns what is wrong, or `undefined`.
 */
export function checkRequestHead(head: RequestHead): HeadFailure | undefined {
  const code = checkHost(head) ?? checkTarget(head) ?? checkFraming(head);
  return code && { code, ...requestFault(code) };
}

/**
 * The URL that `head` asks for, or `undefined` where target and host make none.
 *
 * A path is joined to the host as it stands and never resolved against it, so that the
 * target `//other.example/` stays a path on our host. The host of an absolute target takes
 * precedence over the Host field (RFC 9112 §3.2.2), and its scheme is ours, `http:` or with
 * `secure` `https:`: whether the connection is secure is not the client's to say. A request
 * of HTTP/1.0 without a Host field gets the host `localhost`.
 */
export function requestUrl(head: RequestHead, secure: boolean): URL | undefined {
  const { target, headers } = head;
  const [, host = "", path] = target.startsWith("/")
    ? [target, headers.get("host") ?? "localhost", target]
    : ABSOLUTE_FORM.exec(target) ?? [];
  return isHost(host) ? new URL(`${secure ? "https" : "http"}://${host}${path}`) : undefined;
}

/** RFC 9112 §3.2: exactly one Host field with HTTP/1.1, and a valid one in any case. */
function checkHost({ httpVersion, headers }: RequestHead): HeadFailureCode | undefined {
  const hosts = headers.getAll("host");
  if (hosts.length === 0 && httpVersion === "1.0") return undefined;
  const [host = ""] = hosts;
  return hosts.length === 1 && isHost(host) ? undefined : "ERR_HOST";
}

/** RFC 9112 §3.2: a path or a URL, or the asterisk of OPTIONS. CONNECT is for proxies. */
function checkTarget({ method, target }: RequestHead): HeadFailureCode | undefined {
  if (target.startsWith("/") || target === "*" && method === "OPTIONS") return undefined;
  return isHost(ABSOLUTE_FORM.exec(target)?.[1] ?? "") ? undefined : "ERR_TARGET";
}

/**
 * RFC 9112 §6: where the body ends. Stricter than it must be: a repeated Content-Length is
 * refused even with equal values, and so is every transfer coding but a single `chunked`.
 */
function checkFraming({ httpVersion, headers }: RequestHead): HeadFailureCode | undefined {
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (length !== undefined) {
    const valid = DECIMAL.test(length) && Number.isSafeInteger(Number(length));
    if (!valid || coding !== undefined) return "ERR_CONTENT_LENGTH";
  }
  if (coding !== undefined && (asciiLowerCase(coding) !== "chunked" || httpVersion === "1.0")) {
    return "ERR_TRANSFER_ENCODING";
  }
  return undefined;
}

/** Whether `text` is a host, perhaps with a port; user information is no part of it. */
function isHost(text: string): boolean {
  return HOST.test(text) && URL.canParse(`http://${text}`);
}
