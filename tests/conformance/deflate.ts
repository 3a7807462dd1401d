/**
 * permessage-deflate for the server of the planted faults: plain `node:zlib`, written without a
 * look at the library.
 *
 * @module
 */
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

const TAIL = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

/** A stream of zlib, as far as it is used here. */
type Stream = ReturnType<typeof createDeflateRaw> | ReturnType<typeof createInflateRaw>;

/** One direction of a connection. */
export interface Direction {
  readonly windowBits: number;
  readonly contextTakeover: boolean;
}

/** Compresses messages, one after the other. */
export class Deflater {
  readonly #direction: Direction;
  #stream: Stream | undefined;

  /** Takes what was agreed on. */
  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** The compressed payload of a message. */
  async deflate(payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { windowBits, contextTakeover } = this.#direction;
    if (!contextTakeover) this.close();
    this.#stream ??= tolerant(createDeflateRaw({ windowBits, level: 1 }));
    if (payload.length === 0) return new Uint8Array([0x00]);
    const output = await pump(this.#stream, payload);
    return output.subarray(0, output.length - TAIL.length);
  }

  /** Frees what zlib holds. */
  close(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}

/** Inflates messages, one after the other. */
export class Inflater {
  readonly #direction: Direction;
  #stream: Stream | undefined;

  /** Takes what was agreed on. */
  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** The message of a compressed payload. Rejects when it is not valid. */
  async inflate(payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { windowBits, contextTakeover } = this.#direction;
    if (!contextTakeover) this.close();
    this.#stream ??= tolerant(createInflateRaw({ windowBits }));
    const whole = new Uint8Array(payload.length + TAIL.length);
    whole.set(payload);
    whole.set(TAIL, payload.length);
    return await pump(this.#stream, whole);
  }

  /** Frees what zlib holds. */
  close(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}

/** The stream, which may tell a fault more than once: only the first has someone to hear it. */
function tolerant<Any extends Stream>(stream: Any): Any {
  stream.on("error", () => {});
  return stream;
}

/** Pushes `input` through, and gives all that comes out. */
function pump(stream: Stream, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const pieces: Uint8Array[] = [];
  const collect = (piece: Uint8Array) => void pieces.push(piece);
  stream.on("data", collect);
  stream.once("error", reject);
  stream.write(input);
  stream.flush(constants.Z_SYNC_FLUSH, () => {
    stream.off("data", collect);
    stream.off("error", reject);
    if (stream.errored) reject(stream.errored);
    else resolve(concat(pieces));
  });
  return promise;
}

/** The pieces, one behind the other. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
