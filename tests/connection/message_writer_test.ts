/**
 * One message on its way out, piece by piece.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { openMessageWriter } from "../../lib/connection/message_writer.ts";
import type { MessageType } from "../../lib/protocol/opcodes.ts";
import { settle } from "../support/fake_clock.ts";

interface SetUp {
  writer: WritableStreamDefaultWriter<string | Uint8Array>;
  /** Fragments as hex, the last with a full stop; `abandon` and its reason. */
  log: string[];
  /** What `sendFragment` gives. */
  pace: { wait: Promise<void> | undefined };
}

function setUp(type: MessageType): SetUp {
  const log: string[] = [];
  const pace: SetUp["pace"] = { wait: undefined };
  const stream = openMessageWriter(type, {
    sendFragment(bytes, fin) {
      log.push(bytes.toHex() + (fin ? "." : ""));
      return pace.wait;
    },
    abandon: (reason) => void log.push(`abandon ${reason}`),
  });
  return { writer: stream.getWriter(), log, pace };
}

const encoder = new TextEncoder();
const hex = (text: string) => encoder.encode(text).toHex();

Deno.test("message writer: each chunk is a fragment, and closing sends the last", async () => {
  const { writer, log } = setUp("binary");
  await writer.write(new Uint8Array([1, 2]));
  await writer.write(new Uint8Array(0)); // nothing to send
  await writer.write(new Uint8Array([3]));
  await writer.close();
  assertEquals(log, ["0102", "03", "."]);
});

Deno.test("message writer: a message without chunks is empty", async () => {
  for (const type of ["text", "binary"] as const) {
    const { writer, log } = setUp(type);
    await writer.close();
    assertEquals(log, ["."]);
  }
});

Deno.test("message writer: text cut within every surrogate pair arrives whole", async () => {
  const text = "a😀b𝄞😀";
  for (let at = 0; at <= text.length; at++) {
    const { writer, log } = setUp("text");
    await writer.write(text.slice(0, at));
    await writer.write(text.slice(at));
    await writer.close();
    assertEquals(log.join(""), `${hex(text)}.`);
  }
  const { writer, log } = setUp("text");
  for (const unit of text.split("")) await writer.write(unit);
  await writer.close();
  assertEquals(log.join(""), `${hex(text)}.`);
});

Deno.test("message writer: lone surrogates become U+FFFD, at the end too", async () => {
  const { writer, log } = setUp("text");
  await writer.write("a\ud83d");
  await writer.write("b\ude00");
  await writer.write("\ud83d");
  await writer.close();
  assertEquals(log.join(""), `${hex("a\ufffdb\ufffd\ufffd")}.`);
});

Deno.test("message writer: text takes UTF-8 bytes, cut anywhere, beside strings", async () => {
  const { writer, log } = setUp("text");
  for (const byte of encoder.encode("é😀")) await writer.write(new Uint8Array([byte]));
  await writer.write("ü");
  await writer.close();
  assertEquals(log.join(""), `${hex("é😀ü")}.`);
});

/** What cannot be part of a message, after what was written before. */
const faults: [name: string, type: MessageType, chunks: unknown[], message: string][] = [
  ["a byte that is not UTF-8", "text", ["a", new Uint8Array([0xff])], "not UTF-8"],
  ["a string within a character", "text", [new Uint8Array([0xc3]), "a"], "end in a character"],
  ["bytes within a surrogate pair", "text", ["\ud83d", new Uint8Array([0x61])], "surrogate pair"],
  ["a number in text", "text", ["a", 1], "got number, not a string or a Uint8Array"],
  ["a string in binary", "binary", [new Uint8Array(1), "a"], "got string, not a Uint8Array"],
  ["an ArrayBuffer in binary", "binary", [new ArrayBuffer(1)], "got object, not a Uint8Array"],
  ["null in text", "text", [null], "got object, not a string or a Uint8Array"],
  ["undefined in text", "text", [undefined], "got undefined, not a string or a Uint8Array"],
  ["undefined in binary", "binary", [undefined], "got undefined, not a Uint8Array"],
];

for (const [name, type, chunks, message] of faults) {
  Deno.test(`message writer: ${name} is refused, and the message is given up`, async () => {
    const { writer, log } = setUp(type);
    writer.closed.catch(() => {});
    for (const chunk of chunks.slice(0, -1)) await writer.write(chunk as string);
    const error = await assertRejects(
      () => writer.write(chunks.at(-1) as string),
      TypeError,
      message,
    );
    assertEquals(log.at(-1), `abandon ${error}`);
    await assertRejects(() => writer.close(), TypeError);
    assertEquals(log.filter((line) => line.startsWith("abandon")).length, 1);
  });
}

Deno.test("message writer: text that ends within a character is refused and given up", async () => {
  const { writer, log } = setUp("text");
  writer.closed.catch(() => {});
  await writer.write(new Uint8Array([0xe2, 0x82]));
  const error = await assertRejects(() => writer.close(), TypeError, "end in a character");
  assertEquals(log, ["e282", `abandon ${error}`]);
});

Deno.test("message writer: aborting gives the message up", async () => {
  const { writer, log } = setUp("text");
  writer.closed.catch(() => {});
  await writer.write("a");
  await writer.abort("no more");
  assertEquals(log, ["61", "abandon no more"]);
  await assertRejects(
    async () => {
      try {
        await writer.write("b");
      } catch (reason) {
        throw new Error(String(reason));
      }
    },
    Error,
    "no more",
  );
});

Deno.test("message writer: a chunk is written once the one before may pass", async () => {
  const { writer, log, pace } = setUp("text");
  const gate = Promise.withResolvers<void>();
  pace.wait = gate.promise;
  const first = writer.write("a");
  const second = writer.write("b");
  await settle();
  assertEquals(log, ["61"]);
  gate.resolve();
  pace.wait = undefined;
  await Promise.all([first, second]);
  assertEquals(log, ["61", "62"]);
  await writer.close();
});

Deno.test("message writer: what the connection refuses fails the stream", async () => {
  const { writer, pace } = setUp("text");
  writer.closed.catch(() => {});
  pace.wait = Promise.reject(new Error("closed"));
  await assertRejects(() => writer.write("a"), Error, "closed");
  await assertRejects(() => writer.close(), Error, "closed");
});

Deno.test("message writer: what cannot be sent fails the stream, and the message is given up", async () => {
  const given: unknown[] = [];
  const error = new RangeError("no memory");
  const open = () =>
    openMessageWriter("binary", {
      sendFragment() {
        throw error;
      },
      abandon: (reason) => void given.push(reason),
    }).getWriter();
  const writing = open();
  writing.closed.catch(() => {});
  await assertRejects(() => writing.write(new Uint8Array(1)), RangeError, "no memory");
  const closing = open();
  closing.closed.catch(() => {});
  await assertRejects(() => closing.close(), RangeError, "no memory");
  assertEquals(given, [error, error]);
});

Deno.test("message writer: so does what turns out later not to be sent", async () => {
  const { writer, log, pace } = setUp("text");
  writer.closed.catch(() => {});
  pace.wait = Promise.reject(new RangeError("no memory"));
  await assertRejects(() => writer.write("a"), RangeError, "no memory");
  assertEquals(log, ["61", "abandon RangeError: no memory"]);
});
