/**
 * WebSocket URLs (RFC 6455 §3), read as the WHATWG WebSocket class reads them.
 *
 * @module
 */

/** Schemes that are taken, and what they stand for. */
const SCHEMES: ReadonlyMap<string, string> = new Map([
  ["ws:", "ws:"],
  ["wss:", "wss:"],
  ["http:", "ws:"],
  ["https:", "wss:"],
]);

/**
 * The URL `url` with the scheme `ws:` or `wss:`; `http:` and `https:` become these. The
 * result is always a new object.
 *
 * @throws {TypeError} where `url` is no absolute URL, has another scheme, has a fragment
 * (RFC 6455 §3: a fragment has no meaning and MUST NOT be used), or where a string has
 * control characters, of which the URL parser would drop some in silence. The message does
 * not repeat the URL, which may have a password.
 */
export function parseWebSocketUrl(url: string | URL): URL {
  const text = String(url);
  if (/\p{Cc}/u.test(text)) throw invalid("it must have no control characters");
  if (!URL.canParse(text)) {
    throw invalid("it must be an absolute URL such as ws://localhost:8080/echo");
  }
  const parsed = new URL(text);
  const scheme = SCHEMES.get(parsed.protocol);
  if (scheme === undefined) {
    throw invalid(
      `its scheme must be ws: or wss:, or http: or https: for the same; got ${parsed.protocol}`,
    );
  }
  // An empty fragment leaves `hash` empty, but it stands in `href`.
  if (parsed.href.includes("#")) throw invalid("it must have no fragment (#…)");
  parsed.protocol = scheme;
  return parsed;
}

/** The error that says what would be right. */
function invalid(reason: string): TypeError {
  return new TypeError(`Cannot parse the WebSocket URL: ${reason}`);
}
