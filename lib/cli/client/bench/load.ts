/**
 * Open-loop load: messages are due at a fixed rate, whether answers come or not, and the latency
 * of each counts from the time it was due. A server that stalls cannot slow the load down, so the
 * wait of all that should have been sent meanwhile is in the figures (no coordinated omission).
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { CloseEvent } from "../../../connection/transport.ts";
import { Endings } from "./endings.ts";
import { Histogram } from "./histogram.ts";
import type { Lane, LaneReceiver } from "./lane.ts";

/** How load is made. Times are milliseconds. */
export interface LoadOptions {
  /** Messages a second, over all connections. */
  readonly rate: number;
  /** How long is measured. */
  readonly duration: number;
  /** How long load is made before that. */
  readonly warmUp: number;
  /** How long answers are waited for in the end. */
  readonly drain: number;
  /** Stops early. */
  readonly signal: AbortSignal;
}

/** What was counted. Messages of the warm-up are in none of it. */
export interface LoadCounts {
  /** Messages that were due. */
  due: number;
  /** Those that were sent. */
  sent: number;
  /** Those that were answered. */
  answered: number;
  /** Answers that were not as long as what was sent, or that answered nothing. */
  mismatched: number;
  /** Connections that ended too early. */
  lost: number;
}

/** From here on the event loop is polled: timers of the runtime come up to so much too late. */
const POLL = 1.5;
/** So many messages are sent in a row before what has come is looked at. */
const BURST = 64;

/** The load, and what is measured. */
export class Load implements LaneReceiver {
  /** From when a message was due until its answer. */
  readonly latency = new Histogram();
  /** From when a message was due until it was sent: how late we were ourselves. */
  readonly lateness = new Histogram();
  /** How those connections ended that ended too early. */
  readonly endings = new Endings();
  readonly counts: LoadCounts = { due: 0, sent: 0, answered: 0, mismatched: 0, lost: 0 };
  readonly #options: LoadOptions;
  /** What was due before does not count. */
  #measuredFrom = Infinity;
  #lastAnswer = 0;
  #stopped = false;
  /** Settles when an answer comes or a connection has ended. */
  #progress = Promise.withResolvers<void>();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** How long it has been measuring, in milliseconds. */
  get elapsed(): number {
    return Math.max(0, performance.now() - this.#measuredFrom);
  }

  /** From the start of measuring to the last answer, in milliseconds. */
  get answeredWithin(): number {
    return Math.max(0, this.#lastAnswer - this.#measuredFrom);
  }

  onAnswer(due: number): void {
    this.#progress.resolve();
    if (due < this.#measuredFrom) return;
    this.#lastAnswer = performance.now();
    this.counts.answered++;
    this.latency.record(this.#lastAnswer - due);
  }

  onMismatch(due = Infinity): void {
    if (due >= this.#measuredFrom) this.counts.mismatched++;
  }

  onEnded(event: CloseEvent): void {
    this.#progress.resolve();
    if (this.#stopped) return;
    this.counts.lost++;
    this.endings.add(event);
  }

  /** Makes the load, and waits for the answers. */
  async run(lanes: readonly Lane[], data: string | Uint8Array): Promise<void> {
    const { rate, duration, warmUp, signal } = this.#options;
    const start = performance.now();
    const total = Math.ceil((warmUp + duration) * rate / 1000);
    this.#measuredFrom = start + warmUp;
    for (let next = 0; next < total && !signal.aborted; next++) {
      const due = start + next * 1000 / rate;
      if (due > performance.now()) await until(due, signal);
      else if (next % BURST === 0) await setImmediate();
      if (signal.aborted) break;
      this.#send(lanes[next % lanes.length]!, data, due);
    }
    await this.#awaitAnswers(lanes);
    // A peer may have sent its close frame, and kept TCP open: that is an end as well.
    await Promise.all(lanes.map((lane) => lane.settled()));
    this.#stopped = true;
  }

  #send(lane: Lane, data: string | Uint8Array, due: number): void {
    const lateness = performance.now() - due;
    const isSent = lane.send(data, due);
    if (due < this.#measuredFrom) return;
    this.counts.due++;
    if (!isSent) return;
    this.counts.sent++;
    this.lateness.record(lateness);
  }

  async #awaitAnswers(lanes: readonly Lane[]): Promise<void> {
    const { drain, signal } = this.#options;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, drain);
    let isLate = signal.aborted;
    late.promise.then(() => isLate = true);
    signal.addEventListener("abort", () => late.resolve(), { once: true });
    while (!isLate && lanes.some(({ unanswered }) => unanswered > 0)) {
      this.#progress = Promise.withResolvers();
      await Promise.race([this.#progress.promise, late.promise]);
    }
    clearTimeout(timer);
  }
}

/** Waits for a time of `performance.now()`, more exactly than a timer can. */
async function until(time: number, signal: AbortSignal): Promise<void> {
  const rest = time - performance.now() - POLL;
  if (rest > 1) {
    const woken = Promise.withResolvers<void>();
    const timer = setTimeout(woken.resolve, rest);
    const onAbort = () => woken.resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    await woken.promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
  while (performance.now() < time && !signal.aborted) await setImmediate();
}
