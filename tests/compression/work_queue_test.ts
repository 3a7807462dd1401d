import { assertEquals, assertThrows } from "@std/assert";
import { type Work, WorkQueue } from "../../lib/compression/work_queue.ts";

/** A queue whose turns are run by hand, and what its work did. */
function byHand() {
  const due: (() => void)[] = [];
  const log: string[] = [];
  const queue = new WorkQueue((turn) => due.push(turn));
  return {
    queue,
    log,
    /** Work of so many turns; `during` runs within each. */
    work(name: string, turns: number, during?: () => void): Work {
      let done = 0;
      return {
        turn() {
          log.push(`${name}${++done}`);
          during?.();
          return done < turns;
        },
      };
    },
    /** Runs turns until none is due, and says how many there were. */
    run(limit = 100): number {
      let count = 0;
      for (; due.length > 0 && count < limit; count++) due.shift()!();
      return count;
    },
    due,
  };
}

Deno.test("work queue: what is under way takes turns, one at a time", () => {
  const { queue, log, work, run } = byHand();
  queue.add(work("a", 3));
  queue.add(work("b", 2));
  assertEquals(log, [], "nothing runs at once");
  assertEquals(run(), 5);
  assertEquals(log, ["a1", "b1", "a2", "b2", "a3"]);
  assertEquals(queue.size, 0);
});

Deno.test("work queue: no more than the concurrency is under way, the rest waits in order", () => {
  const { queue, log, work, run } = byHand();
  queue.concurrency = 2;
  for (const name of ["a", "b", "c", "d"]) queue.add(work(name, 2));
  assertEquals(queue.size, 4);
  run();
  assertEquals(log, ["a1", "b1", "a2", "b2", "c1", "d1", "c2", "d2"]);
});

Deno.test("work queue: a greater concurrency holds at once", () => {
  const { queue, log, work, run } = byHand();
  queue.concurrency = 1;
  queue.add(work("a", 2));
  queue.add(work("b", 2));
  run(1);
  queue.concurrency = 2;
  run();
  assertEquals(log, ["a1", "a2", "b1", "b2"]);
  assertEquals(queue.concurrency, 2);
});

Deno.test("work queue: what is withdrawn gets no turn, and gives its place to another", () => {
  const { queue, log, work, run } = byHand();
  queue.concurrency = 1;
  const [first, second] = [work("a", 9), work("b", 1)];
  const third = work("c", 1);
  queue.add(first);
  queue.add(second);
  queue.add(third);
  run(2);
  queue.withdraw(first);
  queue.withdraw(second);
  queue.withdraw(second);
  run();
  assertEquals(log, ["a1", "a2", "c1"]);
  assertEquals(queue.size, 0);
});

Deno.test("work queue: work may be withdrawn by its own turn", () => {
  const { queue, log, work, run } = byHand();
  const own: Work = work("a", 9, () => queue.withdraw(own));
  queue.add(own);
  queue.add(work("b", 1));
  run();
  assertEquals(log, ["a1", "b1"]);
  assertEquals(queue.size, 0);
});

Deno.test("work queue: work may be added by a turn, and one turn is due at a time", () => {
  const { queue, log, work, run, due } = byHand();
  queue.add(work("a", 1, () => queue.add(work("b", 1))));
  queue.add(work("c", 1));
  assertEquals(due.length, 1);
  run();
  assertEquals(log, ["a1", "c1", "b1"]);
});

Deno.test("work queue: by default other events come between two turns", async () => {
  const queue = new WorkQueue();
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let turns = 0;
  queue.add({
    turn() {
      log.push("turn");
      queueMicrotask(() => log.push("job"));
      if (++turns < 3) return true;
      resolve();
      return false;
    },
  });
  await promise;
  assertEquals(log, ["turn", "job", "turn", "job", "turn", "job"]);
});

Deno.test("work queue: the concurrency is checked", () => {
  const queue = new WorkQueue();
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    const error = assertThrows(() => (queue.concurrency = bad), RangeError);
    assertEquals(error.message, `concurrency must be a whole number from 1 on; got ${bad}`);
  }
  assertEquals(queue.concurrency, 4);
});
