/**
 * The bytes of the opening handshake and of frame headers, as the load generator writes and
 * expects them.
 *
 * Written apart from the library on purpose: a mistake in the library's codec must not be able to
 * cancel itself out here.
 *
 * @module
 */

/** The sample key of RFC 6455 §1.3, so that the right answer is a constant too. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** The key that all payloads are masked with. */
const MASK = [0x9d, 0x3a, 0x51, 0xe7] as const;
const MASK_BIT = 0x80;

/** The first byte of a whole binary message in one frame (RFC 6455 §5.2). */
export const BINARY = 0x82;
/** The first byte of a whole compressed text message in one frame: with RSV1 (RFC 7692 §6). */
export const COMPRESSED_TEXT = 0xc1;

/** The bytes of a handshake request to 127.0.0.1, which may offer an extension. */
export function handshakeRequest(port: number, offer?: string): Uint8Array {
  const extensions = offer === undefined ? "" : `Sec-WebSocket-Extensions: ${offer}\r\n`;
  return new TextEncoder().encode(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n` +
      `${extensions}\r\n`,
  );
}

/** Says what is wrong with a complete response head, or `undefined` when it accepts. */
export function handshakeFault(head: string): string | undefined {
  const [status] = head.split("\r\n");
  if (!/^HTTP\/1\.1 101( |$)/.test(status ?? "")) return `the server answered "${status}"`;
  const accept = headerValue(head, "sec-websocket-accept");
  if (accept !== ACCEPT) return `Sec-WebSocket-Accept is "${accept ?? ""}", not "${ACCEPT}"`;
  return undefined;
}

/** The extension that a response head agrees to, with its parameters. */
export function agreedExtension(head: string): string | undefined {
  return headerValue(head, "sec-websocket-extensions");
}

/** The value of a header field, whose name is given in small letters. */
function headerValue(head: string, name: string): string | undefined {
  const field = head.split("\r\n").find((line) => line.toLowerCase().startsWith(`${name}:`));
  return field?.slice(name.length + 1).trim();
}

/** Builds the masked frames of messages that begin with the byte `first`, one after the other. */
export function maskedFrames(first: number, payloads: readonly Uint8Array[]): Uint8Array {
  const lengths = payloads.map(({ length }) => headerLength(length) + MASK.length + length);
  const frames = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const payload of payloads) {
    at = writeHeader(frames, at, { first, length: payload.length, maskBit: MASK_BIT });
    frames.set(MASK, at);
    at += MASK.length;
    for (let k = 0; k < payload.length; k++) frames[at++] = payload[k]! ^ MASK[k & 3]!;
  }
  return frames;
}

/** The same messages in frames that are not masked, as a server sends them. */
export function plainFrames(first: number, payloads: readonly Uint8Array[]): Uint8Array {
  const lengths = payloads.map(({ length }) => headerLength(length) + length);
  const frames = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const payload of payloads) {
    at = writeHeader(frames, at, { first, length: payload.length, maskBit: 0 });
    frames.set(payload, at);
    at += payload.length;
  }
  return frames;
}

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 0x10000 ? 4 : 10;
}

/** Writes a header in its shortest form (RFC 6455 §5.2); answers where it ends. */
function writeHeader(
  to: Uint8Array,
  at: number,
  { first, length, maskBit }: { first: number; length: number; maskBit: number },
): number {
  const view = new DataView(to.buffer, to.byteOffset + at);
  view.setUint8(0, first);
  if (length < 126) {
    view.setUint8(1, maskBit | length);
  } else if (length < 0x10000) {
    view.setUint8(1, maskBit | 126);
    view.setUint16(2, length);
  } else {
    view.setUint8(1, maskBit | 127);
    view.setBigUint64(2, BigInt(length));
  }
  return at + headerLength(length);
}
