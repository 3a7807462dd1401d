/**
 * Faults that are planted: how they are made, and which cases find them.
 *
 * @module
 */
import { BEYOND_CASES } from "../../../../autobahn/suite/beyond/mod.ts";
import { isFault } from "../../../../autobahn/suite/model/behavior.ts";
import type { Case, FrameSpec, Role } from "../../../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";
import type { Mending } from "./mending_proxy.ts";

/** A fault, the groups that are run, and the cases among them that it fails. */
export interface Planted {
  /** What is the same for every connection, or made for each. */
  readonly mending: Mending | (() => Mending);
  readonly groups: readonly string[];
  readonly fails: readonly string[];
}

/** The cases of groups that are for a part. */
export function casesOf(groups: readonly string[], testee: Role): Case[] {
  return BEYOND_CASES.filter(({ id, testees = ["server", "client"] }) =>
    testees.includes(testee) && groups.some((group) => id.startsWith(`${group}.`))
  );
}

/** The numbers from one to another in a group. */
export function range(group: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${group}.${first + index}`);
}

/** Adds a field to a head, unless it is there. */
export function withField(head: string, name: string, value: string): string {
  const has = new RegExp(`^${name}:`, "im").test(head);
  return has ? head : head.replace("\r\n\r\n", `\r\n${name}: ${value}\r\n\r\n`);
}

/** Replaces the value of a field, or adds it. */
export function setField(head: string, name: string, value: string): string {
  const others = head.replace(new RegExp(`^${name}:.*\r\n`, "gim"), "");
  return withField(others, name, value);
}

export const ZEROS = new Uint8Array(4);
/** A change of every frame. */
export function each(
  change: (frame: FrameSpec) => Partial<FrameSpec>,
): (frame: FrameSpec) => FrameSpec[] {
  return (frame) => [{ ...frame, ...change(frame) }];
}

/** A frame in its shortest form. */
export function shortened({ lengthBits: _, ...frame }: FrameSpec): FrameSpec[] {
  return [frame];
}

/** Whether both verdicts are good. */
export function isGood({ behavior, behaviorClose }: CaseResult): boolean {
  return !isFault(behavior) && !isFault(behaviorClose);
}

/** What makes the changes of a connection. */
export function made(mending: Planted["mending"]): () => Mending {
  return typeof mending === "function" ? mending : () => mending;
}

/** Faults wait for the suite's patience to end, not for each other. */
export const TOGETHER: Pick<
  Deno.TestStepDefinition,
  "sanitizeOps" | "sanitizeResources" | "sanitizeExit"
> = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
