/**
 * A message that is framed once and sent to many.
 *
 * @module
 */
import { MessageFramer, type MessageFramerOptions } from "../protocol/message_framer.ts";
import { OutputBuffer } from "../protocol/output_buffer.ts";
import { FramesInTurns, type FramesWaiter } from "./frames_in_turns.ts";

/**
 * A message as an unmasked frame, made once for each `group`; `options` say how, and are the
 * same within a group. For engines.
 */
export let framesOf: (
  message: PreparedMessage,
  group: string,
  options: MessageFramerOptions,
) => Uint8Array;

/**
 * The same for a long message, compressed in turns: `onEnd` is called when `framesOf` has the
 * frames, or with why `options` could not make them. Returns what gives the waiting up;
 * `undefined`, with nothing to wait for, when the frames were made before. For engines.
 */
export let waitForFrames: (
  message: PreparedMessage,
  group: string,
  waiter: FramesWaiter,
) => (() => void) | undefined;

/**
 * A message for many connections. Its frame is made, and compressed, once for all that use
 * the same compression, and then shared. Who cannot share frames it anew: a client, which
 * masks each frame with a new key, and a connection whose compression has a context.
 *
 * From 256 KiB on it is compressed in turns, between which other connections are served, and
 * leaves in 256 fragments at most. Whoever sends it meanwhile waits for the same work, and what
 * is sent after it waits too.
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
  readonly #frames = new Map<string, Uint8Array>();
  /** The frames that are being made in turns. */
  #making: Map<string, FramesInTurns> | undefined;

  /** Takes text, or bytes, which are copied. */
  constructor(data: string | Uint8Array) {
    if (typeof data !== "string" && !(data instanceof Uint8Array)) {
      throw new TypeError("Cannot prepare the message: it must be a string or a Uint8Array");
    }
    // Not `slice`, which does not copy the bytes of a Buffer.
    this.data = typeof data === "string" ? data : new Uint8Array(data);
  }

  static {
    framesOf = (message, group, options) => {
      let frames = message.#frames.get(group);
      if (frames === undefined) {
        frames = frameOf(message.data, options);
        message.#frames.set(group, frames);
      }
      return frames;
    };
    waitForFrames = (message, group, waiter) => {
      if (message.#frames.has(group)) return undefined;
      const making = message.#makingOf(group);
      making.join(waiter);
      return () => making.leave(waiter);
    };
  }

  #makingOf(group: string): FramesInTurns {
    const all = this.#making ??= new Map();
    const current = all.get(group);
    if (current !== undefined) return current;
    const making = new FramesInTurns(this.data, (frames) => {
      all.delete(group);
      if (frames !== undefined) this.#frames.set(group, frames);
    });
    all.set(group, making);
    return making;
  }
}

function frameOf(data: string | Uint8Array, options: MessageFramerOptions): Uint8Array {
  const output = new OutputBuffer();
  const framer = new MessageFramer(output, options);
  if (typeof data === "string") framer.writeText(data, true);
  else framer.writeBinary(data, true);
  const frames = output.take().slice();
  output.giveBack();
  return frames;
}
