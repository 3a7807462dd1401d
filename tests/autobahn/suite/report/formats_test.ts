/** Results as JSON and JUnit XML, and their sums. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatJson, formatJunit, summarize } from "../../../../autobahn/suite/report/mod.ts";
import { caseResult, failedResult, HOSTILE_AGENT } from "./fixtures.ts";

Deno.test("JSON format: verdicts and sentences by agent and case", () => {
  const text = formatJson([failedResult({ remoteCloseCode: null }), caseResult()]);
  assertEquals(JSON.parse(text), {
    "ws 8.23": {
      "1.1.1": {
        behavior: "OK",
        behaviorClose: "OK",
        duration: 3,
        remoteCloseCode: 1000,
        result: "What came is what was expected.",
        resultClose: "The connection was closed as it should be.",
      },
      "6.4.1": {
        behavior: "FAILED",
        behaviorClose: "OK",
        duration: 3,
        remoteCloseCode: null,
        result: "Something else came.",
        resultClose: "The connection was closed as it should be.",
      },
    },
  });
  assertEquals(text.endsWith("}\n"), true);
});

Deno.test("JUnit: a suite for each agent, in the order of the cases", () => {
  const results = [
    failedResult({ id: "10.1.1", result: 'It said "no" & <left>.' }),
    caseResult({ duration: 1_234 }),
    caseResult({ agent: "other" }),
  ];
  assertEquals(
    formatJunit(results),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="WebSocket conformance">
  <testsuite name="ws 8.23" timestamp="2026-01-02T03:04:05.678Z" tests="2" failures="1" errors="0" skipped="0" time="1.237">
    <testcase classname="ws 8.23.section 1" name="1.1.1 Sends an empty text message." time="1.234"/>
    <testcase classname="ws 8.23.section 10" name="10.1.1 Sends text that goes wrong in its second fragment." time="0.003">
      <failure message="FAILED: It said &quot;no&quot; &amp; &lt;left&gt;." type="FAILED"/>
    </testcase>
  </testsuite>
  <testsuite name="other" timestamp="2026-01-02T03:04:05.678Z" tests="1" failures="0" errors="0" skipped="0" time="0.003">
    <testcase classname="other.section 1" name="1.1.1 Sends an empty text message." time="0.003"/>
  </testsuite>
</testsuites>
`,
  );
});

Deno.test("JUnit: both faults of a case stand in one failure", () => {
  const both = failedResult({ behaviorClose: "WRONG CODE", resultClose: "1002 came." });
  assertStringIncludes(
    formatJunit([both]),
    '<failure message="FAILED: Something else came.; closing WRONG CODE: 1002 came." type="FAILED"/>',
  );
  const closing = caseResult({ behaviorClose: "UNCLEAN", resultClose: "No close frame." });
  assertStringIncludes(
    formatJunit([closing]),
    '<failure message="closing UNCLEAN: No close frame." type="UNCLEAN"/>',
  );
});

Deno.test("JUnit: what the agent does not offer is skipped, unless it closes wrongly", () => {
  const unimplemented = caseResult({ behavior: "UNIMPLEMENTED", result: "No compression." });
  assertStringIncludes(formatJunit([unimplemented]), '<skipped message="No compression."/>');
  assertStringIncludes(formatJunit([unimplemented]), 'failures="0" errors="0" skipped="1"');
  const wrong = { ...unimplemented, behaviorClose: "FAILED" as const };
  assertStringIncludes(formatJunit([wrong]), 'failures="1" errors="0" skipped="0"');
});

Deno.test("JUnit: informational and good cases are no failures", () => {
  const text = formatJunit([
    caseResult({ behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL" }),
  ]);
  assertStringIncludes(text, 'failures="0"');
});

Deno.test("JUnit: nothing of a hostile name breaks the document", () => {
  const text = formatJunit([failedResult({ agent: HOSTILE_AGENT, result: `]]>${HOSTILE_AGENT}` })]);
  // deno-lint-ignore no-control-regex -- characters that XML does not allow
  assertEquals(text.match(/[\x00-\x09\x0b-\x1f\u202e\u2028]/g), null);
  assertEquals(text.includes("<img"), false);
  assertEquals(text.match(/<\/?\w+/g), [
    ...["<testsuites", "<testsuite", "<testcase", "<failure"],
    ...["</testcase", "</testsuite", "</testsuites"],
  ]);
});

Deno.test("JUnit: no results are a document as well", () => {
  assertStringIncludes(formatJunit([]), "<testsuites");
});

Deno.test("summary: counts by section, and the faults in order", () => {
  const results = [
    failedResult({ id: "10.1.1" }),
    caseResult({ id: "2.1", behaviorClose: "UNCLEAN" }),
    caseResult({ id: "2.2", behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL" }),
    caseResult({ agent: "client", isServer: true }),
  ];
  const [first, second] = summarize(results);
  assertEquals(first?.role, "server");
  assertEquals([...first?.sections.keys() ?? []], ["2", "10"]);
  assertEquals(first?.sections.get("2")?.behavior.OK, 1);
  assertEquals(first?.sections.get("2")?.behaviorClose.UNCLEAN, 1);
  assertEquals(first?.total.cases, 3);
  assertEquals(first?.total.behavior.FAILED, 1);
  assertEquals(first?.faults.map(({ id }) => id), ["2.1", "10.1.1"]);
  assertEquals(second?.role, "client");
  assertEquals(second?.faults, []);
});
