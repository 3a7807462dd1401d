/**
 * Rounds of writes: when they come, and who takes part.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { endBatch, joinRound, type RoundMember } from "../../../lib/engine/codec/write_round.ts";

/** Members that note their names in `log` as they begin to write. */
function members(log: string[], ...names: string[]): RoundMember[] {
  return names.map((name) => ({ beginWrite: () => void log.push(name) }));
}

/** Stops the clock at 0 until it is disposed; `now` moves it, in milliseconds. */
function stopClock(): { now: number } & Disposable {
  const real = Date.now;
  const clock = {
    now: 0,
    [Symbol.dispose]: () => void (Date.now = real),
  };
  Date.now = () => clock.now;
  return clock;
}

Deno.test("write round: all who joined begin at the end of the job, in order", async () => {
  using _clock = stopClock();
  const log: string[] = [];
  for (const member of members(log, "a", "b", "c")) joinRound(member);
  endBatch();
  log.push("end of job");
  await undefined;
  assertEquals(log, ["end of job", "a", "b", "c"]);
});

Deno.test("write round: what is due already when the first joins comes before it", async () => {
  const log: string[] = [];
  const [a, b] = members(log, "a", "b");
  const first = Promise.resolve().then(() => {
    joinRound(a!);
    log.push("first");
  });
  const second = Promise.resolve().then(() => {
    joinRound(b!);
    log.push("second");
  });
  await Promise.all([first, second]);
  assertEquals(log, ["first", "second", "a", "b"]);
});

Deno.test("write round: a full one is written at the end of the batch, once", async () => {
  using _clock = stopClock();
  const log: string[] = [];
  const all = members(log, ...Array.from({ length: 64 }, (_, at) => `${at}`));
  for (const member of all.slice(0, 63)) joinRound(member);
  endBatch();
  assertEquals(log, []);
  joinRound(all[63]!);
  assertEquals(log, []);
  endBatch();
  assertEquals(log, Array.from({ length: 64 }, (_, at) => `${at}`));
  await undefined;
  assertEquals(log.length, 64);
});

Deno.test("write round: behind a batch that took long it does not wait for more", async () => {
  using clock = stopClock();
  const log: string[] = [];
  const [a, b] = members(log, "a", "b");
  joinRound(a!);
  clock.now = 1;
  endBatch();
  assertEquals(log, []);
  clock.now = 2;
  endBatch();
  assertEquals(log, ["a"]);
  joinRound(b!);
  endBatch();
  assertEquals(log, ["a"], "the next one lasts anew");
  await undefined;
  assertEquals(log, ["a", "b"]);
});

Deno.test("write round: who joins while it is written takes part in the next", async () => {
  const log: string[] = [];
  const [b] = members(log, "b");
  joinRound({
    beginWrite: () => {
      log.push("a");
      joinRound(b!);
      log.push("joined");
    },
  });
  await undefined;
  assertEquals(log, ["a", "joined"]);
  await undefined;
  assertEquals(log, ["a", "joined", "b"]);
});
