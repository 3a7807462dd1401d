/**
 * A message that is framed once and sent to many.
 *
 * @module
 */
import { frameStart, FrameWriter } from "../protocol/frame_writer.ts";
import { Opcode } from "../protocol/opcodes.ts";
import { OutputBuffer } from "../protocol/output_buffer.ts";

/**
 * A message for many connections. Its frame is made at the first use and then shared;
 * a client, which has to mask each frame with a new key, frames it anew.
 *
 * @example Sending one message to many
 * ```ts
 * import { type Connection, PreparedMessage } from "@tidewire/tidewire";
 *
 * function publish(connections: Iterable<Connection>, text: string): void {
 *   const message = new PreparedMessage(text);
 *   for (const connection of connections) connection.send(message);
 * }
 * ```
 */
export class PreparedMessage {
  /** What is sent. */
  readonly data: string | Uint8Array;
  #frames: Uint8Array | undefined;

  /** Takes text, or bytes, which are copied. */
  constructor(data: string | Uint8Array) {
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new TypeError("Cannot prepare the message: it must be a string or a Uint8Array");
    }
    // Not `slice`, which does not copy the bytes of a Buffer.
    this.data = typeof data === "string" ? data : new Uint8Array(data);
  }

  /** The message as an unmasked frame, as a server sends it. */
  get frames(): Uint8Array {
    this.#frames ??= frameOf(this.data);
    return this.#frames;
  }
}

function frameOf(data: string | Uint8Array): Uint8Array {
  const output = new OutputBuffer();
  const writer = new FrameWriter(output);
  if (typeof data === "string") writer.writeText(frameStart(Opcode.TEXT, true), data);
  else writer.writeBytes(frameStart(Opcode.BINARY, true), data);
  return output.bytes.slice(0, output.length);
}
