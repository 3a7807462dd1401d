/** The page of a conformance report, in a browser. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AUTOBAHN_CASES } from "../../autobahn/suite/cases/mod.ts";
import type { CaseResult, WireLogLine } from "../../autobahn/suite/model/result.ts";
import { writeReports } from "../../autobahn/suite/report/mod.ts";
import { caseResult, hexOf, octets, OPENING } from "../autobahn/suite/report/fixtures.ts";
import { clientPeer, runChecks } from "./harness.ts";
import { NODE_MODULES, PEERS } from "./paths.ts";

const VISITOR = {
  command: {
    executable: "node",
    args: [`${PEERS}/report_visitor.mjs`],
    env: { NODE_PATH: NODE_MODULES },
  },
};

/** What the page does; `peers/report_visitor.mjs` knows how to see it. */
const USES: readonly string[] = [
  "it opens in less than a second",
  "all cases and agents are there",
  "verdicts filter",
  "a section, text and numbers filter",
  "agents are chosen and compared",
  "the address says what is shown",
  "a cell opens its details",
  "the offending byte is marked",
  "an agent's own fault is told apart",
  "keys are enough",
  "the way back leads out of the details",
];

/** What it is like, whoever looks at it and whatever stands in it. */
const LOOKS: readonly string[] = [
  "hostile words are shown and do nothing",
  "tables and names are told to those who do not see",
  "everything can be read in light and dark",
  "nothing is wider than a desk",
  "nothing is wider than a phone",
  "it prints",
];

const INFORMATIONAL: readonly string[] = ["7.1.6", "7.13.1", "7.13.2"];
const MARKUP = `<img src=x onerror="document.title='owned'">`;

/** Text that goes wrong at its second byte, as the suite sent it. */
const WRONG_TEXT: readonly WireLogLine[] = [
  ...OPENING,
  ["TF", [3, "0xeda080"], 1, true, 0, "01020304", null, null, false],
  ["TO", octets("818301020304eca283"), false],
];

/** A message with a reserved bit, as an agent sent it. */
const WRONG_BIT: readonly WireLogLine[] = [
  ...OPENING,
  ["TF", [2, "hi"], 1, true, 0, "00000000", null, null, false],
  ["TO", octets("818200000000" + hexOf("hi")), false],
  ["RO", octets("c102" + hexOf("hi"))],
];

/** What the agent `strict` does wrong, and `hostile …` says, where they differ from `good`. */
const DIFFERENCES: Readonly<Record<string, Partial<CaseResult>>> = {
  "strict 6.3.1": {
    behavior: "FAILED",
    result: "It took what is no text.",
    wirelog: [...WRONG_TEXT],
    rule: "RFC 6455 §8.1",
    description: "Sends text that is no UTF-8.",
  },
  "strict 5.1": { behaviorClose: "WRONG CODE", wirelog: [...WRONG_BIT] },
  "hostile 1.1.1": { behavior: "NON-STRICT", result: MARKUP, httpResponse: MARKUP },
};

/** Results of all 517 cases. */
function results(agent: string): CaseResult[] {
  return AUTOBAHN_CASES.map(({ id, description, expectation, rule }, index) => {
    const behavior = INFORMATIONAL.includes(id) ? "INFORMATIONAL" : "OK";
    const words = { id, case: index + 1, description, expectation, rule };
    const difference = DIFFERENCES[`${agent.split(" ", 1)[0]} ${id}`];
    return caseResult({ agent, ...words, behavior, behaviorClose: behavior, ...difference });
  });
}

Deno.test("interop report page", async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "report-" });
  try {
    const agents = ["good", "strict", "hostile <b>name</b>\x1b"];
    await writeReports(agents.flatMap(results), { directory });
    const url = pathToFileURL(join(directory, "index.html")).href;
    for (const checks of [USES, LOOKS]) {
      await runChecks(t, { client: clientPeer(VISITOR), target: { url, checks } });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
