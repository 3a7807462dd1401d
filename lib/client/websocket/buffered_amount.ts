/**
 * `bufferedAmount` of the WHATWG class: application data that was sent and has not left,
 * where a connection counts frames as they are on the wire.
 *
 * @module
 */
import { queueTask } from "./tasks.ts";

/** What tells how many bytes of frames wait. */
export interface WireBuffer {
  /** Bytes that were sent here and that the operating system has not taken yet. */
  readonly bufferedAmount: number;
}

/** A message that was handed to the connection. */
interface Sent {
  /** Its application data, in bytes. */
  readonly bytes: number;
  /** Where its frame ends, among the bytes of all messages. */
  readonly end: number;
}

/** Counts the application data of one WebSocket. */
export class BufferedAmount {
  #wire: WireBuffer | undefined;
  /** All that counts: what waits for its turn, what waits in the connection, what is lost. */
  #amount = 0;
  readonly #sent: Sent[] = [];
  /** How many bytes of frames the messages had so far. */
  #written = 0;
  /** Something was added in the current task. */
  #fresh = false;

  /**
   * The amount. Within a task it only grows: what left meanwhile is taken off in the next.
   */
  get value(): number {
    this.update();
    return this.#amount;
  }

  /** Adds the application data of a message, which need not be handed to the connection. */
  add(bytes: number): void {
    this.update();
    this.#amount += bytes;
    if (this.#fresh) return;
    this.#fresh = true;
    queueTask(() => this.#fresh = false);
  }

  /** Hands a message of `bytes` bytes, added before, to the connection by calling `send`. */
  handOver(wire: WireBuffer, bytes: number, send: () => void): void {
    this.#wire = wire;
    const before = wire.bufferedAmount;
    send();
    this.#written += Math.max(0, wire.bufferedAmount - before);
    this.#sent.push({ bytes, end: this.#written });
  }

  /**
   * Takes off the messages that have left. A control frame behind them makes that later, so
   * this is called before one is sent.
   */
  update(): void {
    if (this.#fresh || this.#wire === undefined) return;
    const left = this.#written - this.#wire.bufferedAmount;
    const waiting = this.#sent.findIndex(({ end }) => end > left);
    const gone = this.#sent.splice(0, waiting < 0 ? this.#sent.length : waiting);
    for (const { bytes } of gone) this.#amount -= bytes;
  }
}
