/**
 * Verdicts, row by row.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type {
  CaseEvent,
  ExpectedClose,
  ScriptedCase,
} from "../../../../autobahn/suite/model/case.ts";
import {
  type CaseFacts,
  judgeMeasured,
  judgeScripted,
  neverOpened,
} from "../../../../autobahn/suite/run/judge.ts";
import { echoCase, measuredCase } from "./testees.ts";

/** An end with which nothing is wrong. */
const GOOD: CaseFacts = {
  isServer: false,
  closedByMe: true,
  droppedByMe: false,
  wasClean: true,
  remoteCloseCode: 1000,
  deflateMissing: false,
};
const ECHO: readonly CaseEvent[] = [
  { type: "message", payload: new TextEncoder().encode("hello"), binary: false },
];

function judge(
  change: Partial<CaseFacts> & { received?: readonly CaseEvent[]; review?: string } = {},
  testCase = echoCase("1.1.1"),
) {
  return judgeScripted(testCase, { ...GOOD, received: ECHO, review: undefined, ...change });
}

function close(expected: Partial<ExpectedClose>) {
  const { expectedClose } = echoCase("1.1.1");
  return echoCase("1.1.1", { expectedClose: { ...expectedClose, ...expected } });
}

Deno.test("judge: what came is compared with each list, in order", () => {
  const several = echoCase("1", { expected: { OK: ECHO, "NON-STRICT": [], INFORMATIONAL: [] } });
  assertEquals(judge({}, several).behavior, "OK");
  assertEquals(judge({ received: [] }, several).behavior, "NON-STRICT");
  assertEquals(judge({ received: [...ECHO, ...ECHO] }, several).behavior, "FAILED");
  assertEquals(judge({ received: [] }, echoCase("1", { expected: {} })).behavior, "FAILED");
});

Deno.test("judge: the sentence tells what came, and what would be right or strict", () => {
  const pong: CaseEvent = { type: "pong", payload: new Uint8Array(1) };
  const [first, second] = ["A", "B"].map((label): CaseEvent => ({ type: "timeout", label }));
  const several = echoCase("1", { expected: { OK: ECHO, "NON-STRICT": [] } });
  const waits = echoCase("6.4.3", {
    expected: { OK: [first!], "NON-STRICT": [first!, second!] },
  });
  const should = echoCase("28.1", { level: "SHOULD" });
  const rows: [testCase: ScriptedCase, received: readonly CaseEvent[], result: string][] = [
    [several, ECHO, "What came is what is expected."],
    [
      several,
      [],
      "What came is allowed, and not strict. It was: nothing. Strict is: a text message.",
    ],
    [
      several,
      [pong, pong],
      "What came is not what is expected. It was: 2 times a pong. Expected: a text message.",
    ],
    [
      several,
      [{ ...ECHO[0], payload: new Uint8Array(5) } as CaseEvent],
      "What came is not what is expected. It was: a text message. " +
      "Expected: a text message, with another payload.",
    ],
    [
      waits,
      [first!, second!],
      "What came is allowed, and not strict. It was: the connection still open after wait A, " +
      "the connection still open after wait B. " +
      "Strict is: the connection still open after wait A.",
    ],
    [
      should,
      [],
      "What came is allowed, and not strict. It was: nothing. Strict is: a text message.",
    ],
    [echoCase("7.1.6", { informational: true }), [], "What came: nothing."],
  ];
  for (const [testCase, received, result] of rows) {
    assertEquals(judge({ received }, testCase).result, result);
  }
});

Deno.test("judge: the questions about the closing, and their order", () => {
  const rows: [change: Partial<CaseFacts>, expected: Partial<ExpectedClose>, verdict: string][] = [
    [{}, {}, "OK"],
    [{ remoteCloseCode: null }, {}, "OK"],
    [{ closedByMe: false, wasClean: false, remoteCloseCode: 1 }, {}, "FAILED"],
    [{}, { closedByMe: false }, "FAILED"],
    [{ wasClean: false, remoteCloseCode: 1, droppedByMe: true }, {}, "UNCLEAN"],
    [{ wasClean: false }, { requireClean: false }, "OK"],
    [{ remoteCloseCode: 1001, droppedByMe: true }, {}, "WRONG CODE"],
    [{ remoteCloseCode: 1002 }, { closeCodes: [1000, 1002] }, "OK"],
    [{ droppedByMe: true }, {}, "FAILED BY CLIENT"],
    [{ droppedByMe: true, isServer: true }, {}, "OK"],
  ];
  for (const [change, expected, verdict] of rows) {
    const { behavior, behaviorClose } = judge(change, close(expected));
    assertEquals([behavior, behaviorClose], ["OK", verdict], JSON.stringify([change, expected]));
  }
});

