/**
 * What is counted while the closed loop runs.
 *
 * @module
 */

import { LoadError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Libc } from "./libc.ts";

/** How long the closed loop runs, and against what. */
export interface EchoOptions {
  /** How long it runs; the first fifth is warm-up and not counted. */
  seconds: number;
  /** Process number of the server, 0 when it is not known. */
  serverPid: number;
}

/** What `echo` prints. */
export interface EchoResult {
  /** Messages echoed a second. */
  messagesPerSecond: number;
  /** Payload echoed a second, before compression and counted once, in units of 1,000,000 bytes. */
  megabytesPerSecond: number;
  /** Time from writing a batch to its last echoed byte: half of all batches took at most this. */
  p50Microseconds: number;
  /** The same for 99 of 100 batches. */
  p99Microseconds: number;
  /** Bytes to the server for one message: payload as sent, and frame header. */
  bytesSent: number;
  /** Bytes from the server for one message. */
  bytesReceived: number;
  /** Processor time of the generator by elapsed time; 1 means that it was the limit. */
  generatorBusy: number;
  /** Processor time of the server for one message; missing without `--server-pid`. */
  serverMicroseconds?: number;
}

/** Later batches than these count, but their latency takes the place of an earlier one. */
const SAMPLES_MAX = 1 << 22;

/** Counts batches and the processor time that they cost. */
export class Measurement {
  readonly #libc: Libc;
  readonly #exchange: Exchange;
  readonly #serverPid: number;
  readonly #latencies = new Float64Array(SAMPLES_MAX);
  readonly #warmUntil: number;
  readonly #endsAt: number;
  #from = 0;
  #batches = 0;
  #received = 0;
  #ownTime = 0;
  #serverTime = 0;

  /** Starts the clock. */
  constructor(libc: Libc, exchange: Exchange, { seconds, serverPid }: EchoOptions) {
    const now = performance.now();
    this.#libc = libc;
    this.#exchange = exchange;
    this.#serverPid = serverPid;
    this.#warmUntil = now + seconds * 200;
    this.#endsAt = now + seconds * 1000;
  }

  /** Says whether there is time left. */
  goesOn(now: number): boolean {
    if (this.#from === 0 && now >= this.#warmUntil) {
      this.#from = now;
      this.#ownTime = this.#libc.processorTime(0);
      this.#serverTime = this.#libc.processorTime(this.#serverPid);
    }
    return now < this.#endsAt;
  }

  /** Counts a batch of so many bytes of echoes, unless this is still the warm-up. */
  add(milliseconds: number, bytes: number): void {
    if (this.#from === 0) return;
    this.#latencies[this.#batches++ % SAMPLES_MAX] = milliseconds;
    this.#received += bytes;
  }

  /** Sums up. */
  end(): EchoResult {
    const { inFlight, bytes, request } = this.#exchange;
    const serverPid = this.#serverPid;
    const milliseconds = performance.now() - this.#from;
    const ownTime = this.#libc.processorTime(0) - this.#ownTime;
    const serverTime = this.#libc.processorTime(serverPid) - this.#serverTime;
    if (this.#batches === 0) throw new LoadError("No batch of echoes was complete in time");
    const sorted = this.#latencies.subarray(0, Math.min(this.#batches, SAMPLES_MAX)).sort();
    const messages = this.#batches * inFlight;
    const messagesPerSecond = messages / milliseconds * 1000;
    return {
      messagesPerSecond,
      megabytesPerSecond: messagesPerSecond * bytes / 1e6,
      p50Microseconds: sorted[Math.floor(sorted.length * 0.5)]! * 1000,
      p99Microseconds: sorted[Math.floor(sorted.length * 0.99)]! * 1000,
      bytesSent: request.length / inFlight,
      bytesReceived: this.#received / messages,
      generatorBusy: ownTime / milliseconds,
      ...(serverPid === 0 ? {} : { serverMicroseconds: serverTime / messages * 1000 }),
    };
  }
}
