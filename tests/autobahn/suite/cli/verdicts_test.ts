/** Verdicts that are compared: the worse, the better, the missing and the new. */
import { assertEquals } from "@std/assert";
import type { Behavior } from "../../../../autobahn/suite/model/behavior.ts";
import {
  compareVerdicts,
  driftText,
  isGain,
  type Verdicts,
  verdictText,
} from "../../../../autobahn/suite/cli/verdicts.ts";

function verdicts(table: Readonly<Record<string, readonly [Behavior, Behavior]>>): Verdicts {
  return new Map(
    Object.entries(table).map((
      [id, [behavior, behaviorClose]],
    ) => [id, { behavior, behaviorClose }]),
  );
}

const EXPECTED = verdicts({
  "1.1.1": ["OK", "OK"],
  "6.4.3": ["NON-STRICT", "OK"],
  "7.3.6": ["OK", "FAILED BY CLIENT"],
});

Deno.test("verdicts: the same is no drift", () => {
  assertEquals(compareVerdicts(EXPECTED, EXPECTED), []);
  assertEquals(
    driftText([], { total: 3, source: "expected.json" }),
    "All of 3 results are as in expected.json.",
  );
});

const CHANGES: readonly (readonly [readonly [Behavior, Behavior], string | undefined])[] = [
  [["NON-STRICT", "OK"], undefined],
  [["OK", "OK"], "better"],
  [["FAILED", "OK"], "worse"],
  [["NON-STRICT", "UNCLEAN"], "worse"],
  [["FAILED", "FAILED"], "worse"],
  [["OK", "WRONG CODE"], "changed"],
  [["UNIMPLEMENTED", "OK"], "worse"],
  [["INFORMATIONAL", "OK"], "better"],
];

for (const [found, change] of CHANGES) {
  Deno.test(`verdicts: NON-STRICT / OK that becomes ${found.join(" / ")}`, () => {
    const drifts = compareVerdicts(
      verdicts({ "6.4.3": found }),
      verdicts({ "6.4.3": ["NON-STRICT", "OK"] }),
    );
    assertEquals(drifts.map((drift) => drift.change), change === undefined ? [] : [change]);
    assertEquals(isGain(drifts), change === undefined || change === "better");
  });
}

Deno.test("verdicts: what is missing and what is new are drifts", () => {
  const found = new Map(EXPECTED);
  found.delete("1.1.1");
  found.set("9.9.9", { behavior: "OK", behaviorClose: "OK" });
  found.set("6.4.3", { behavior: "OK", behaviorClose: "OK" });
  const drifts = compareVerdicts(found, EXPECTED);
  assertEquals(
    driftText(drifts, { total: 3, source: "expected.json" }),
    `case            expected         found
1.1.1  missing  OK / OK          (none)
6.4.3  better   NON-STRICT / OK  OK / OK
9.9.9  new      (none)           OK / OK
3 of 3 results are not as in expected.json.`,
  );
  assertEquals(isGain(drifts), false);
  assertEquals(isGain(drifts.slice(1)), true);
});

Deno.test("verdicts: in words", () => {
  assertEquals(verdictText({ behavior: "OK", behaviorClose: "UNCLEAN" }), "OK / UNCLEAN");
  assertEquals(verdictText(undefined), "(none)");
});
