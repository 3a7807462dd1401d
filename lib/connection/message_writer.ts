/**
 * One message on its way out, piece by piece: each chunk leaves as a fragment (RFC 6455
 * §5.4).
 *
 * @module
 */
import type { MessageType } from "../protocol/opcodes.ts";
import { Utf8Validator } from "../protocol/utf8.ts";

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** What a message writer needs of its connection. */
export interface FragmentSink {
  /** Sends a fragment, the last one with `fin`; gives a promise when it is better to wait. */
  sendFragment(bytes: Uint8Array, fin: boolean): Promise<void> | undefined;
  /** The message cannot be completed. */
  abandon(reason: unknown): void;
}

/**
 * Opens a stream whose chunks become the fragments of one message. Closing it completes
 * the message. Aborting it closes the connection with 1011, because a message that has
 * begun cannot be taken back; so does a chunk that cannot be part of the message
 * or cannot be sent.
 *
 * Text takes strings, also ones that cut a surrogate pair, and UTF-8 bytes.
 */
export function openMessageWriter(
  type: MessageType,
  sink: FragmentSink,
): WritableStream<string | Uint8Array> {
  const chunks: ChunkEncoder = type === "text" ? new TextChunks() : binaryChunks;
  const fail = (error: unknown): never => {
    sink.abandon(error);
    throw error;
  };
  /** A stream that fails within `write` or `close`, at once or later, is not told by `abort`. */
  const attempt = (step: () => Promise<void> | undefined): Promise<void> | undefined => {
    try {
      return step()?.catch(fail);
    } catch (error) {
      return fail(error);
    }
  };
  return new WritableStream<string | Uint8Array>({
    write(chunk) {
      return attempt(() => {
        const bytes = chunks.encode(chunk);
        return bytes.length === 0 ? undefined : sink.sendFragment(bytes, false);
      });
    },
    close() {
      return attempt(() => sink.sendFragment(chunks.end(), true));
    },
    abort(reason) {
      sink.abandon(reason);
    },
  });
}

/** Turns the chunks of one message into bytes. */
interface ChunkEncoder {
  /** @throws {TypeError} when the chunk cannot be part of the message. */
  encode(chunk: unknown): Uint8Array;
  /** What is still to be sent. @throws {TypeError} when the message cannot end here. */
  end(): Uint8Array;
}

const binaryChunks: ChunkEncoder = {
  encode(chunk) {
    if (chunk instanceof Uint8Array) return chunk;
    throw new TypeError(`Cannot write to a binary message: got ${typeof chunk}, not a Uint8Array`);
  },
  end: () => EMPTY,
};

class TextChunks implements ChunkEncoder {
  readonly #validator = new Utf8Validator();
  /** The first half of a surrogate pair that was cut. */
  #half = "";

  encode(chunk: unknown): Uint8Array {
    if (chunk instanceof Uint8Array) return this.#bytes(chunk);
    if (typeof chunk === "string") return this.#text(chunk);
    throw new TypeError(
      `Cannot write to a text message: got ${typeof chunk}, not a string or a Uint8Array`,
    );
  }

  end(): Uint8Array {
    this.#needWhole();
    return encoder.encode(this.#half);
  }

  #bytes(chunk: Uint8Array): Uint8Array {
    if (this.#half !== "") {
      throw new TypeError(
        "Cannot write to a text message: the string before ends in half a surrogate pair",
      );
    }
    if (this.#validator.push(chunk, 0, chunk.length)) return chunk;
    throw new TypeError("Cannot write to a text message: the bytes are not UTF-8");
  }

  #text(chunk: string): Uint8Array {
    this.#needWhole();
    const text = this.#half + chunk;
    const cut = endsInHighSurrogate(text);
    this.#half = cut ? text.slice(-1) : "";
    return encoder.encode(cut ? text.slice(0, -1) : text);
  }

  #needWhole(): void {
    if (this.#validator.complete) return;
    throw new TypeError("Cannot write to a text message: the bytes before end in a character");
  }
}

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
