/**
 * Two links that are joined in memory, in place of a socket: each direction can cut what
 * passes into pieces, stall, hold back, end and fail.
 *
 * What a link may not do makes the pipe throw. What its receiver may not do shows as bytes
 * gone wrong: input is overwritten after each call, and lies at another offset each time.
 *
 * @module
 */
import type { Link, LinkReceiver } from "../../lib/engine/link.ts";

/** One direction of a pipe. All of it can be changed at any time. */
export class Direction {
  readonly #writer: PipeEnd;
  readonly #reader: PipeEnd;
  /** How much of a write leaves at once; 0 is how `Deno.Conn` does it. */
  takesAtOnce = 0;
  /** How much of a borrowed array leaves with each call of `onWritten`, in turn. */
  takes: readonly number[] = [Infinity];
  /** How much fits on the way before the reader takes it, as in the buffers of a system. */
  capacity = Infinity;
  /** The sizes of the pieces that arrive, in turn. */
  pieces: readonly number[] = [Infinity];
  #stalled = false;
  #held = false;
  #borrowed: Uint8Array | undefined;
  #wire = new Uint8Array(0);
  #ended = false;
  #endTold = false;
  #takeTurn = 0;
  #pieceTurn = 0;
  #scheduled = false;

  constructor(writer: PipeEnd, reader: PipeEnd) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** While true, nothing is taken from the writer: a window of zero. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    this.schedule();
  }

  /** While true, what was taken does not arrive, nor the end. */
  set held(held: boolean) {
    this.#held = held;
    this.schedule();
  }

  /** Bytes that were taken and have not arrived. */
  get onTheWay(): number {
    return this.#wire.length;
  }

  /** Whether the writer has ended this direction. */
  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: Uint8Array): number {
    if (this.#borrowed !== undefined) throw new Error("A write began before the last was over");
    if (this.#ended) throw new Error("A write came after the end");
    const count = this.#take(bytes, this.takesAtOnce);
    if (count < bytes.length) this.#borrowed = bytes.subarray(count);
    this.schedule();
    return count;
  }

  end(): void {
    if (this.#borrowed !== undefined) throw new Error("The end came before a write was over");
    this.#ended = true;
    this.schedule();
  }

  /** The writer is gone: what it lent is lost, what was taken still arrives. */
  cut(): void {
    this.#borrowed = undefined;
    this.end();
  }

  /** The reader is gone; a write that was under way fails. */
  refuse(): void {
    this.#wire = new Uint8Array(0);
    if (this.#borrowed !== undefined) this.#writer.fail("Broken pipe");
  }

  /** Goes on, at the end of the job at hand. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (this.#takeMore() || this.#deliver()) this.schedule();
    });
  }

  #take(bytes: Uint8Array, atMost: number): number {
    if (this.#stalled) return 0;
    const room = this.#reader.gone ? Infinity : this.capacity - this.#wire.length;
    const count = Math.max(0, Math.min(bytes.length, atMost, room));
    if (this.#reader.gone || count === 0) return count;
    const wire = new Uint8Array(this.#wire.length + count);
    wire.set(this.#wire);
    wire.set(bytes.subarray(0, count), this.#wire.length);
    this.#wire = wire;
    return count;
  }

  #takeMore(): boolean {
    if (this.#borrowed === undefined) return false;
    const most = this.takes[this.#takeTurn++ % this.takes.length]!;
    const count = this.#take(this.#borrowed, most);
    if (count === 0) return false;
    const rest = this.#borrowed.subarray(count);
    this.#borrowed = rest.length === 0 ? undefined : rest;
    this.#writer.receiver?.onWritten(count);
    return true;
  }

  #deliver(): boolean {
    if (this.#held || !this.#reader.reads) return false;
    if (this.#wire.length > 0) {
      const most = this.pieces[this.#pieceTurn++ % this.pieces.length]!;
      const piece = this.#wire.subarray(0, most);
      this.#wire = this.#wire.slice(piece.length);
      this.#reader.deliver(piece, this.#pieceTurn % 8);
      return true;
    }
    if (!this.#ended || this.#endTold || this.#borrowed !== undefined) return false;
    this.#endTold = true;
    this.#reader.receiver?.onEnd();
    return false;
  }
}

/** One end of a pipe. */
export class PipeEnd implements Link {
  readonly engine = "codec";
  /** What this end writes, on its way to the other. */
  readonly output: Direction;
  /** The end that this one is joined to. */
  readonly other: PipeEnd;
  /** Who takes what arrives here, while this end works. */
  receiver: LinkReceiver | undefined;
  #started = false;
  #paused = false;
  #gone = false;
  #destroyed = false;

  /** Makes both ends; `first` is for the one that is made along with the other. */
  constructor(first?: PipeEnd) {
    this.other = first ?? new PipeEnd(this);
    this.output = new Direction(this, this.other);
  }

  /** Whether the owner destroyed this end. */
  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** Whether this end was destroyed or has failed. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Whether the owner has stopped the reading. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether what arrives can be delivered. */
  get reads(): boolean {
    return this.#started && !this.#paused && !this.#gone;
  }

  start(receiver: LinkReceiver, first: Uint8Array): void {
    if (this.receiver !== undefined) throw new Error("The link was started twice");
    this.receiver = receiver;
    queueMicrotask(() => {
      this.#started = true;
      if (first.length > 0 && !this.#gone) this.deliver(first, 3);
      this.other.output.schedule();
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.other.output.schedule();
  }

  write(bytes: Uint8Array): number {
    if (this.#destroyed) throw new Error("A write came after the link was destroyed");
    return this.output.write(bytes);
  }

  end(): void {
    if (!this.#gone) this.output.end();
  }

  destroy(): void {
    this.#destroyed = true;
    if (this.#gone) return;
    this.#leave();
    this.output.cut();
    this.other.output.refuse();
  }

  /** Fails both ends, as a reset connection does. */
  reset(): void {
    this.fail("Connection reset by peer");
    this.other.fail("Connection reset by peer");
  }

  /** Fails this end. */
  fail(message: string): void {
    const { receiver } = this;
    if (this.#gone) return;
    this.#leave();
    queueMicrotask(() => {
      if (!this.#destroyed) receiver?.onError(new Error(message));
    });
  }

  /** Hands `piece` over, at `offset` in memory that is overwritten afterwards. */
  deliver(piece: Uint8Array, offset: number): void {
    const bytes = new Uint8Array(piece.length + offset + 5).fill(0xee);
    bytes.set(piece, offset);
    this.receiver?.onBytes(bytes, offset, offset + piece.length);
    bytes.fill(0xee);
  }

  #leave(): void {
    this.#gone = true;
    this.receiver = undefined;
  }
}
