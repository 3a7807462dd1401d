/**
 * The wire log: its lines, and what is counted.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { parseHeader } from "../../../../autobahn/suite/wire/frame_reader.ts";
import { unhex } from "../../../support/hex.ts";

const TEXT = { opcode: 1, payload: unhex("4142"), fin: true, rsv: 0, chopBytes: undefined };

Deno.test("wire log: octets and frames in both directions", () => {
  const log = new WireLog();
  log.frameSent({ ...TEXT, mask: unhex("01020304"), chopBytes: 1 });
  log.octetsSent(unhex("81"), true);
  log.octetsReceived(unhex("820101"));
  log.frameReceived(parseHeader(unhex("8201"))!, unhex("01"));
  assertEquals(log.lines, [
    ["TF", [2, "AB"], 1, true, 0, "01020304", null, 1, false],
    ["TO", [1, "81"], true],
    ["RO", [3, "820101"]],
    ["RF", [1, "\x01"], 2, true, 0, false, null],
  ]);
});

Deno.test("wire log: while it is off it counts, and keeps other lines", () => {
  const log = new WireLog();
  log.setOn(false);
  log.setOn(false);
  log.frameSent({ ...TEXT, mask: undefined });
  log.octetsSent(unhex("81024142"), false);
  log.octetsReceived(unhex("00"));
  log.add(["TI", 1]);
  log.setOn(true);
  assertEquals(log.lines, [["WLM", false], ["TI", 1], ["WLM", true]]);
  assertEquals(log.counts(), {
    rxOctetStats: { 1: 1 },
    rxFrameStats: {},
    txOctetStats: { 4: 1 },
    txFrameStats: { 1: 1 },
  });
});

Deno.test("wire log: fragments are counted frame by frame", () => {
  const log = new WireLog();
  log.fragmentsSent({ opcode: 2, lengths: [10, 10, 4] });
  assertEquals(log.sentFrames, { 2: 1, 0: 2 });
  assertEquals(log.counts().txOctetStats, { 10: 2, 4: 1 });
  assertEquals(log.lines, []);
});

Deno.test("wire log: a flood ends it, and says so", () => {
  const log = new WireLog();
  for (let i = 0; i < 30_000; i++) log.octetsReceived(unhex("00"));
  assertEquals(log.lines.length, 20_001);
  assertEquals(log.lines.at(-1), ["WLM", false]);
  assertEquals(log.on, false);
  assertEquals(log.counts().rxOctetStats, { 1: 30_000 });
});
