import { assert, assertEquals } from "@std/assert";
import {
  completePromptLine,
  parsePromptLine,
  PROMPT_HELP,
  type PromptCommand,
} from "../../../lib/cli/client/slash_commands.ts";

const encoder = new TextEncoder();

const LINES: [line: string, command: PromptCommand][] = [
  ["", { kind: "send", data: "" }],
  [" /ping", { kind: "send", data: " /ping" }],
  ["//ping", { kind: "send", data: "/ping" }],
  ["/ping", { kind: "ping" }],
  ["/ping  a b ", { kind: "ping", payload: encoder.encode("a b") }],
  ["/pong", { kind: "pong", payload: new Uint8Array(0) }],
  ["/close", { kind: "close" }],
  ["/close 1000", { kind: "close", code: 1000, reason: "" }],
  ["/close 4000 good  bye", { kind: "close", code: 4000, reason: "good  bye" }],
  ["/quit", { kind: "close" }],
  ["/binary my file.bin", { kind: "file", format: "binary", path: "my file.bin" }],
  ["/text notes", { kind: "file", format: "text", path: "notes" }],
  ["/hex 00FF 1 0", { kind: "send", data: new Uint8Array([0, 255, 16]) }],
  ["/hex", { kind: "send", data: new Uint8Array(0) }],
  ["/save out", { kind: "save", path: "out" }],
  ["/time", { kind: "switch", name: "timestamps" }],
  ["/trips", { kind: "switch", name: "roundTrips" }],
  ["/pretty", { kind: "switch", name: "pretty" }],
  ["/info", { kind: "info" }],
  ["/help", { kind: "help" }],
];

Deno.test("slash commands: what each line means", () => {
  for (const [line, command] of LINES) assertEquals(parsePromptLine(line), command, line);
});

Deno.test("slash commands: what is wrong with a line", () => {
  const rows: [line: string, message: string][] = [
    ["/", "there is no /; /help lists what there is"],
    ["/PING", "there is no /PING; /help lists what there is"],
    [`/ping ${"é".repeat(63)}`, "/ping takes 125 bytes at most, got 126"],
    ["/close bye", "/close needs a number first, such as /close 1000 bye"],
    ["/hex 0g", "/hex needs pairs of hexadecimal digits, such as /hex 00 ff 10"],
    ["/save", "/save needs the name of a file"],
  ];
  for (const [line, message] of rows) {
    assertEquals(parsePromptLine(line), { kind: "wrong", message });
  }
});

Deno.test("slash commands: Tab completes the names", () => {
  assertEquals(completePromptLine("/p"), ["/ping", "/pong", "/pretty"]);
  assertEquals(completePromptLine("/pi"), ["/ping"]);
  assertEquals(completePromptLine("p"), []);
  assertEquals(completePromptLine("/x"), []);
});

Deno.test("slash commands: /help has a line for each, and no command is missing", () => {
  for (const name of completePromptLine("/")) {
    assert(PROMPT_HELP.some((line) => line.startsWith(`  ${name}`)), name);
    assert(PROMPT_HELP.every((line) => line.length <= 80));
  }
});
