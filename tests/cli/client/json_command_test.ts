import { assertEquals, assertThrows } from "@std/assert";
import type { Command } from "../../../lib/cli/client/commands.ts";
import { parseJsonCommand } from "../../../lib/cli/client/json_command.ts";

const RIGHT: [line: string, command: Command][] = [
  [`{"type":"text","data":"é\\n"}`, { kind: "send", data: "é\n" }],
  [` {"data":"AP8=","type":"binary"} `, { kind: "send", data: new Uint8Array([0, 255]) }],
  [`{"type":"text","data":"","compress":false}`, { kind: "send", data: "", compress: false }],
  [
    `{"type":"binary","data":"","compress":true}`,
    { kind: "send", data: new Uint8Array(0), compress: true },
  ],
  [`{"type":"ping"}`, { kind: "ping" }],
  [`{"type":"ping","data":"YQ=="}`, { kind: "ping", payload: new Uint8Array([97]) }],
  [`{"type":"pong"}`, { kind: "pong", payload: new Uint8Array(0) }],
  [`{"type":"close"}`, { kind: "close" }],
  [`{"type":"close","code":4000,"reason":"x"}`, { kind: "close", code: 4000, reason: "x" }],
];

Deno.test("json command: what is right", () => {
  for (const [line, command] of RIGHT) assertEquals(parseJsonCommand(line, 1), command, line);
});

const WRONG: [line: string, message: string][] = [
  ["", "it is no JSON object"],
  ["[]", "it is no JSON object"],
  ["null", "it is no JSON object"],
  ["hello", "it is no JSON object"],
  ["{}", `"type" must be "text", "binary", "ping", "pong" or "close"`],
  [`{"type":"text"}`, `"data" must be a string`],
  [`{"type":"binary","data":5}`, `"data" must be a string in base64`],
  [`{"type":"binary","data":"?"}`, `"data" must be base64`],
  [`{"type":"ping","data":"${"A".repeat(168)}"}`, `"data" must be 125 bytes at most`],
  [`{"type":"close","code":"1000"}`, `"code" must be a number`],
  [`{"type":"close","reason":5}`, `"reason" must be a string`],
  [`{"type":"close","code":1005}`, "Cannot close with code 1005"],
  [`{"type":"close","reason":"${"✓".repeat(42)}"}`, "Cannot close with a reason of 126 bytes"],
  [
    `{"type":"text","data":"x","compres":false}`,
    `"text" has no field "compres"; it takes "data" and "compress"`,
  ],
  [`{"type":"binary","data":"","code":1}`, `"binary" has no field "code"`],
  [`{"type":"ping","payload":"YQ=="}`, `"ping" has no field "payload"; it takes "data"`],
  [`{"type":"pong","compress":false}`, `"pong" has no field "compress"; it takes "data"`],
  [
    `{"type":"close","data":"x"}`,
    `"close" has no field "data"; it takes "code" and "reason"`,
  ],
  [`{"type":"text","data":"x","compress":0}`, `"compress" must be true or false`],
];

Deno.test("json command: what is wrong, and in which line", () => {
  for (const [line, message] of WRONG) {
    const error = assertThrows(() => parseJsonCommand(line, 7), SyntaxError, message);
    assertEquals(error.message.startsWith("line 7 is no command, such as {"), true);
  }
});
