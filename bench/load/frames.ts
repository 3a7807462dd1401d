/**
 * The bytes that the load generator sends and expects: one opening handshake, one batch of masked
 * frames, and the echoes of that batch.
 *
 * Written apart from the library on purpose: a mistake in the library's codec must not be able to
 * cancel itself out here.
 *
 * @module
 */

/** The sample key of RFC 6455 §1.3, so that the right answer is a constant too. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const MASK = [0x9d, 0x3a, 0x51, 0xe7] as const;
const OPCODE_BINARY = 0x2;

/** One batch as it goes out, and as it must come back. */
export interface Batch {
  /** Masked frames, one after the other. */
  request: Uint8Array;
  /** The same messages in frames that are not masked, as a server sends them. */
  echo: Uint8Array;
}

/** The bytes of a handshake request to 127.0.0.1. */
export function handshakeRequest(port: number, path: string): Uint8Array {
  return new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
}

/** Says what is wrong with a complete response head, or `undefined` when it accepts. */
export function handshakeFault(head: string): string | undefined {
  const [status, ...fields] = head.trimEnd().split("\r\n");
  if (!/^HTTP\/1\.1 101( |$)/.test(status ?? "")) return `the server answered "${status}"`;
  const accept = fields.find((field) => /^sec-websocket-accept:/i.test(field));
  const value = accept?.slice(accept.indexOf(":") + 1).trim();
  if (value !== ACCEPT) return `Sec-WebSocket-Accept is "${value ?? ""}", not "${ACCEPT}"`;
  return undefined;
}

/**
 * Builds a batch of `inFlight` binary messages of `bytes` bytes. The messages differ from each
 * other where `bytes` allows it, so that echoes in the wrong order are noticed.
 */
export function buildBatch(inFlight: number, bytes: number): Batch {
  const headerLength = bytes < 126 ? 2 : bytes < 0x10000 ? 4 : 10;
  const request = new Uint8Array((headerLength + 4 + bytes) * inFlight);
  const echo = new Uint8Array((headerLength + bytes) * inFlight);
  let out = 0;
  let back = 0;
  for (let message = 0; message < inFlight; message++) {
    writeHeader(request.subarray(out), bytes, 0x80);
    writeHeader(echo.subarray(back), bytes, 0);
    request.set(MASK, out + headerLength);
    out += headerLength + 4;
    back += headerLength;
    for (let k = 0; k < bytes; k++) {
      const byte = (k * 7 + message * 31 + (k >>> 8)) & 0xff;
      request[out++] = byte ^ MASK[k & 3]!;
      echo[back++] = byte;
    }
  }
  return { request, echo };
}

/** Writes the header of one whole binary message in its shortest form (RFC 6455 §5.2). */
function writeHeader(to: Uint8Array, length: number, maskBit: number): void {
  const view = new DataView(to.buffer, to.byteOffset, to.byteLength);
  view.setUint8(0, 0x80 | OPCODE_BINARY);
  if (length < 126) {
    view.setUint8(1, maskBit | length);
  } else if (length < 0x10000) {
    view.setUint8(1, maskBit | 126);
    view.setUint16(2, length);
  } else {
    view.setUint8(1, maskBit | 127);
    view.setBigUint64(2, BigInt(length));
  }
}
