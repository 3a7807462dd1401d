/**
 * Pulling bytes from a stream that pushes them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { StreamReader } from "../../../../autobahn/suite/wire/stream_reader.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { hex, unhex } from "../../../support/hex.ts";
import { MemoryStream } from "../stream_rig.ts";

function setUp(): { stream: MemoryStream; reader: StreamReader; log: WireLog } {
  const stream = new MemoryStream();
  const log = new WireLog();
  return { stream, log, reader: new StreamReader(stream, log) };
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

Deno.test("stream reader: what came is read at once, and joined", async () => {
  const { stream, reader } = setUp();
  stream.receive(unhex("01"));
  stream.receive(unhex("02"));
  assertEquals(await reader.read(1000), unhex("0102"));
});

Deno.test("stream reader: waits for bytes, for the end, or until it is enough", async () => {
  const { stream, reader } = setUp();
  assertEquals(await reader.read(1), "silence");
  const reading = reader.read(10_000);
  stream.receive(unhex("03"));
  assertEquals(await reading, unhex("03"));
  const last = reader.read(10_000);
  stream.receiveEnd("broken");
  assertEquals(await last, "end");
  assertEquals(await reader.read(10_000), "end");
  assertEquals(reader.failure, "broken");
});

Deno.test("stream reader: a head is read however it is cut, and what follows stays", async () => {
  const head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  for (let cut = 0; cut <= head.length; cut++) {
    const { stream, reader } = setUp();
    stream.receive(text(head.slice(0, cut)));
    const reading = reader.readHead(10_000);
    stream.receive(text(`${head.slice(cut)}rest`));
    const bytes = await reading;
    assertEquals(typeof bytes === "string" ? bytes : hex(bytes), hex(text(head)));
    assertEquals(reader.takeRest(), text("rest"));
  }
});

Deno.test("stream reader: a head that does not come", async () => {
  const { stream, reader } = setUp();
  stream.receive(text("GET"));
  assertEquals(await reader.readHead(1), "silence");
  stream.receiveEnd();
  assertEquals(await reader.readHead(1000), "end");
  assertEquals(await reader.read(0), text("GET"));
  const endless = setUp();
  endless.stream.receive(new Uint8Array(65 * 1024).fill(0x41));
  assertEquals(await endless.reader.readHead(1000), "too long");
});

Deno.test("stream reader: writes in chops, and logs what passes", async () => {
  const { stream, reader, log } = setUp();
  assertEquals(await reader.write(unhex("010203"), { chopBytes: 2, pauseMilliseconds: 1 }), true);
  assertEquals(await reader.write(unhex("04")), true);
  stream.receive(unhex("05"));
  assertEquals(stream.writes.map(hex), ["0102", "03", "04"]);
  assertEquals(log.lines, [
    ["TO", [2, "0102"], true],
    ["TO", [1, "03"], true],
    ["TO", [1, "04"], false],
    ["RO", [1, "05"]],
  ]);
});

Deno.test("stream reader: controls the stream", async () => {
  const { stream, reader } = setUp();
  reader.pauseReading(true);
  assertEquals(stream.paused, true);
  reader.endWriting();
  assertEquals(stream.writingEnded, true);
  reader.drop("reset");
  assertEquals(stream.dropped, "reset");
  assertEquals(await reader.read(10_000), "end");
  assertEquals(await reader.write(unhex("01")), false);
});
