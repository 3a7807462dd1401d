import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Asked,
  listElements,
  openingFaults,
  readAnswer,
} from "../../../../autobahn/suite/beyond/answers.ts";
import type { Head } from "../../../../autobahn/suite/model/stage.ts";
import { CannedStream } from "./canned_stream.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const OPENED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

Deno.test("readAnswer: a head in pieces, and what follows it", async () => {
  const answer = await readAnswer(
    new CannedStream(OPENED.slice(0, 20), OPENED.slice(20, -1), `${OPENED.slice(-1)}more`),
  );
  assertEquals(answer.kind === "response" && answer.response, {
    status: 101,
    head: { start: "HTTP/1.1 101 Switching Protocols", fields: [["upgrade", "websocket"]] },
    rest: answer.kind === "response" ? answer.response.rest : new Uint8Array(),
  });
  assertEquals(
    answer.kind === "response" && new TextDecoder().decode(answer.response.rest),
    "more",
  );
});

Deno.test("readAnswer: interim responses are skipped, 101 is final", async () => {
  const answer = await readAnswer(
    new CannedStream(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OPENED}`,
    ),
  );
  assertEquals(answer.kind === "response" && answer.response.status, 101);
});

Deno.test("readAnswer: the end, silence, and what is no HTTP", async () => {
  assertEquals((await readAnswer(new CannedStream({ sign: "end" }))).kind, "end");
  assertEquals((await readAnswer(new CannedStream({ sign: "silence" }))).kind, "silence");
  assertEquals(
    (await readAnswer(new CannedStream("HTTP/1.1 1", { sign: "silence" }))).kind,
    "silence",
  );
  for (
    const text of [
      "HELLO\r\n\r\n",
      "HTTP/1.1 1010 x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n",
    ]
  ) {
    assertEquals((await readAnswer(new CannedStream(text))).kind, "garbage", text);
  }
  const cutOff = await readAnswer(new CannedStream("HTTP/1.1 101 Sw", { sign: "end" }));
  assertEquals(cutOff.kind, "garbage");
});

/** A right answer, with some fields in place of its own; `null` leaves a field out. */
function head(fields: Readonly<Record<string, string | null>> = {}): Head {
  const all = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-accept": ACCEPT,
    ...fields,
  };
  const pairs = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null);
  return { start: "HTTP/1.1 101 Switching Protocols", fields: pairs };
}

Deno.test("openingFaults: a right answer has none", () => {
  const asked: Asked = { key: KEY, subprotocols: ["a", "b"], extensions: ["x"] };
  assertEquals(openingFaults(head(), asked), []);
  assertEquals(openingFaults(head({ "upgrade": "WebSocket" }), asked), []);
  assertEquals(openingFaults(head({ "connection": "keep-alive, upgrade" }), asked), []);
  assertEquals(openingFaults(head({ "sec-websocket-protocol": "b" }), asked), []);
  assertEquals(openingFaults(head({ "sec-websocket-extensions": "x; y=1" }), asked), []);
});

Deno.test("openingFaults: each wrong field is told of", () => {
  const cases: [fields: Readonly<Record<string, string | null>>, words: string][] = [
    [{ "upgrade": null }, "Upgrade"],
    [{ "upgrade": "h2c" }, "Upgrade"],
    [{ "connection": "keep-alive" }, "Connection"],
    [{ "sec-websocket-accept": null }, "Accept is missing"],
    [{ "sec-websocket-accept": KEY }, `Accept is ${KEY}`],
    [{ "sec-websocket-protocol": "c" }, 'the subprotocol "c"'],
    [{ "sec-websocket-extensions": "y" }, 'the extension "y"'],
  ];
  for (const [fields, words] of cases) {
    const faults = openingFaults(head(fields), { key: KEY });
    assertEquals(faults.length, 1, words);
    assertStringIncludes(faults[0]!, words);
  }
});

Deno.test("listElements: fields are put together, and empty elements left out", () => {
  const fields = [["connection", "a, ,b"], ["x", "c"], ["connection", "d,"]] as const;
  assertEquals(listElements({ start: "", fields }, "connection"), ["a", "b", "d"]);
});
