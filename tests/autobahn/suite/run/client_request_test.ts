/**
 * What a client asks of the suite.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { readClientRequest } from "../../../../autobahn/suite/run/client_request.ts";
import { echoCase } from "./testees.ts";

const CASES = [echoCase("1.1.1"), echoCase("2.3")];
const read = (target: string) => readClientRequest(`GET ${target} HTTP/1.1`, CASES);

Deno.test("client request: everything that can be asked", () => {
  assertEquals(read("/getCaseCount"), { kind: "count" });
  assertEquals(read("/stopServer"), { kind: "stop" });
  assertEquals(read("/runCase?case=2&agent=a%20b+c"), { kind: "run", position: 2, agent: "a b c" });
  assertEquals(read("/runCase?agent=x&casetuple=2.3"), { kind: "run", position: 2, agent: "x" });
  assertEquals(read("/getCaseInfo?case=1"), { kind: "info", position: 1 });
  assertEquals(read("/getCaseStatus?case=1&agent=x"), { kind: "status", position: 1, agent: "x" });
  assertEquals(read("/updateReports?agent=x"), { kind: "report", agent: "x" });
});

Deno.test("client request: anything else has a status, and words that help", () => {
  const rows: [target: string, status: number, words: string][] = [
    ["/", 404, "Nothing is at /; there are /getCaseCount"],
    ["/runcase?case=1&agent=x", 404, "Nothing is at /runcase"],
    ["http://x/runCase", 400, "must be a path"],
    ["/runCase?case=1", 400, "needs one parameter agent"],
    ["/runCase?case=1&agent=", 400, "needs one parameter agent"],
    ["/runCase?case=1&agent=x&agent=y", 400, "needs one parameter agent"],
    ["/updateReports", 400, "needs one parameter agent"],
    ["/runCase?agent=x", 400, "The parameter case is missing"],
    ["/runCase?agent=x&case=1.1.1", 400, 'must be a number; got "1.1.1"'],
    ["/runCase?agent=x&case=1&case=2", 400, "One case at a time"],
    ["/runCase?agent=x&case=0", 404, "There is no case 0: they are 1 to 2"],
    ["/runCase?agent=x&case=3", 404, "There is no case 3: they are 1 to 2"],
    ["/runCase?agent=x&casetuple=9.9.9", 404, 'There is no case "9.9.9"'],
  ];
  for (const [target, status, words] of rows) {
    const request = read(target);
    if (request.kind !== "none") throw new Error(`${target} is ${request.kind}`);
    assertEquals(request.status.slice(0, 3), String(status), target);
    assertEquals(request.words.includes(words), true, `"${request.words}" should say "${words}"`);
  }
});
