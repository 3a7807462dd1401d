/**
 * Which cases a run is made of: patterns of numbers, as Autobahn|Testsuite has them.
 *
 * @module
 */
import type { Case, Role } from "./model/case.ts";

/** Every case that there is. */
export interface Catalogue {
  /** The cases of Autobahn|Testsuite, in numeric order. */
  readonly autobahn: readonly Case[];
  /** The sections that Autobahn|Testsuite does not have, in numeric order. */
  readonly beyond: readonly Case[];
}

/** What to select. */
export interface Selection {
  /** The part that the testee plays: cases for the other part are left out. */
  readonly role: Role;
  /**
   * Patterns of which one must match: `"6.4.1"` is one case, `"6.4"` the cases of a group, and a
   * star stands for anything, also behind the end: `"6.*"`.
   *
   * @default all
   */
  readonly include?: readonly string[];
  /** Patterns of which none may match. @default none */
  readonly exclude?: readonly string[];
  /**
   * Whether the sections beyond Autobahn are among the cases. Without, a pattern can still name
   * them: one that matches none of Autobahn's cases is looked up there.
   *
   * @default {false}
   */
  readonly beyond?: boolean;
}

/** A selection that makes no sense; the message says which pattern, and what would be right. */
export class SelectionError extends Error {
  override readonly name: string = "SelectionError";
}

/**
 * The selected cases in numeric order, each once.
 *
 * @throws {SelectionError} when a pattern matches nothing, or nothing is left.
 */
export function selectCases(catalogue: Catalogue, selection: Selection): readonly Case[] {
  const { role, include = [], exclude = [], beyond = false } = selection;
  const all = [...catalogue.autobahn, ...catalogue.beyond];
  const standard = beyond ? all : catalogue.autobahn;
  const included = include.length === 0
    ? new Set(standard)
    : union(include.map((pattern) => matches(pattern, { first: standard, then: all, role })));
  const excluded = union(exclude.map((pattern) => matches(pattern, { first: all, then: [] })));
  const selected = all.filter((each) =>
    included.has(each) && !excluded.has(each) && isFor(each, role)
  );
  if (selected.length === 0) throw new SelectionError("No case is left: less must be excluded");
  return selected;
}

/** Whether a case is for testees that play `role`. */
function isFor({ testees = ["server", "client"] }: Case, role: Role): boolean {
  return testees.includes(role);
}

function union(sets: readonly ReadonlySet<Case>[]): ReadonlySet<Case> {
  return new Set(sets.flatMap((set) => [...set]));
}

function matches(
  pattern: string,
  { first, then, role }: { first: readonly Case[]; then: readonly Case[]; role?: Role },
): ReadonlySet<Case> {
  const expression = compile(pattern);
  const match = (cases: readonly Case[]) => cases.filter(({ id }) => expression.test(id));
  const found = match(first);
  if (found.length === 0) found.push(...match(then));
  if (found.length === 0) {
    throw new SelectionError(
      `No case has a number like "${pattern}": a pattern is a number, such as 6.4.1, or its ` +
        "beginning and a star, such as 6.*; deno task conformance --list shows the numbers",
    );
  }
  if (role !== undefined && !found.some((each) => isFor(each, role))) {
    const other = role === "server" ? "clients" : "servers";
    throw new SelectionError(`The cases of "${pattern}" are for ${other} only`);
  }
  return new Set(found);
}

/** With a star, a pattern is the beginning of a number; without, a number or one of its parents. */
function compile(pattern: string): RegExp {
  const words = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
  // Any other character would match nothing, or be a part of the expression.
  if (!/^[\d.*]+$/.test(pattern)) return /^(?!)/;
  return words.length > 1 ? new RegExp(`^${words.join(".*")}`) : new RegExp(`^${words[0]}(\\.|$)`);
}
