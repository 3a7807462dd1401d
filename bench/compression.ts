/**
 * Candidates for the raw deflate of RFC 7692, measured beside each other without a network:
 * messages a second and bytes that remain, or with `memory <candidate>` what a context costs.
 *
 * ```sh
 * deno task bench compression
 * deno run --no-lock --no-prompt bench/compression.ts --npm --rounds 5 --only one-shot,handle
 * deno run --no-lock --no-prompt bench/compression.ts memory handle --window-bits 15
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { parseArgs } from "node:util";
import { type Candidate, candidates, type Codec, type Settings } from "./compression_candidates.ts";

/** Numbers from 0 to 1, the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Corpus {
  readonly name: string;
  readonly messages: readonly Uint8Array[];
}

function makeJson(next: () => number, bytes: number): string {
  const records: unknown[] = [];
  const text = (): string =>
    JSON.stringify({ type: "quotes", sequence: Math.floor(next() * 1e6), records });
  while (text().length < bytes) {
    const symbol = ["AAPL", "MSFT", "NVDA", "SAP", "ASML"][Math.floor(next() * 5)];
    const price = Math.round(next() * 1e5) / 100;
    records.push({ symbol, price, size: Math.floor(next() * 900), id: next().toString(36) });
  }
  return text().slice(0, bytes);
}

function makeText(next: () => number, bytes: number): string {
  const word = (): string => next().toString(36).slice(2, 3 + Math.floor(next() * 9));
  const words = Array.from({ length: 4_000 }, word);
  let text = "";
  while (text.length < bytes) text += `${words[Math.floor(next() ** 3 * words.length)]} `;
  return text.slice(0, bytes);
}

function makeCorpora(): Corpus[] {
  const next = numbers(7692);
  const corpus = (name: string, count: number, make: typeof makeJson, bytes: number): Corpus => {
    const encoder = new TextEncoder();
    const messages = Array.from({ length: count }, () => encoder.encode(make(next, bytes)));
    return { name, messages };
  };
  // More than twice the largest window each, so that no message finds its own last turn in there.
  return [
    corpus("100 B JSON", 1024, makeJson, 100),
    corpus("363 B JSON", 256, makeJson, 363),
    corpus("1 KB JSON", 128, makeJson, 1024),
    corpus("64 KB text", 4, makeText, 65_536),
    corpus("1 MB text", 2, makeText, 1_048_576),
  ];
}

/** Runs `step` over and over; returns how often a second. */
async function rate(milliseconds: number, step: () => unknown): Promise<number> {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    const result = step();
    if (result instanceof Promise) await result;
    count++;
    elapsed = performance.now() - start;
  }
  return count * 1000 / elapsed;
}

/** One line of the result: a candidate in one setting with one corpus. */
class Cell {
  readonly #codec: Codec;
  readonly #corpus: Corpus;
  readonly #payloads: Uint8Array[] = [];
  readonly labels: readonly string[];
  readonly deflating: number[] = [];
  readonly inflating: number[] = [];
  /** Why there is nothing to measure. */
  failure: string | undefined;
  #deflateTurn = 0;
  #inflateTurn = 0;

  constructor(candidate: Candidate, settings: Settings, corpus: Corpus) {
    const takeover = settings.takeover ? "takeover" : "none";
    this.labels = [corpus.name, `${settings.level}`, takeover, candidate.name];
    this.#codec = candidate.create(settings);
    this.#corpus = corpus;
  }