Deno.test("judge: who closed wrongly, and with what, is said", () => {
  assertStringIncludes(judge({ closedByMe: false }).resultClose, "The testee closed");
  assertStringIncludes(judge({}, close({ closedByMe: false })).resultClose, "left it to the suite");
  assertEquals(
    judge({ remoteCloseCode: 1001 }, close({ closeCodes: [1002, 1007] })).resultClose,
    "The close code was 1001; it should be 1002 or 1007, or none.",
  );
});

Deno.test("judge: where the wrong closer is fatal, the case has failed", () => {
  const fatal = close({ closedByMe: false, wrongCloserFails: true });
  assertEquals(judge({}, fatal).behavior, "FAILED");
  assertEquals(judge({ closedByMe: false }, fatal).behavior, "OK");
});

Deno.test("judge: where the close code is fatal, the case has failed", () => {
  const fatal = echoCase("7.1.5", { wrongCodeFails: true });
  const verdict = judge({ remoteCloseCode: 1002 }, fatal);
  assertEquals([verdict.behavior, verdict.behaviorClose], ["FAILED", "WRONG CODE"]);
  assertEquals(verdict.result, verdict.resultClose);
});

Deno.test("judge: informational cases allow whatever happens, except their own failure", () => {
  const testCase = echoCase("7.13.1", { informational: true });
  const verdict = judge({ received: [], closedByMe: false }, testCase);
  assertEquals([verdict.behavior, verdict.behaviorClose], ["INFORMATIONAL", "INFORMATIONAL"]);
  assertEquals(judge({ failure: "It threw." }, testCase).behavior, "FAILED");
});

Deno.test("judge: a last look, or a failure of the case, overrules what came", () => {
  assertEquals(judge({ review: "Too few." }).result, "Too few.");
  assertEquals(judge({ review: "Too few." }).behavior, "FAILED");
  assertEquals(judge({ failure: "It threw." }).result, "It threw.");
});

Deno.test("judge: compression that was not agreed on is not implemented", () => {
  const verdict = judge({ deflateMissing: true, received: [] });
  assertEquals([verdict.behavior, verdict.behaviorClose], ["UNIMPLEMENTED", "OK"]);
  const measured = judgeMeasured(measuredCase("12.1.1"), {
    ...GOOD,
    deflateMissing: true,
    measurement: undefined,
  });
  assertEquals(measured.behavior, "UNIMPLEMENTED");
});

Deno.test("judge: where the case did not run, the closing is the suite's own, with 1000", () => {
  const cases = [
    close({ closedByMe: false, closeCodes: [1002], requireClean: false, wrongCloserFails: true }),
    echoCase("25.1", { level: "SHOULD", informational: true }),
  ];
  const rows: [change: Partial<CaseFacts>, verdict: string][] = [
    [{}, "OK"],
    [{ remoteCloseCode: null }, "OK"],
    [{ closedByMe: false }, "FAILED"],
    [{ wasClean: false }, "UNCLEAN"],
    [{ remoteCloseCode: 1002 }, "WRONG CODE"],
    [{ droppedByMe: true }, "FAILED BY CLIENT"],
  ];
  for (const testCase of cases) {
    for (const [change, verdict] of rows) {
      const { behavior, behaviorClose } = judge({ deflateMissing: true, ...change }, testCase);
      assertEquals([behavior, behaviorClose], ["UNIMPLEMENTED", verdict], JSON.stringify(change));
    }
  }
});

Deno.test("judge: a SHOULD that is not followed is not strict, in both verdicts", () => {
  const should = echoCase("28.1", { level: "SHOULD" });
  const verdict = judge({ received: [], remoteCloseCode: 1002 }, should);
  assertEquals([verdict.behavior, verdict.behaviorClose], ["NON-STRICT", "NON-STRICT"]);
  assertEquals(judge({}, should).behavior, "OK");
  assertEquals(judge({ deflateMissing: true }, should).behavior, "UNIMPLEMENTED");
});

Deno.test("judge: a measured case says its behavior itself, and nothing is a failure", () => {
  const measurement = { behavior: "OK", result: "Fast." } as const;
  const testCase = measuredCase("9.1.1");
  const verdict = judgeMeasured(testCase, { ...GOOD, measurement });
  assertEquals([verdict.behavior, verdict.result, verdict.behaviorClose], ["OK", "Fast.", "OK"]);
  const nothing = judgeMeasured(testCase, {
    ...GOOD,
    measurement: undefined,
    failure: "Too slow.",
  });
  assertEquals([nothing.behavior, nothing.result], ["FAILED", "Too slow."]);
});

Deno.test("judge: without an opening handshake all has failed", () => {
  const verdict = neverOpened("the server refused with 404 Not Found");
  assertEquals([verdict.behavior, verdict.behaviorClose], ["FAILED", "FAILED"]);
  assertStringIncludes(verdict.result, "never completed: the server refused with 404 Not Found.");
});
