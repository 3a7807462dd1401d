/**
 * The frames of a long prepared message: compressed in turns, once for all connections that use
 * the same compression, which wait for them and then get them one after the other.
 *
 * @module
 */
import { type Work, workQueue } from "../compression/work_queue.ts";
import { MessageFramer, type MessageFramerOptions } from "../protocol/message_framer.ts";
import { OutputBuffer } from "../protocol/output_buffer.ts";
import { TurnPieces } from "./long_message.ts";

/** A connection that waits for the frames. */
export interface FramesWaiter {
  /** How it makes frames; whoever waits for the same frames would make them the same. */
  readonly options: MessageFramerOptions;
  /** The frames are made; or they cannot be made here, and why. */
  onEnd(error?: unknown): void;
}

/**
 * One message on its way to be frames. The one that has waited longest lends its compressor. When
 * it leaves before they are made, its compressor goes with it, and the next one begins again.
 */
export class FramesInTurns implements Work {
  readonly #pieces: TurnPieces;
  readonly #onMade: (frames: Uint8Array | undefined) => void;
  readonly #waiting: Set<FramesWaiter> = new Set();
  readonly #output = new OutputBuffer();
  /** Uses the compressor of the first that waits; `undefined` until the first turn. */
  #framer: MessageFramer | undefined;
  #made = false;

  /**
   * Takes the message, whose bytes must not change any more, and what is called once: with the
   * frames before anyone else hears of them, with `undefined` when nobody waits for them any more.
   */
  constructor(message: string | Uint8Array, onMade: (frames: Uint8Array | undefined) => void) {
    this.#pieces = new TurnPieces(message);
    this.#onMade = onMade;
  }

  /** Waits for the frames. */
  join(waiter: FramesWaiter): void {
    this.#waiting.add(waiter);
    if (this.#waiting.size === 1) workQueue.add(this);
  }

  /** Waits no more. Does nothing for who was told of the end. */
  leave(waiter: FramesWaiter): void {
    const lender = this.#first;
    if (!this.#waiting.delete(waiter)) return;
    if (this.#waiting.size === 0) workQueue.withdraw(this);
    if (this.#made) return;
    if (waiter === lender) this.#restart();
    if (this.#waiting.size === 0) this.#onMade(undefined);
  }

  turn(): boolean {
    const waiter = this.#first!;
    // All who wait take a copy, which takes time as well: one a turn.
    if (this.#made) this.#tell(waiter);
    else this.#makeMore(waiter);
    return this.#waiting.size > 0;
  }

  get #first(): FramesWaiter | undefined {
    return this.#waiting.values().next().value;
  }

  #tell(waiter: FramesWaiter, error?: unknown): void {
    this.leave(waiter);
    waiter.onEnd(error);
  }

  #makeMore(lender: FramesWaiter): void {
    const { type } = this.#pieces;
    try {
      this.#framer ??= new MessageFramer(this.#output, lender.options);
      const piece = this.#pieces.next();
      const fin = this.#pieces.left === 0;
      this.#framer.writeFragment(type, piece, { fin, compress: true });
      if (!fin) return;
      const frames = this.#takeFrames();
      this.#made = true;
      this.#onMade(frames);
    } catch (error) {
      this.#tell(lender, error);
    }
  }

  #takeFrames(): Uint8Array {
    const { type, bytes } = this.#pieces;
    // What does not shrink goes as it is, in one frame.
    if (this.#output.length >= bytes.length) {
      this.#clear();
      new MessageFramer(this.#output, {}).writeFragment(type, bytes, {
        fin: true,
        compress: false,
      });
    }
    const frames = this.#output.take().slice();
    this.#output.giveBack();
    return frames;
  }

  #restart(): void {
    this.#pieces.restart();
    this.#framer = undefined;
    this.#clear();
  }

  #clear(): void {
    this.#output.take();
    this.#output.giveBack();
  }
}