  /** Makes the payloads, and checks that they inflate to the messages. */
  async prepare(): Promise<void> {
    try {
      await this.#makePayloads();
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  async #makePayloads(): Promise<void> {
    for (const message of this.#corpus.messages) {
      const payload = (await this.#codec.deflate(message)).slice();
      const inflated = await this.#codec.inflate(payload);
      if (Buffer.compare(message, inflated) !== 0) {
        throw new Error("a message came back changed");
      }
      this.#payloads.push(payload);
    }
  }

  async measure(milliseconds: number): Promise<void> {
    const count = this.#payloads.length;
    const { messages } = this.#corpus;
    this.deflating.push(
      await rate(milliseconds, () => this.#codec.deflate(messages[this.#deflateTurn++ % count]!)),
    );
    // The first payload refers to nothing before it, so the sequence can be repeated without end,
    // as long as no payload is left out.
    const next = (): Uint8Array => this.#payloads[this.#inflateTurn++ % count]!;
    this.inflating.push(await rate(milliseconds, () => this.#codec.inflate(next())));
  }

  /** Bytes of the payloads, as a share of those of the messages. */
  share(): number {
    const total = (list: readonly Uint8Array[]): number =>
      list.reduce((sum, m) => sum + m.length, 0);
    return total(this.#payloads) / total(this.#corpus.messages);
  }

  close(): void {
    this.#codec.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function printTable(cells: readonly Cell[]): void {
  console.log(
    "| corpus | level | context | candidate | deflate/s | ratio | inflate/s | ratio | bytes left |",
  );
  console.log("| --- | --: | --- | --- | --: | --: | --: | --: | --: |");
  const ratio = (values: readonly number[], base: readonly number[]): string =>
    median(values.map((value, round) => value / base[round]!)).toFixed(2);
  // The first candidate of a corpus, level and context is what the others are compared with.
  let base = cells[0]!;
  for (const cell of cells) {
    if (cell.labels.slice(0, 3).join() !== base.labels.slice(0, 3).join()) base = cell;
    if (cell.failure !== undefined) {
      console.log(`| ${cell.labels.join(" | ")} | failed: ${cell.failure} |`);
      continue;
    }
    console.log(`| ${
      [
        ...cell.labels,
        Math.round(median(cell.deflating)),
        ratio(cell.deflating, base.deflating),
        Math.round(median(cell.inflating)),
        ratio(cell.inflating, base.inflating),
        `${(cell.share() * 100).toFixed(1)} %`,
      ].join(" | ")
    } |`);
  }
}

interface Plan {
  readonly levels: readonly number[];
  readonly rounds: number;
  readonly milliseconds: number;
}

async function compare(list: readonly Candidate[], plan: Plan): Promise<void> {
  const cells: Cell[] = [];
  for (const corpus of makeCorpora()) {
    for (const level of plan.levels) {
      for (const takeover of [false, true]) {
        const settings = { level, takeover, windowBits: 15, memLevel: 8 };
        const group = list.filter((candidate) => candidate.takeover.includes(takeover))
          .map((candidate) => new Cell(candidate, settings, corpus));
        for (const cell of group) await cell.prepare();
        for (let round = 0; round < plan.rounds; round++) {
          for (const cell of group) {
            if (cell.failure === undefined) await cell.measure(plan.milliseconds);
          }
        }
        for (const cell of group) cell.close();
        cells.push(...group);
      }
    }
  }
  printTable(cells);
}

/** Prints what a pair of warm contexts adds to the resident memory, and that closing frees it. */
async function measureMemory(candidate: Candidate, settings: Settings): Promise<void> {
  const message = makeCorpora()[2]!.messages[0]!;
  const open = async (count: number): Promise<Codec[]> => {
    const codecs = Array.from({ length: count }, () => candidate.create(settings));
    for (const codec of codecs) {
      for (let turn = 0; turn < 40; turn++) await codec.inflate(await codec.deflate(message));
    }
    return codecs;
  };
  const resident = (): number => Deno.memoryUsage().rss / 1024;
  const warm = await open(10);
  const before = resident();
  const cycles: number[] = [];
  // Closed codecs stay reachable, so that only `close` can have freed what the next ones take.
  const closed: Codec[] = warm;
  for (let cycle = 0; cycle < 4; cycle++) {
    const codecs = await open(1_000);
    cycles.push(resident() - before);
    for (const codec of codecs) codec.close();
    closed.push(...codecs);
  }
  console.log(`${candidate.name}: ${(cycles[0]! / 1000).toFixed(0)} KiB for a pair of contexts`);
  console.log(`1,000 pairs, opened and closed again and again, in KiB: ${cycles.map(Math.round)}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      npm: { type: "boolean", default: false },
      only: { type: "string" },
      levels: { type: "string", default: "1,3,6" },
      rounds: { type: "string", default: "5" },
      milliseconds: { type: "string", default: "50" },
      "window-bits": { type: "string", default: "15" },
      "mem-level": { type: "string", default: "8" },
    },
  });
  const [command, name] = positionals;
  const only = command === "memory" ? [name] : values.only?.split(",");
  const list = (await candidates(values.npm)).filter((it) => only?.includes(it.name) ?? true);
  if (list.length === 0) throw new RangeError(`No candidate of this name; --npm adds those of npm`);
  const levels = values.levels.split(",").map(Number);
  if (command !== "memory") {
    const rounds = Number(values.rounds);
    return await compare(list, { levels, rounds, milliseconds: Number(values.milliseconds) });
  }
  await measureMemory(list[0]!, {
    level: 6,
    takeover: list[0]!.takeover.includes(true),
    windowBits: Number(values["window-bits"]),
    memLevel: Number(values["mem-level"]),
  });
}

if (import.meta.main) await main();
