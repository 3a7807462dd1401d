/**
 * Files of expected results: `{ "1.1.1": ["OK", "OK"], … }`, both verdicts of each case, in numeric
 * order and a line each, so that a change is a line in the history.
 *
 * @module
 */
import { type Behavior, BEHAVIORS } from "../model/behavior.ts";
import { compareIds } from "../model/ids.ts";
import type { Verdict, Verdicts } from "./verdicts.ts";

/** A file that does not hold what it should; the message names the file and the place. */
export class FileFormatError extends Error {
  override readonly name: string = "FileFormatError";
}

/**
 * The verdicts of a file's text.
 *
 * @param source How the file is called in messages.
 * @throws {FileFormatError} when it is no such file.
 */
export function parseExpected(text: string, source: string): Verdicts {
  const entries = Object.entries(parseObject(text, source));
  return new Map(entries.map(([id, value]) => [id, verdictOf(value, `${source}, case ${id}`)]));
}

function verdictOf(value: unknown, place: string): Verdict {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new FileFormatError(`${place}: it must be a list of two verdicts, ["OK", "OK"]`);
  }
  const [behavior, behaviorClose] = value;
  return {
    behavior: parseBehavior(behavior, place),
    behaviorClose: parseBehavior(behaviorClose, place),
  };
}

/** The text of a file with these verdicts. */
export function formatExpected(verdicts: Verdicts): string {
  const lines = [...verdicts]
    .sort(([a], [b]) => compareIds(a, b))
    .map(([id, { behavior, behaviorClose }]) => `  "${id}": ["${behavior}", "${behaviorClose}"]`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/**
 * An object in JSON.
 *
 * @throws {FileFormatError} when `text` is none.
 */
export function parseObject(text: string, source: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FileFormatError(
      `${source} is no JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (isObject(value)) return value;
  throw new FileFormatError(`${source}: the whole must be an object in JSON`);
}

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A word of a verdict.
 *
 * @param place Where it stands, for the message.
 * @throws {FileFormatError} when it is none.
 */
export function parseBehavior(value: unknown, place: string): Behavior {
  const behavior = BEHAVIORS.find((each) => each === value);
  if (behavior !== undefined) return behavior;
  throw new FileFormatError(
    `${place}: a verdict must be one of ${BEHAVIORS.join(", ")}; got ${JSON.stringify(value)}`,
  );
}
