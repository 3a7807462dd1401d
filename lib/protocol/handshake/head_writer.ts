/**
 * Writes heads, and keeps what an application puts into them from meaning more than it
 * should: a line break in a value would begin a field, or a response, of its own.
 *
 * @module
 */
import { asciiLowerCase, isFieldValue, isToken } from "./grammar.ts";
import type { HeaderField } from "./header_list.ts";
import { encodeLatin1 } from "./latin1.ts";

/** The bytes of a head: its first line, its fields, and the empty line. All must be Latin-1. */
export function writeHead(firstLine: string, fields: readonly HeaderField[]): Uint8Array {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return encodeLatin1(`${firstLine}\r\n${lines.join("")}\r\n`);
}

/**
 * The fields that an application has chosen, checked. `isReserved` says of a name in lower
 * case whether it is not the application's to set.
 *
 * @throws {TypeError} where a name is not a token or reserved, or where a value has a
 * control character or one beyond Latin-1.
 */
export function applicationFields(
  headers: Iterable<HeaderField>,
  isReserved: (name: string) => boolean,
): HeaderField[] {
  return Array.from(headers, ([name, value]) => {
    if (!isToken(name)) {
      throw new TypeError(
        `Cannot write the header ${JSON.stringify(name)}: its name must be a token`,
      );
    }
    if (isReserved(asciiLowerCase(name))) {
      throw new TypeError(`Cannot write the header "${name}": it is set by the handshake itself`);
    }
    if (!isFieldValue(value)) {
      throw new TypeError(
        `Cannot write the header "${name}": its value must have no line break, no other control ` +
          "character and none beyond U+00FF",
      );
    }
    return [name, value];
  });
}

/** `subprotocol`, which an application has chosen. */
export function checkedSubprotocol(subprotocol: string): string {
  if (isToken(subprotocol)) return subprotocol;
  throw new TypeError(
    `Cannot write the subprotocol ${JSON.stringify(subprotocol)}: it must be a token`,
  );
}

/** Whether the field `name`, in lower case, belongs to the opening handshake or frames the message. */
export function isHandshakeField(name: string): boolean {
  return HANDSHAKE_FIELDS.has(name) || name.startsWith("sec-websocket-");
}

const HANDSHAKE_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "upgrade",
]);
