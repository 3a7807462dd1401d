/**
 * Puts a counter around every condition of a module, to see whether tests make it both
 * true and false. V8's coverage cannot tell: an `if` without `else` whose condition
 * always holds looks complete to it.
 *
 * What counts as a condition: the test of `if` and `? :` and the left side of `&&` and
 * `||` (true or false), the left side of `??` and `?.` (there or missing), and a default
 * value (used at least once). Loops, `case`, `a.b?.()` and assignments like `??=` are left
 * to V8.
 *
 * @module
 */

/** One condition in a source file. */
export interface Condition {
  /** `path:line:column`, both from 1. */
  readonly place: string;
  /** Its source text, cut to 60 characters. */
  readonly text: string;
  /** What its two outcomes are called, the first for bit 1, the second for bit 2. */
  readonly outcomes: readonly string[];
}

const TRUTH = ["false", "true"] as const;
const PRESENCE = ["there", "missing"] as const;
const DEFAULT = ["used"] as const;

interface Wrapped {
  readonly range: Deno.lint.Range;
  readonly outcomes: readonly string[];
}

/**
 * Gives `source` with its conditions wrapped, on the same lines as before, and appends
 * them to `conditions`; the index there is what the wrapper reports. `helper` is the URL
 * of the module that keeps count. Runs only under `deno test`, for `Deno.lint.runPlugin`.
 */
export function instrument(
  path: string,
  source: string,
  { helper, conditions }: { readonly helper: string; readonly conditions: Condition[] },
): string {
  const insertions: { at: number; order: number; text: string }[] = [];
  for (const { range: [start, end], outcomes } of findConditions(path, source)) {
    const call = outcomes === TRUTH ? "seeTruth" : outcomes === PRESENCE ? "seePresence" : "seeUse";
    const length = end - start;
    // At one offset: what ends comes first, the inner one of two first; what begins comes
    // after it, the outer one of two first.
    insertions.push({
      at: start,
      order: 1e9 - length,
      text: `$counters.${call}(${conditions.length}, (`,
    }, { at: end, order: length - 1e9, text: "))" });
    conditions.push({
      place: `${path}:${position(source, start)}`,
      text: source.slice(start, end).replace(/\s+/g, " ").slice(0, 60),
      outcomes,
    });
  }
  insertions.sort((a, b) => a.at - b.at || a.order - b.order);
  let text = `import * as $counters from "${helper}"; `;
  let done = 0;
  for (const { at, text: inserted } of insertions) {
    text += source.slice(done, at) + inserted;
    done = at;
  }
  return text + source.slice(done);
}

function findConditions(path: string, source: string): Wrapped[] {
  const found: Wrapped[] = [];
  const add = (node: Deno.lint.Node, outcomes: readonly string[]): void => {
    found.push({ range: node.range, outcomes });
  };
  const visitor: Deno.lint.LintVisitor = {
    IfStatement: (node) => add(node.test, TRUTH),
    ConditionalExpression: (node) => add(node.test, TRUTH),
    LogicalExpression: (node) => add(node.left, node.operator === "??" ? PRESENCE : TRUTH),
    AssignmentPattern: (node) => add(node.right, DEFAULT),
    MemberExpression(node) {
      // Of `a?.b.c` the runtime calls both optional; wrapping `a?.b` would break the chain.
      const between = source.slice(node.object.range[1], node.property.range[0]);
      if (node.optional && between.includes("?.")) add(node.object, PRESENCE);
    },
    CallExpression(node) {
      // Wrapping `a.b` in `a.b?.()` would lose `this`.
      if (node.optional && node.callee.type === "Identifier") add(node.callee, PRESENCE);
    },
  };
  const plugin: Deno.lint.Plugin = {
    name: "conditions",
    rules: { find: { create: () => visitor } },
  };
  Deno.lint.runPlugin(plugin, path, source);
  return found;
}

function position(source: string, offset: number): string {
  const before = source.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

/** Says which outcome of which condition was never seen; `seen` holds the bits of each. */
export function unseen(conditions: readonly Condition[], seen: readonly number[]): string[] {
  return conditions.flatMap(({ place, text, outcomes }, index) =>
    outcomes.flatMap((outcome, bit) =>
      ((seen[index] ?? 0) >> bit & 1) === 1 ? [] : [`${place}: \`${text}\` was never ${outcome}`]
    )
  );
}
