import { assertEquals, assertRejects } from "@std/assert";
import { type InputOptions, readCommands } from "../../../lib/cli/client/input.ts";
import { UsageError } from "../../../lib/cli/usage_error.ts";
import type { ByteSource } from "../../../lib/cli/client/records.ts";

const encoder = new TextEncoder();

/** A source that gives all at once. */
function sourceOf(input: Uint8Array): ByteSource {
  let rest = input;
  return {
    read(buffer) {
      if (rest.length === 0) return Promise.resolve(null);
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return Promise.resolve(count);
    },
  };
}

/** The data of all messages, binary ones in hexadecimal with `0x` before it. */
async function dataOf(
  input: string | Uint8Array,
  options: Partial<InputOptions> = {},
): Promise<string[]> {
  const bytes = typeof input === "string" ? encoder.encode(input) : input;
  const all: string[] = [];
  const defaults: InputOptions = { format: "text", delimiter: undefined, single: false };
  for await (const commands of readCommands(sourceOf(bytes), { ...defaults, ...options })) {
    for (const command of commands) {
      if (command.kind !== "send") all.push(command.kind);
      else all.push(typeof command.data === "string" ? command.data : `0x${command.data.toHex()}`);
    }
  }
  return all;
}

Deno.test("input: lines end with LF or CR LF, and each is a text", async () => {
  assertEquals(await dataOf("one\r\ntwo\n\r\n\rthree\r"), ["one", "two", "", "\rthree"]);
  assertEquals(await dataOf("a\rb\r\r\n"), ["a\rb\r"]);
});

Deno.test("input: with a delimiter of its own, every other byte is kept", async () => {
  assertEquals(await dataOf("one\r\n;two\r;", { delimiter: encoder.encode(";") }), [
    "one\r\n",
    "two\r",
  ]);
});

Deno.test("input: a byte order mark at the start is left out, another one is kept", async () => {
  assertEquals(await dataOf("\ufeffmarked\n\ufeffnot\n"), ["marked", "\ufeffnot"]);
});

Deno.test("input: bytes that are no UTF-8 become U+FFFD", async () => {
  assertEquals(await dataOf(new Uint8Array([0x61, 0xff, 0xc3, 0x0a, 0x62])), [
    "a\ufffd\ufffd",
    "b",
  ]);
});

Deno.test("input: binary messages and base64", async () => {
  assertEquals(await dataOf("a\nb", { format: "binary" }), ["0x610a62"]);
  assertEquals(await dataOf("a\nb", { format: "binary", delimiter: encoder.encode("\n") }), [
    "0x61",
    "0x62",
  ]);
  assertEquals(await dataOf("AP8Q\r\n\nYQ==\n", { format: "base64" }), ["0x00ff10", "0x", "0x61"]);
  await assertRejects(
    () => dataOf("AP8Q\n?\n", { format: "base64" }),
    SyntaxError,
    "message 2 is no base64",
  );
});

Deno.test("input: a single record, of bytes all there is", async () => {
  assertEquals(await dataOf("one\ntwo\n", { single: true }), ["one"]);
  assertEquals(await dataOf("", { single: true }), []);
  const long = new Uint8Array(200_000).fill(0x61);
  const [all = ""] = await dataOf(long, { single: true, format: "binary" });
  assertEquals(all, `0x${long.toHex()}`);
});

Deno.test("input: of a record that is too long it is said which it is, and what would be right", async () => {
  const long = "x".repeat(11);
  const lines = `one\ntwo\n${long}\n`;
  const delimiter = encoder.encode(";");
  const hint =
    "--binary sends input of any length, in pieces, and --delimiter says where else to " +
    "cut it";
  const rows: [input: string, options: Partial<InputOptions>, message: string][] = [
    [lines, {}, `line 3 is longer than 10 bytes; ${hint}`],
    [long, { format: "base64" }, `line 1 is longer than 10 bytes; ${hint}`],
    [long, { single: true }, `line 1 is longer than 10 bytes; ${hint}`],
    [`one;${long}`, { delimiter }, `message 2 is longer than 10 bytes; ${hint}`],
    [
      `one;${long}`,
      { delimiter, format: "binary" },
      "message 2 is longer than 10 bytes; without --delimiter, --binary sends input of any " +
      "length, in pieces",
    ],
    [
      long,
      { single: true, format: "binary" },
      "it is longer than 10 bytes, and --one sends all of it in one message; without --one, " +
      "--binary sends it in pieces",
    ],
    ["x".repeat(2 ** 20 + 1), { maxBytes: 2 ** 20 }, `line 1 is longer than 1 MiB; ${hint}`],
  ];
  for (const [input, options, message] of rows) {
    const error = await assertRejects(
      () => dataOf(input, { maxBytes: 10, ...options }),
      UsageError,
    );
    assertEquals(error.message, message);
  }
});
