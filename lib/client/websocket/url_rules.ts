/**
 * Which URLs and subprotocols the WHATWG classes take, and the `SyntaxError` for all others.
 *
 * @module
 */
import { asciiLowerCase, isToken } from "../../protocol/handshake/grammar.ts";
import { parseWebSocketUrl } from "../../protocol/handshake/websocket_url.ts";
import { errorText } from "../connect_error.ts";

/**
 * The URL to connect to, with the scheme ws or wss. `url` becomes a string first, and is
 * resolved against `base` where there is one.
 *
 * @throws {DOMException} with the name `"SyntaxError"`. Its message does not repeat the URL,
 * which may have a password.
 */
export function readUrl(url: unknown, base: string | undefined = baseUrl()): URL {
  const text = `${url}`.toWellFormed();
  if (!URL.canParse(text, base)) {
    const form = base === undefined ? "an absolute URL such as ws://localhost:8080/echo" : "a URL";
    throw syntaxError(`Cannot parse the WebSocket URL: it must be ${form}`);
  }
  const parsed = new URL(text, base);
  try {
    return parseWebSocketUrl(parsed);
  } catch (error) {
    throw syntaxError(errorText(error));
  }
}

/**
 * Checks the names of subprotocols: tokens (RFC 6455 §4.1), and each once, whatever its case.
 *
 * @throws {DOMException} with the name `"SyntaxError"`.
 */
export function checkProtocols(protocols: readonly string[]): void {
  for (const protocol of protocols) {
    if (isToken(protocol)) continue;
    const shown = JSON.stringify(protocol.slice(0, 100));
    throw syntaxError(`Cannot offer the subprotocol ${shown}: it must be a token, such as chat.v1`);
  }
  if (new Set(protocols.map(asciiLowerCase)).size !== protocols.length) {
    throw syntaxError("Cannot offer the subprotocols: each must be named only once");
  }
}

/** What relative URLs are relative to: a worker has that, and a program with `--location`. */
function baseUrl(): string | undefined {
  const { location } = globalThis as { location?: { readonly href: string } };
  return location?.href;
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
