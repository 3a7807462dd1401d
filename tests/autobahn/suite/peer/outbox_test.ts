/**
 * The write queue.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Outbox } from "../../../../autobahn/suite/peer/outbox.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { hex, unhex } from "../../../support/hex.ts";
import { MemoryStream } from "../stream_rig.ts";

function setUp(): { stream: MemoryStream; log: WireLog; outbox: Outbox } {
  const stream = new MemoryStream();
  const log = new WireLog();
  return { stream, log, outbox: new Outbox(stream, log) };
}

Deno.test("outbox: what is given in one go leaves in one write", async () => {
  const { stream, log, outbox } = setUp();
  outbox.push(unhex("01"));
  outbox.push(unhex("0203"));
  await outbox.flushed();
  assertEquals(stream.writes.map(hex), ["010203"]);
  assertEquals(log.lines, [["TO", [1, "01"], false], ["TO", [2, "0203"], false]]);
});

Deno.test("outbox: chops leave one by one, and the order is kept", async () => {
  const { stream, log, outbox } = setUp();
  outbox.push(unhex("01"));
  outbox.push(unhex("020304"), { chopBytes: 2 });
  outbox.push(unhex("05"));
  outbox.push(unhex("06"));
  outbox.push(unhex("07"), { chopBytes: 2 });
  outbox.push(unhex("08"));
  await outbox.flushed();
  assertEquals(stream.writes.map(hex), ["01", "0203", "04", "0506", "07", "08"]);
  assertEquals(
    log.lines.map((line) => `${line[0]} ${(line[1] as [number, string])[1]} ${line[2]}`),
    [
      "TO 01 false",
      "TO 0203 true",
      "TO 04 true",
      "TO 05 false",
      "TO 06 false",
      "TO 07 true",
      "TO 08 false",
    ],
  );
});

Deno.test("outbox: what comes while a write is under way leaves after it", async () => {
  const { stream, outbox } = setUp();
  const gate = Promise.withResolvers<void>();
  stream.gate = gate.promise;
  outbox.push(unhex("01"));
  await Promise.resolve();
  await Promise.resolve();
  outbox.push(unhex("02"));
  assertEquals(stream.written, "01");
  gate.resolve();
  await outbox.flushed();
  outbox.push(unhex("03"));
  await outbox.flushed();
  assertEquals(stream.writes.map(hex), ["01", "02", "03"]);
});

Deno.test("outbox: large entries are not joined", async () => {
  const { stream, outbox } = setUp();
  outbox.push(new Uint8Array(200_000));
  outbox.push(new Uint8Array(200_000));
  outbox.push(new Uint8Array(1));
  await outbox.flushed();
  assertEquals(stream.writes.map(({ length }) => length), [200_000, 200_001]);
});

Deno.test("outbox: discarded, it forgets what waits and takes nothing", async () => {
  const { stream, outbox } = setUp();
  outbox.push(unhex("010203"), { chopBytes: 1 });
  outbox.push(unhex("04"));
  outbox.discard();
  outbox.push(unhex("05"));
  await outbox.flushed();
  assertEquals(stream.written, "");
});

Deno.test("outbox: what is logged already is not logged again", async () => {
  const { log, outbox } = setUp();
  outbox.push(unhex("01"), { logged: true });
  await outbox.flushed();
  assertEquals(log.lines, []);
});
