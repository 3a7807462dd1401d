/**
 * Pings that wait for their pongs, and the round trips that they measure (RFC 6455 §5.5.2,
 * §5.5.3).
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { ConnectionError } from "./errors.ts";
import { refused } from "./gate.ts";

/** More pings than this do not wait at a time. */
const MAX_WAITING = 64;

interface Waiting {
  readonly payload: Uint8Array;
  readonly sentAt: number;
  readonly resolve: ((roundTrip: number) => void) | undefined;
  readonly reject: ((error: unknown) => void) | undefined;
}

/** The pings of one connection. */
export class Pings {
  readonly #clock: Clock;
  readonly #send: (payload: Uint8Array) => void;
  #waiting: Waiting[] = [];
  #count = 0;
  #latency: number | undefined;

  /** `send` sends a ping with a payload. */
  constructor(clock: Clock, send: (payload: Uint8Array) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** The latest round trip, in milliseconds. */
  get latency(): number | undefined {
    return this.#latency;
  }

  /** Sends a ping that nobody waits for. */
  beat(): void {
    if (this.#waiting.length < MAX_WAITING) this.#begin(this.#nextPayload(), undefined, undefined);
  }

  /**
   * Sends a ping and gives its round trip in milliseconds.
   *
   * @throws {RangeError} when the payload is too long to be sent.
   */
  ping(payload?: Uint8Array, signal?: AbortSignal): Promise<number> {
    if (signal?.aborted === true) return refused(signal.reason);
    if (this.#waiting.length >= MAX_WAITING) {
      const detail = `${MAX_WAITING} pings wait for an answer already`;
      return refused(new ConnectionError("ERR_INVALID_STATE", { detail }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    promise.catch(() => {}); // nobody has to wait
    // Not `slice`, which does not copy the bytes of a Buffer.
    const own = payload === undefined ? this.#nextPayload() : new Uint8Array(payload);
    this.#begin(own, resolve, reject);
    if (signal !== undefined) {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      const forget = () => signal.removeEventListener("abort", onAbort);
      promise.then(forget, forget);
    }
    return promise;
  }

  /**
   * Takes a pong; its round trip, or `undefined` when it answers no ping that waits. A
   * pong answers the pings before its own too: a peer may skip those (RFC 6455 §5.5.3).
   */
  onPong(payload: Uint8Array): number | undefined {
    const at = this.#waiting.findIndex((waiting) => sameBytes(waiting.payload, payload));
    if (at < 0) return undefined;
    const now = this.#clock.now();
    const answered = this.#waiting.splice(0, at + 1);
    for (const { sentAt, resolve } of answered) resolve?.(now - sentAt);
    this.#latency = now - answered[at]!.sentAt;
    return this.#latency;
  }

  /** Fails whatever waits. */
  end(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject?.(error);
  }

  #begin(payload: Uint8Array, resolve: Waiting["resolve"], reject: Waiting["reject"]): void {
    this.#send(payload);
    this.#waiting.push({ payload, sentAt: this.#clock.now(), resolve, reject });
  }

  /** Four bytes that count, so that each pong can be told from the others. */
  #nextPayload(): Uint8Array {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, ++this.#count);
    return payload;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
