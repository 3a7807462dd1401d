/**
 * Heads of HTTP, put together by hand, so that every part can be made wrong.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { EMPTY } from "../wire/bytes.ts";

/** The value of a field: fixed, or found when the head is built; `null` leaves the field out. */
export type FieldValue<Context> = string | null | ((context: Context) => string);

/** What is different about a head. `Context` is what an ordinary one depends on. */
export interface HeadDraft<Context> {
  /** The first line. @default that of an ordinary head */
  readonly start?: (context: Context) => string;
  /** Fields by name: a value replaces or adds the field. */
  readonly fields?: Readonly<Record<string, FieldValue<Context>>>;
  /** Lines right after the first one, as they are. */
  readonly first?: readonly string[];
  /** Lines after all the others, as they are. */
  readonly lines?: readonly string[] | (() => readonly string[]);
  /** Changes every line of fields. */
  readonly eachLine?: (line: string) => string;
  /** Puts the lines of fields into the opposite order. */
  readonly reversed?: boolean;
  /** What ends each line. @default {"\r\n"} */
  readonly lineEnd?: string;
  /** What stands before the first line. */
  readonly before?: string;
  /** What follows the head at once. */
  readonly after?: Uint8Array;
}

/** An ordinary head. */
export interface OrdinaryHead<Context> {
  readonly start: string;
  readonly fields: Readonly<Record<string, FieldValue<Context>>>;
}

/** The head that a draft describes. Its text is written a byte a character. */
export function buildHead<Context>(
  ordinary: OrdinaryHead<Context>,
  { draft, context }: { draft: HeadDraft<Context>; context: Context },
): Uint8Array {
  const named: string[] = [];
  for (const [name, value] of Object.entries({ ...ordinary.fields, ...draft.fields })) {
    if (value === null) continue;
    named.push(`${name}: ${typeof value === "function" ? value(context) : value}`);
  }
  if (draft.reversed) named.reverse();
  const { first = [], lines = [], eachLine = (line: string): string => line } = draft;
  const fieldLines = [...first, ...named, ...typeof lines === "function" ? lines() : lines];
  const start = draft.start?.(context) ?? ordinary.start;
  const text = (draft.before ?? "") +
    [start, ...fieldLines.map(eachLine), "", ""].join(draft.lineEnd ?? "\r\n");
  return Buffer.concat([Buffer.from(text, "latin1"), draft.after ?? EMPTY]);
}
