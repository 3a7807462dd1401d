/**
 * The suite against a server with planted faults: each gets exactly the verdicts that it deserves,
 * and the server without a fault gets none.
 */
import { assert, assertEquals } from "@std/assert";
import { BEYOND_CASES } from "../../autobahn/suite/beyond/mod.ts";
import { AUTOBAHN_CASES } from "../../autobahn/suite/cases/mod.ts";
import type { Case } from "../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../autobahn/suite/model/result.ts";
import { testServer } from "../../autobahn/suite/run/test_server.ts";
import { selectCases } from "../../autobahn/suite/select.ts";
import { DESERVED, type Deserved } from "./deserved.ts";
import { type Fault, FAULTS } from "./faults.ts";
import { serveFaulty } from "./faulty_server.ts";

const CATALOGUE = { autobahn: AUTOBAHN_CASES, beyond: BEYOND_CASES };

/** Most of the time is spent on waiting for what a faulty server does not do. */
const JOBS = 16;

function select(patterns: string): readonly Case[] {
  return selectCases(CATALOGUE, { role: "server", include: patterns.split(" ") });
}

/** Both verdicts of each case that is run. */
type Verdicts = Record<string, readonly [behavior: string, behaviorClose: string]>;

function deserved({ run, verdicts }: Deserved): Verdicts {
  const cases = select(run);
  const all: Verdicts = {};
  for (const { id } of cases) all[id] = ["OK", "OK"];
  for (const [behavior, behaviorClose, patterns] of verdicts) {
    const include = patterns.split(" ");
    const named = selectCases(CATALOGUE, { role: "server", include, beyond: true });
    for (const { id } of named) if (id in all) all[id] = [behavior, behaviorClose];
  }
  return all;
}

async function verdicts(fault: Fault | undefined, run: string): Promise<Verdicts> {
  await using server = serveFaulty(fault);
  const results: CaseResult[] = [];
  await testServer({
    url: new URL(server.url),
    agent: "faulty",
    cases: select(run),
    jobs: JOBS,
    onResult: (result) => results.push(result),
  });
  return Object.fromEntries(
    results.map((
      { id, behavior, behaviorClose },
    ) => [id, withoutInformation(behavior, behaviorClose)]),
  );
}

/** Where whatever happens is allowed, nothing is expected of a faulty server either. */
function withoutInformation(behavior: string, behaviorClose: string): [string, string] {
  return behavior === "INFORMATIONAL" ? ["OK", "OK"] : [behavior, behaviorClose];
}

for (const fault of Object.keys(FAULTS) as Fault[]) {
  Deno.test(`planted faults: ${FAULTS[fault]}`, async () => {
    const expected = deserved(DESERVED[fault]);
    assert(
      Object.values(expected).some(([behavior, close]) => behavior !== "OK" || close !== "OK"),
    );
    assertEquals(await verdicts(fault, DESERVED[fault].run), expected);
  });
}

Deno.test("planted faults: the server without any has no fault that is found", async () => {
  const run = "1.* 2.* 3.* 4.* 5.* 6.* 7.* 9.1.* 10.* 12.1.3 13.1.4 13.2.4 13.3.4 13.5.4 13.7.4";
  assertEquals(await verdicts(undefined, run), deserved({ run, verdicts: [] }));
});
