/**
 * What a bench has found, as text and as JSON.
 *
 * @module
 */
import { printableText } from "../../../connection/printable_text.ts";
import { duration } from "../notices.ts";
import type { Ending } from "./endings.ts";
import type { Histogram } from "./histogram.ts";
import type { Load, LoadCounts } from "./load.ts";

/** What was asked for. */
export interface BenchPlan {
  readonly url: string;
  readonly connections: number;
  /** Messages a second. */
  readonly rate: number;
  /** Bytes a message. */
  readonly size: number;
}

/** Times in milliseconds. */
export interface TimeSummary {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What came of it; without an answer there are no times. */
export interface BenchResult extends BenchPlan, LoadCounts {
  /** Seconds in which messages were due. */
  readonly seconds: number;
  /** Answers a second. */
  readonly throughput: number;
  /** From when a message was due until its answer. */
  readonly latency: TimeSummary | null;
  /** From when a message was due until it was sent. */
  readonly lateness: TimeSummary | null;
  /** How connections ended that ended too early, the most frequent way first. */
  readonly endings: readonly Ending[];
}

/** So many ways to end are shown to people. */
const SHOWN_ENDINGS = 5;

/** Sums up. */
export function resultOf(plan: BenchPlan, load: Load): BenchResult {
  const seconds = load.counts.due / plan.rate;
  // Answers may go on behind that, from a server that cannot keep up.
  const answering = Math.max(seconds, load.answeredWithin / 1000);
  return {
    ...plan,
    seconds,
    ...load.counts,
    throughput: answering === 0 ? 0 : rounded(load.counts.answered / answering),
    latency: summaryOf(load.latency),
    lateness: summaryOf(load.lateness),
    endings: load.endings.list,
  };
}

/** The lines for people. */
export function reportLines(result: BenchResult): string[] {
  const { url, connections, rate, size, seconds, due, sent, answered, mismatched, lost } = result;
  const lines = [
    `${url}: ${count(connections, "connection")}, ${rate} messages/s of ${count(size, "byte")}, ` +
    `${seconds.toFixed(1)} s`,
    `  sent       ${sent} of ${due} that were due`,
    `  answered   ${answered}, ${result.throughput.toFixed(1)}/s`,
    `  latency    ${timesOf(result.latency, "no answer")}`,
    `  sent late  ${timesOf(result.lateness, "nothing sent")}`,
  ];
  if (mismatched > 0) {
    lines.push(`  ${count(mismatched, "answer")} unlike what was sent: is this an echo server?`);
  }
  return lost === 0 ? lines : [...lines, ...endingLines(result)];
}

function endingLines({ lost, connections, endings }: BenchResult): string[] {
  const rest = endings.slice(SHOWN_ENDINGS).reduce((sum, { count }) => sum + count, 0);
  return [
    `  ${lost} of ${count(connections, "connection")} ended too early:`,
    ...endings.slice(0, SHOWN_ENDINGS).map((ending) => `    ${endingText(ending)}`),
    ...rest > 0 ? [`    ${rest} in other ways`] : [],
  ];
}

/** What a peer gave as its reason may not be fit for a terminal. */
function endingText({ count, code, reason, error }: Ending): string {
  const words = reason === "" ? "" : `: ${reason}`;
  return printableText(`${count} with ${code}${words}${error === null ? "" : ` (${error})`}`);
}

/** How it goes, on one line. */
export function liveLine({ counts, latency, elapsed }: Load): string {
  const { sent, answered } = counts;
  const times = latency.count === 0
    ? "warming up"
    : `p50 ${duration(latency.percentile(50))}  p99 ${duration(latency.percentile(99))}  ` +
      `max ${duration(latency.max)}`;
  return `${(elapsed / 1000).toFixed(1)} s  sent ${sent}  answered ${answered}  ${times}`;
}

function summaryOf(times: Histogram): TimeSummary | null {
  if (times.count === 0) return null;
  return {
    min: rounded(times.min),
    mean: rounded(times.mean),
    p50: rounded(times.percentile(50)),
    p90: rounded(times.percentile(90)),
    p99: rounded(times.percentile(99)),
    p999: rounded(times.percentile(99.9)),
    max: rounded(times.max),
  };
}

function timesOf(times: TimeSummary | null, none: string): string {
  if (times === null) return none;
  const { p50, p90, p99, p999, max } = times;
  const named = Object.entries({ p50, p90, p99, "p99.9": p999, max });
  return named.map(([name, time]) => `${name} ${duration(time)}`).join("  ");
}

/** To three decimals: times to the microsecond. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
