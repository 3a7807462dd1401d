/**
 * How far a run has come, on standard error: a bar for each agent on a terminal, and a plain line
 * now and then where there is none.
 *
 * @module
 */
// @ts-types="./cli_progress.d.ts"
import { MultiBar, type SingleBar } from "cli-progress";
import { stderr } from "node:process";
import { isFault } from "../model/behavior.ts";
import type { CaseResult } from "../model/result.ts";
import { say } from "./output.ts";

/** Takes results as they come. */
export interface Progress {
  /** Counts a result. */
  add(result: CaseResult): void;
  /** Says something between results. */
  say(line: string): void;
  /** Ends the bars; nothing is to be added from then on. */
  end(): void;
}

/** Progress of runs of `total` cases by each agent, in the form that standard error can show. */
export function createProgress(total: number): Progress {
  return Deno.stderr.isTerminal() ? new BarProgress(total) : new LineProgress(total);
}

/** What is counted for an agent. */
interface Tally {
  done: number;
  faults: number;
}

/** Counts by agent. */
class Tallies {
  readonly #tallies = new Map<string, Tally>();

  add({ agent, behavior, behaviorClose }: CaseResult): Tally {
    const tally = this.#tallies.get(agent) ?? { done: 0, faults: 0 };
    this.#tallies.set(agent, tally);
    tally.done++;
    if (isFault(behavior) || isFault(behaviorClose)) tally.faults++;
    return tally;
  }
}

/** Agents name themselves: what would move the cursor is not printed. */
function shownAgent(agent: string): string {
  return agent.replaceAll(/\p{C}/gu, "�").slice(0, 40);
}

class BarProgress implements Progress {
  readonly #total: number;
  readonly #tallies = new Tallies();
  readonly #bars = new Map<string, SingleBar>();
  readonly #multi = new MultiBar({
    stream: stderr,
    format: "{agent} {bar} {value} of {total}, {faults}, {eta_formatted} left",
    barsize: 30,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: false,
    // Signals are the command's.
    gracefulExit: false,
  });

  constructor(total: number) {
    this.#total = total;
  }

  add(result: CaseResult): void {
    const { done, faults } = this.#tallies.add(result);
    const shown = { agent: shownAgent(result.agent), faults: faultsText(faults) };
    const bar = this.#bars.get(result.agent);
    if (bar === undefined) {
      this.#bars.set(result.agent, this.#multi.create(this.#total, done, shown));
    } else {
      // A client may run a case more than once.
      bar.update(Math.min(done, this.#total), shown);
    }
  }

  say(line: string): void {
    if (this.#bars.size === 0) say(line);
    else this.#multi.log(`${line}\n`);
  }

  end(): void {
    this.#multi.stop();
  }
}

class LineProgress implements Progress {
  readonly #total: number;
  readonly #tallies = new Tallies();

  constructor(total: number) {
    this.#total = total;
  }

  add(result: CaseResult): void {
    const { done, faults } = this.#tallies.add(result);
    const tenth = (count: number) => Math.floor(10 * count / this.#total);
    if (tenth(done) === tenth(done - 1)) return;
    say(`${shownAgent(result.agent)}: ${done} of ${this.#total} cases, ${faultsText(faults)}`);
  }

  say(line: string): void {
    say(line);
  }

  end(): void {}
}

function faultsText(faults: number): string {
  return faults === 1 ? "1 fault" : `${faults} faults`;
}
