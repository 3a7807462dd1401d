/**
 * The flags of permessage-deflate, the same for both commands.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { compressionMemory } from "../compression/budget.ts";
import { compressionQueue } from "../compression/work_queue.ts";
import type { CompressionOptions } from "../connection/compression_options.ts";
import { parseByteSize } from "./option_values.ts";

/** Which messages may refer to those before them. */
type Takeover = "none" | "server" | "client" | "both";

/** What the flags give. */
export interface CompressionFlags {
  readonly compress: boolean;
  readonly compressLevel?: number;
  readonly compressMemory?: number;
  readonly compressThreshold?: number;
  readonly contextTakeover?: Takeover;
  readonly takeoverMemory?: number;
  readonly compressJobs?: number;
  readonly serverWindowBits?: number;
  readonly clientWindowBits?: number;
}

/** The flags that say how to compress; without compression they would say nothing. */
const SETTINGS = [
  "compressLevel",
  "compressMemory",
  "compressThreshold",
  "contextTakeover",
  "takeoverMemory",
  "compressJobs",
  "serverWindowBits",
  "clientWindowBits",
] as const satisfies readonly (keyof CompressionFlags)[];

/** Adds the flags to a command, whose help says what is done without them. */
export function addCompressionFlags(program: Command, takeover: Takeover): Command {
  return program
    .addOption(
      new Option("--no-compress", "do without permessage-deflate").conflicts([...SETTINGS]),
    )
    .option("--compress-level <n>", "1 is fast, 9 is small (default: 1)", wholeNumber(1, 9))
    .option(
      "--compress-memory <n>",
      "memory for compressing: 1 is little, 9 is fast (default: 8)",
      wholeNumber(1, 9),
    )
    .option(
      "--compress-threshold <size>",
      "send shorter messages as they are; 0 compresses all (default: 1KiB)",
      byteSizeOrZero,
    )
    .addOption(
      new Option(
        "--context-takeover <directions>",
        "whose messages may refer to earlier ones: smaller, at a price in memory " +
          `(default: ${takeover})`,
      ).choices(["none", "server", "client", "both"]),
    )
    .option(
      "--takeover-memory <size>",
      "the most memory for that in this process; beyond, new connections do without " +
        "(default: 64MiB)",
      byteSizeOrZero,
    )
    .option(
      "--compress-jobs <n>",
      "how many messages of 256 KiB and more are compressed in turns with each other; more " +
        "wait (default: 4)",
      wholeNumber(1, 1000),
    )
    .option(
      "--server-window-bits <n>",
      "the largest window of what the server sends, 9 to 15 (default: 15)",
      wholeNumber(9, 15),
    )
    .option(
      "--client-window-bits <n>",
      "the largest window of what the client sends, 9 to 15 (default: 15)",
      wholeNumber(9, 15),
    );
}

/**
 * The connection option that the flags mean: `false` with `--no-compress`, `undefined` when
 * none was given.
 */
export function compressionOf(flags: CompressionFlags): CompressionOptions | false | undefined {
  if (!flags.compress) return false;
  const { contextTakeover: takeover } = flags;
  const options = defined({
    level: flags.compressLevel,
    memoryLevel: flags.compressMemory,
    threshold: flags.compressThreshold,
    serverMaxWindowBits: flags.serverWindowBits,
    clientMaxWindowBits: flags.clientWindowBits,
    serverContextTakeover: takeover && allowIf(takeover === "server" || takeover === "both"),
    clientContextTakeover: takeover && allowIf(takeover === "client" || takeover === "both"),
  });
  const { takeoverMemory, compressJobs } = flags;
  const asked = Object.keys(options).length > 0 ||
    takeoverMemory !== undefined || compressJobs !== undefined;
  return asked ? options : undefined;
}

/** Sets the limits of compression in this process, where a flag says so. */
export function limitCompression({ takeoverMemory, compressJobs }: CompressionFlags): void {
  if (takeoverMemory !== undefined) compressionMemory.maxBytes = takeoverMemory;
  if (compressJobs !== undefined) compressionQueue.concurrency = compressJobs;
}

function allowIf(allowed: boolean): "allow" | "never" {
  return allowed ? "allow" : "never";
}

/** The entries that have a value. */
function defined(
  options: { [Key in keyof CompressionOptions]: CompressionOptions[Key] | undefined },
): CompressionOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function byteSizeOrZero(value: string): number {
  return value === "0" ? 0 : parseByteSize(value);
}

/** A parser of whole numbers. */
function wholeNumber(from: number, to: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}
