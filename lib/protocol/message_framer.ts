/**
 * Messages of ours as frames: compressed where that was agreed on and is worth it, whole or
 * in fragments (RFC 6455 §5.4, RFC 7692 §6.1).
 *
 * @module
 */
import { frameStart, FrameWriter } from "./frame_writer.ts";
import type { MaskKeys } from "./mask.ts";
import { type MessageType, Opcode } from "./opcodes.ts";
import type { OutputBuffer } from "./output_buffer.ts";
import type { MessageDeflater } from "./permessage_deflate/codec.ts";

const TEXT = frameStart(Opcode.TEXT, true);
const BINARY = frameStart(Opcode.BINARY, true);
const COMPRESSED_TEXT = frameStart(Opcode.TEXT, true, true);
const COMPRESSED_BINARY = frameStart(Opcode.BINARY, true, true);

/** Text up to this many UTF-16 units is encoded in memory that is kept. */
const SCRATCH_UNITS = 16_384;

const encoder = new TextEncoder();
let scratch: Uint8Array<ArrayBuffer> | undefined;

/** How messages are framed. */
export interface MessageFramerOptions {
  /** Where masking keys come from; a client's frames need them. @default undefined */
  maskKeys?: MaskKeys | undefined;
  /** Compresses messages. @default undefined: they go as they are */
  deflater?: MessageDeflater | undefined;
  /** A shorter message goes as it is: bytes, of text UTF-16 units. @default 0 */
  threshold?: number | undefined;
}

/** Appends messages to an output. */
export class MessageFramer {
  readonly #writer: FrameWriter;
  readonly #deflater: MessageDeflater | undefined;
  readonly #threshold: number;
  #fragmenting = false;
  /** The message in fragments is compressed. */
  #deflating: MessageDeflater | undefined;

  constructor(output: OutputBuffer, options: MessageFramerOptions) {
    this.#writer = new FrameWriter(output, options.maskKeys);
    this.#deflater = options.deflater;
    this.#threshold = options.threshold ?? 0;
  }

  /** True within a message in fragments. */
  get fragmenting(): boolean {
    return this.#fragmenting;
  }

  /** Writes a text message; lone surrogates become U+FFFD. */
  writeText(text: string, compress: boolean): void {
    const deflater = this.#deflater;
    if (deflater === undefined || !compress || text.length < this.#threshold) {
      this.#writer.writeText(TEXT, text);
    } else {
      this.#writeDeflated(deflater, encode(text), true);
    }
  }

  /** Writes a binary message. */
  writeBinary(bytes: Uint8Array, compress: boolean): void {
    const deflater = this.#deflater;
    if (deflater === undefined || !compress || bytes.length < this.#threshold) {
      this.#writer.writeBytes(BINARY, bytes);
    } else {
      this.#writeDeflated(deflater, bytes, false);
    }
  }

  /** Writes the next fragment of a message, the last one with `fin`. */
  writeFragment(
    type: MessageType,
    bytes: Uint8Array,
    options: { fin: boolean; compress: boolean },
  ): void {
    const { fin, compress } = options;
    const first = !this.#fragmenting;
    if (first) this.#deflating = compress ? this.#deflater : undefined;
    const opcode = !first ? Opcode.CONTINUATION : type === "text" ? Opcode.TEXT : Opcode.BINARY;
    const deflater = this.#deflating;
    const payload = deflater === undefined ? bytes : deflater.push(bytes, fin);
    this.#fragmenting = !fin;
    this.#writer.writeBytes(frameStart(opcode, fin, first && deflater !== undefined), payload);
  }

  /** Writes a control frame. */
  writeControl(start: number, payload: Uint8Array): void {
    this.#writer.writeBytes(start, payload);
  }

  #writeDeflated(deflater: MessageDeflater, bytes: Uint8Array, text: boolean): void {
    const deflated = deflater.push(bytes, true);
    // With a shared window the peer has to see what went into it.
    if (deflater.independent && deflated.length >= bytes.length) {
      this.#writer.writeBytes(text ? TEXT : BINARY, bytes);
    } else {
      this.#writer.writeBytes(text ? COMPRESSED_TEXT : COMPRESSED_BINARY, deflated);
    }
  }
}

/** The UTF-8 of `text`, valid until the next call. */
function encode(text: string): Uint8Array {
  if (text.length > SCRATCH_UNITS) return encoder.encode(text);
  scratch ??= new Uint8Array(3 * SCRATCH_UNITS);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}
