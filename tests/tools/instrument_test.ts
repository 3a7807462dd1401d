import { assertEquals } from "@std/assert";
import { type Condition, instrument, unseen } from "./instrument.ts";

const HELPER = new URL("./counters.ts", import.meta.url).href;

function rewrite(source: string): { readonly text: string; readonly conditions: Condition[] } {
  const conditions: Condition[] = [];
  const text = instrument("a.ts", source, { helper: HELPER, conditions });
  return { text: text.slice(text.indexOf("; ") + 2), conditions };
}

Deno.test("instrument: wrappers nest as the expressions do, and lines stay", () => {
  const { text, conditions } = rewrite("if (a && b) {\n  c = a?.d ?? e;\n}\n");
  assertEquals(
    text.replaceAll("$counters.", ""),
    "if (seeTruth(0, (seeTruth(1, (a)) && b))) {\n" +
      "  c = seePresence(2, (seePresence(3, (a))?.d)) ?? e;\n}\n",
  );
  assertEquals(conditions.map(({ place, text }) => `${place} ${text}`), [
    "a.ts:1:5 a && b",
    "a.ts:1:5 a",
    "a.ts:2:7 a?.d",
    "a.ts:2:7 a",
  ]);
});

Deno.test("instrument: a chain of optional members still ends where something is missing", () => {
  const { text } = rewrite("a?.b.c; a?.b?.c.d(); (a ?? b)?.[c];");
  assertEquals(
    text.replaceAll("$counters.", ""),
    "seePresence(0, (a))?.b.c; seePresence(1, (seePresence(2, (a))?.b))?.c.d(); " +
      "(seePresence(3, (seePresence(4, (a)) ?? b)))?.[c];",
  );
});

/** Stands in for `counters.ts`: notes every call where the test can see it. */
const LOG_HELPER = dataUrl(`
  export const log = [];
  const see = (what) => (index, value) => (log.push([what, index]), value);
  export const seeTruth = see("truth"), seePresence = see("presence"), seeUse = see("use");
`);

function dataUrl(source: string): string {
  return `data:application/typescript,${encodeURIComponent(source)}`;
}

Deno.test("instrument: the rewritten module counts what it meets and gives the same", async () => {
  const source = `
    export class A {
      #b?: { c: number } | undefined;
      get(d = 1, e?: () => number): number {
        if (d > 1) this.#b ??= { c: d };
        return this.#b?.c ?? e?.() ?? (d === 1 && e === undefined ? -1 : 0);
      }
    }
  `;
  const rewritten = instrument("a.ts", source, { helper: LOG_HELPER, conditions: [] });
  const { log } = await import(LOG_HELPER);
  for (const args of [[], [1, () => 7], [2]]) {
    const { A } = await import(dataUrl(source));
    const { A: Counting } = await import(dataUrl(rewritten));
    assertEquals(new Counting().get(...args), new A().get(...args));
  }
  const kinds = Map.groupBy<string, [string, number]>(log, ([what]) => what);
  assertEquals([...kinds].map(([what, calls]) => [what, calls.length]).sort(), [
    ["presence", 11],
    ["truth", 5],
    ["use", 1],
  ]);
});

Deno.test("instrument: an outcome that was not seen is named with its place", () => {
  const { conditions } = rewrite("if (a) b();\nc(d?.e);\nfunction f(g = 1) {}\n");
  assertEquals(unseen(conditions, [2, 3]), [
    "a.ts:1:5: `a` was never false",
    "a.ts:3:16: `1` was never used",
  ]);
  assertEquals(unseen(conditions, [3, 1, 1]), ["a.ts:2:3: `d` was never missing"]);
  assertEquals(unseen(conditions, [3, 3, 1]), []);
});
