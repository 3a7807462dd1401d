/**
 * The frames of one long message, made in turns for all who wait for them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { workQueue } from "../../lib/compression/work_queue.ts";
import { FramesInTurns, type FramesWaiter } from "../../lib/connection/frames_in_turns.ts";
import { LONG_BYTES, MOST_FRAGMENTS, TURN_BYTES } from "../../lib/connection/long_message.ts";
import { FakeDeflater } from "../support/fake_compression.ts";
import { parseFrame, type RawFrame } from "../support/raw_frame.ts";
import { Hold, LONG } from "./long_work.ts";

/** Frames in turns that a test takes by hand, and what is told of them. */
function setUp(message: string | Uint8Array = LONG) {
  const log: string[] = [];
  const made: RawFrame[] = [];
  const work = new FramesInTurns(message, (frames) => {
    log.push(frames === undefined ? "given up" : "made");
    let rest = frames ?? new Uint8Array(0);
    for (let got = parseFrame(rest); got !== null; got = parseFrame(rest)) {
      made.push(got.frame);
      rest = rest.subarray(got.size);
    }
    assertEquals(rest.length, 0);
  });
  const join = (name: string) => {
    const deflater = new FakeDeflater();
    const onEnd = (error?: unknown) => void log.push(`${name} ${error ?? "has them"}`);
    const waiter: FramesWaiter = { options: { deflater }, onEnd };
    work.join(waiter);
    return { deflater, leave: () => work.leave(waiter) };
  };
  return { work, log, made, join };
}

const TURNS = LONG_BYTES / TURN_BYTES;

Deno.test("frames in turns: a piece each turn, then one waiter each turn", () => {
  using _hold = new Hold();
  const { work, log, made, join } = setUp();
  const [a, b] = [join("a"), join("b")];
  assertEquals(workQueue.size, 2, "the hold, and one work for both");
  for (let turn = 1; turn <= TURNS; turn++) {
    assertEquals(log, []);
    assertEquals(work.turn(), true);
    assertEquals([a.deflater.pushes.all, b.deflater.pushes.all], [turn, 0]);
  }
  assertEquals(log, ["made"]);
  assertEquals(made.map(({ fin, rsv, opcode }) => [fin, rsv, opcode]), [
    [false, 4, 2],
    [false, 0, 0],
    [false, 0, 0],
    [true, 0, 0],
  ]);
  assertEquals(work.turn(), true);
  assertEquals(log.splice(0), ["made", "a has them"]);
  assertEquals(work.turn(), false);
  assertEquals(log, ["b has them"]);
  assertEquals(workQueue.size, 1);
  a.leave();
  b.leave();
  assertEquals(log, ["b has them"]);
});

Deno.test("frames in turns: even the longest message has no more fragments than peers allow", () => {
  using _hold = new Hold();
  const { work, made, join } = setUp(new Uint8Array(MOST_FRAGMENTS * TURN_BYTES + 1));
  join("a");
  while (work.turn());
  assertEquals(made.length, MOST_FRAGMENTS);
});

Deno.test("frames in turns: when the lender of the compressor leaves, all begins again", () => {
  using _hold = new Hold();
  const { work, log, made, join } = setUp();
  const [a, b, c] = [join("a"), join("b"), join("c")];
  work.turn();
  work.turn();
  a.leave();
  a.leave();
  work.turn();
  c.leave();
  while (work.turn());
  assertEquals(log, ["made", "b has them"]);
  assertEquals(made.length, TURNS);
  const pushes = [a, b, c].map(({ deflater }) => deflater.pushes.all);
  assertEquals(pushes, [2, TURNS, 0], "who leaves from behind changes nothing");
});

Deno.test("frames in turns: when nobody is left it is given up, once", () => {
  using _hold = new Hold();
  const { work, log, join } = setUp();
  const [a, b] = [join("a"), join("b")];
  work.turn();
  b.leave();
  assertEquals([log, workQueue.size], [[], 2]);
  a.leave();
  a.leave();
  assertEquals([log, workQueue.size], [["given up"], 1]);
});

Deno.test("frames in turns: what was made is not given up when all leave", () => {
  using _hold = new Hold();
  const { work, log, join } = setUp();
  const [a, b] = [join("a"), join("b")];
  for (let turn = 1; turn <= TURNS; turn++) work.turn();
  a.leave();
  assertEquals(workQueue.size, 2);
  b.leave();
  assertEquals([log, workQueue.size], [["made"], 1]);
});

Deno.test("frames in turns: who cannot compress is told, and the next one tries", () => {
  using _hold = new Hold();
  const { work, log, join } = setUp();
  const fails = () => {
    throw new Error("zlib failed");
  };
  const [a, , c] = [join("a"), join("b"), join("c")];
  work.turn();
  a.deflater.push = fails;
  c.deflater.push = fails;
  while (work.turn());
  assertEquals(log, ["a Error: zlib failed", "made", "b has them", "c has them"]);
  const alone = setUp();
  alone.join("d").deflater.push = fails;
  assertEquals(alone.work.turn(), false);
  assertEquals([alone.log, workQueue.size], [["given up", "d Error: zlib failed"], 1]);
});

Deno.test("frames in turns: what does not shrink is one frame, as it was", () => {
  using _hold = new Hold();
  const text = "ab".repeat(LONG_BYTES / 2);
  for (
    const [opcode, message, bytes] of [[1, text, new TextEncoder().encode(text)], [
      2,
      LONG,
      LONG,
    ]] as const
  ) {
    // With a header of 4 bytes each fragment is as long as its piece, or a byte shorter.
    for (const saved of [4, 5]) {
      const { work, made, join } = setUp(message);
      join("a").deflater.push = (piece) => piece.slice(saved);
      while (work.turn());
      assertEquals(made.length, saved === 4 ? 1 : TURNS);
      if (saved === 5) continue;
      assertEquals([made[0]!.fin, made[0]!.rsv, made[0]!.opcode], [true, 0, opcode]);
      assertEquals(made[0]!.payload, bytes);
    }
  }
});
