/**
 * The result of a case: its keys are those that readers of Autobahn|Testsuite's reports know.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Closing } from "../../../../autobahn/suite/peer/closing.ts";
import { Timers } from "../../../../autobahn/suite/peer/timers.ts";
import { caseResult, type RunFacts } from "../../../../autobahn/suite/run/case_result.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { unhex } from "../../../support/hex.ts";
import { echoCase, FINE, measuredCase } from "./testees.ts";

const LABEL = { testCase: echoCase("1.1.1"), agent: "x", position: 7, isServer: true };

function facts(change: Partial<RunFacts> = {}): RunFacts {
  return {
    verdict: FINE,
    log: new WireLog(),
    started: new Date(0),
    duration: 12.6,
    httpRequest: "",
    httpResponse: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ...change,
  };
}

Deno.test("case result: has the keys of Autobahn|Testsuite, and two of its own", () => {
  const keys = [
    ...["agent", "behavior", "behaviorClose", "case", "closedByMe", "createStats"],
    ...["createWirelog", "description", "droppedByMe", "duration", "expectation", "expected"],
    ...["expectedClose", "failedByMe", "httpRequest", "httpResponse", "id", "isServer"],
    ...["localCloseCode", "localCloseReason", "received", "remoteCloseCode", "remoteCloseReason"],
    ...["reportCompressionRatio", "reportTime", "result", "resultClose", "rxFrameStats"],
    ...["rxOctetStats", "started", "trafficStats", "txFrameStats", "txOctetStats", "wasClean"],
    ...["wasCloseHandshakeTimeout", "wasNotCleanReason", "wasOpenHandshakeTimeout"],
    ...["wasServerConnectionDropTimeout", "wirelog"],
  ];
  assertEquals(Object.keys(caseResult(LABEL, facts())).sort(), [...keys, "level", "rule"].sort());
});

Deno.test("case result: times, positions and heads", () => {
  const result = caseResult(LABEL, facts());
  assertEquals(result.duration, 13);
  assertEquals(result.started, "1970-01-01T00:00:00.000Z");
  assertEquals([result.case, result.agent, result.isServer], [7, "x", true]);
  assertEquals([result.httpRequest, result.httpResponse.slice(0, 12)], ["?", "HTTP/1.1 101"]);
  assertEquals([result.level, result.rule], ["MUST", "RFC 6455 §5"]);
  assertEquals([result.reportTime, result.reportCompressionRatio], [false, false]);
  const measured = caseResult({ ...LABEL, testCase: measuredCase("9.1.1") }, facts());
  assertEquals([measured.reportTime, measured.expected], [true, {}]);
});

Deno.test("case result: a close reason of the suite is text, or digits where it is none", () => {
  for (const [reason, shown] of [["6279 65", "bye"], ["ff", "ff"]] as const) {
    const host = { sendCloseFrame: () => {}, dropStream: () => {} };
    const timers = new Timers();
    const closing = new Closing(host, { isServer: false, timers });
    closing.sendClose(1000, unhex(reason));
    timers.end();
    const result = caseResult(LABEL, facts({ closing }));
    assertEquals([result.localCloseCode, result.localCloseReason], [1000, shown]);
    assertEquals([result.closedByMe, result.wasClean], [true, false]);
  }
});

Deno.test("case result: of a connection that never opened", () => {
  const openingFailure = "the server did not answer within 5 seconds";
  const result = caseResult(LABEL, facts({ openingFailure, openingTimedOut: true }));
  assertEquals(result.wasNotCleanReason, openingFailure);
  assertEquals([result.wasOpenHandshakeTimeout, result.droppedByMe, result.wasClean], [
    true,
    true,
    false,
  ]);
});
