/**
 * Turns standard input into what is to be done: messages of text or bytes, or commands in JSON.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";
import { parseJsonCommand } from "./json_command.ts";
import type { Command } from "./commands.ts";
import { type ByteSource, LongRecordError, records } from "./records.ts";

/** What input consists of. */
export type InputFormat =
  /** Each record is a text message. */
  | "text"
  /** Each record is a binary message. */
  | "binary"
  /** Each record is a binary message in base64. */
  | "base64"
  /** Each record is a command in JSON. */
  | "json";

/** How input is read. */
export interface InputOptions {
  /** What a record is. */
  readonly format: InputFormat;
  /**
   * What stands behind each record; `undefined`: a line end (LF or CR LF), or for `"binary"` none,
   * so that every piece that is read is a message.
   */
  readonly delimiter: Uint8Array | undefined;
  /** Only one record is wanted; of `"binary"` without a delimiter, all there is. */
  readonly single: boolean;
  /** The longest record, in bytes. @default {16777216} */
  readonly maxBytes?: number | undefined;
}

const LINE_FEED = new Uint8Array([0x0a]);
const CARRIAGE_RETURN = 0x0d;
const NONE = new Uint8Array(0);

/**
 * What `source` asks for, as much at a time as was read. The data of binary messages is valid
 * until more is asked for.
 *
 * @throws {UsageError} when a record is too long; the message says what would be right.
 * @throws {SyntaxError} when a record is not what the format says; the message tells which one.
 */
export async function* readCommands(
  source: ByteSource,
  options: InputOptions,
): AsyncGenerator<Command[], void, void> {
  let count = 0;
  try {
    for await (const commands of commandsOf(source, options)) {
      yield commands;
      count += commands.length;
    }
  } catch (error) {
    if (!(error instanceof LongRecordError)) throw error;
    throw new UsageError(tooLong(error.maxBytes, count + 1, options));
  }
}

/** What is said of a record that is too long, the `count`th one. */
function tooLong(
  maxBytes: number,
  count: number,
  { format, delimiter, single }: InputOptions,
): string {
  const limit = `longer than ${maxBytes % 2 ** 20 === 0 ? maxBytes / 2 ** 20 : maxBytes} ` +
    `${maxBytes % 2 ** 20 === 0 ? "MiB" : "bytes"}`;
  if (format !== "binary") {
    const what = delimiter === undefined ? "line" : "message";
    return `${what} ${count} is ${limit}; --binary sends input of any length, in pieces, and ` +
      "--delimiter says where else to cut it";
  }
  return single && delimiter === undefined
    ? `it is ${limit}, and --one sends all of it in one message; without --one, --binary sends ` +
      "it in pieces"
    : `message ${count} is ${limit}; without --delimiter, --binary sends input of any length, ` +
      "in pieces";
}

async function* commandsOf(
  source: ByteSource,
  { format, delimiter, single, maxBytes }: InputOptions,
): AsyncGenerator<Command[], void, void> {
  const whole = single && format === "binary" && delimiter === undefined;
  const cut = delimiter ?? (format === "binary" ? NONE : LINE_FEED);
  const toCommand = converter(format, delimiter === undefined);
  const pieces = records(source, { delimiter: cut, maxBytes });
  if (whole) return yield [{ kind: "send", data: await joined(pieces, maxBytes) }];
  let count = 0;
  for await (const found of pieces) {
    const wanted = single ? found.slice(0, 1) : found;
    yield wanted.map((record) => toCommand(record, ++count));
    if (single) return;
  }
}

/** All records in one. */
async function joined(
  pieces: AsyncIterable<Uint8Array[]>,
  maxBytes = 16 * 1024 * 1024,
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    for (const record of piece) {
      all.push(record.slice());
      length += record.length;
      if (length > maxBytes) throw new LongRecordError(maxBytes);
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const record of all) {
    whole.set(record, at);
    at += record.length;
  }
  return whole;
}

type Converter = (record: Uint8Array, count: number) => Command;

function converter(format: InputFormat, isLines: boolean): Converter {
  if (format === "binary") return (record) => ({ kind: "send", data: record });
  // A byte order mark is kept within a text and dropped at the start of the first one.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const textOf = (record: Uint8Array, count: number): string => {
    const ended = isLines && record.at(-1) === CARRIAGE_RETURN;
    const text = decoder.decode(ended ? record.subarray(0, -1) : record);
    return count === 1 && text.startsWith("\ufeff") ? text.slice(1) : text;
  };
  switch (format) {
    case "text":
      return (record, count) => ({ kind: "send", data: textOf(record, count) });
    case "base64":
      return (record, count) => ({ kind: "send", data: fromBase64(textOf(record, count), count) });
    case "json":
      return (record, count) => parseJsonCommand(textOf(record, count), count);
  }
}

function fromBase64(text: string, count: number): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new SyntaxError(`message ${count} is no base64, such as aGVsbG8=`);
  }
}
