/**
 * The queue of unsent messages: its bounds, its policies, and whose bytes it holds.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type QueueOptions, UnsentQueue } from "../../../lib/client/reconnecting/unsent_queue.ts";
import type { Sendable } from "../../../lib/connection/outbox.ts";
import { PreparedMessage } from "../../../lib/connection/prepared_message.ts";
import { seeded } from "../../support/seed.ts";

function create(options: QueueOptions = {}): UnsentQueue {
  return new UnsentQueue({ maxMessages: 1000, maxBytes: 1000, policy: "reject", ...options });
}

/** Takes all out, as text. */
function takeAll(queue: UnsentQueue): string[] {
  const taken: string[] = [];
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
    taken.push(String(each.message));
  }
  return taken;
}

Deno.test("queue: first in, first out, with its options", () => {
  const queue = create();
  assertEquals(queue.shift(), undefined);
  assertEquals(queue.push("a", undefined), true);
  assertEquals(queue.push("bc", { key: "k", compress: false }), true);
  assertEquals([queue.length, queue.bytes], [2, 3]);
  assertEquals(queue.shift(), { message: "a", bytes: 1, options: undefined });
  assertEquals(queue.shift(), {
    message: "bc",
    bytes: 2,
    options: { key: "k", compress: false },
  });
  assertEquals([queue.shift(), queue.length, queue.bytes], [undefined, 0, 0]);
});

Deno.test("queue: text counts as the UTF-8 that it becomes, binary as its bytes", () => {
  const bytes = (data: Sendable): number => {
    const queue = create();
    queue.push(data, undefined);
    return queue.bytes;
  };
  assertEquals(bytes("aä€😀"), 1 + 2 + 3 + 4);
  assertEquals(bytes("\ud800"), 3, "a lone surrogate becomes U+FFFD");
  assertEquals(bytes(new Uint16Array(3)), 6);
  assertEquals(bytes(new ArrayBuffer(5)), 5);
  assertEquals(bytes(new SharedArrayBuffer(4)), 4);
  assertEquals(bytes(new PreparedMessage("ä")), 2);
  assertEquals(bytes(new PreparedMessage(new Uint8Array(9))), 9);
  assertEquals(bytes(""), 0);
});

Deno.test("queue: what it holds is its own", () => {
  const queue = create();
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  queue.push(bytes, undefined);
  queue.push(bytes.buffer, undefined);
  queue.push(new DataView(bytes.buffer, 1, 2), undefined);
  queue.push(shared.buffer, undefined);
  bytes.fill(9);
  shared.fill(9);
  const taken = Array.from({ length: 4 }, () => queue.shift()?.message);
  assertEquals(taken, [
    new Uint8Array([1, 2, 3, 4]),
    new Uint8Array([1, 2, 3, 4]),
    new Uint8Array([2, 3]),
    new Uint8Array([0, 0]),
  ]);
});

Deno.test("queue: what cannot be sent is a TypeError, and changes nothing", () => {
  const queue = create({ maxMessages: 0 });
  for (const data of [null, undefined, 5, true, {}, [1], new Blob(["a"])]) {
    assertThrows(
      () => queue.push(data as unknown as Sendable, undefined),
      TypeError,
      "Cannot send: the message must be a string, an ArrayBuffer, a view of one, or a Prepared",
    );
  }
  assertEquals([queue.length, queue.dropped], [0, 0]);
});

Deno.test("queue: reject refuses what does not fit, by count and by bytes", () => {
  const byCount = create({ maxMessages: 2 });
  assertEquals(["a", "b", "c"].map((text) => byCount.push(text, undefined)), [true, true, false]);
  assertEquals([takeAll(byCount), byCount.dropped], [["a", "b"], 1]);
  const byBytes = create({ maxBytes: 4 });
  const taken = ["aa", "bbb", "cc", ""].map((text) => byBytes.push(text, undefined));
  assertEquals(taken, [true, false, true, true]);
  assertEquals([takeAll(byBytes), byBytes.dropped], [["aa", "cc", ""], 1]);
});

Deno.test("queue: drop-newest drops what does not fit", () => {
  const queue = create({ maxMessages: 2, policy: "drop-newest" });
  assertEquals(["a", "b", "c"].map((text) => queue.push(text, undefined)), [true, true, true]);
  assertEquals([takeAll(queue), queue.dropped], [["a", "b"], 1]);
});

Deno.test("queue: drop-oldest makes room, with no more than is needed", () => {
  const byCount = create({ maxMessages: 2, policy: "drop-oldest" });
  assertEquals(["a", "b", "c"].map((text) => byCount.push(text, undefined)), [true, true, true]);
  assertEquals([takeAll(byCount), byCount.dropped], [["b", "c"], 1]);
  const byBytes = create({ maxBytes: 6, policy: "drop-oldest" });
  for (const text of ["aa", "bb", "cc", "ddd"]) byBytes.push(text, undefined);
  assertEquals([byBytes.bytes, takeAll(byBytes), byBytes.dropped], [5, ["cc", "ddd"], 2]);
});

Deno.test("queue: what would not fit into the empty queue does not empty it", () => {
  for (const policy of ["drop-oldest", "drop-newest", "reject"] as const) {
    const queue = create({ maxBytes: 3, policy });
    queue.push("abc", undefined);
    assertEquals(queue.push("abcd", undefined), policy !== "reject");
    assertEquals([takeAll(queue), queue.dropped], [["abc"], 1]);
    const none = create({ maxMessages: 0, policy });
    assertEquals(none.push("", undefined), policy !== "reject");
    assertEquals([none.length, none.dropped], [0, 1]);
  }
});

Deno.test("queue: clear forgets all, and drop counts", () => {
  const queue = create();
  queue.push("a", undefined);
  queue.push("b", undefined);
  queue.push("c", undefined);
  queue.shift();
  assertEquals([queue.clear(), queue.clear()], [2, 0]);
  assertEquals([queue.length, queue.bytes, queue.shift()], [0, 0, undefined]);
  queue.drop();
  assertEquals(queue.dropped, 1);
});

/** What the queue should do, in the plainest way. */
class Model {
  waiting: string[] = [];
  dropped = 0;

  push(text: string, { maxMessages, maxBytes, policy }: Required<QueueOptions>): boolean {
    const fits = () =>
      this.waiting.length < maxMessages && this.waiting.join("").length + text.length <= maxBytes;
    if (policy === "drop-oldest" && maxMessages > 0 && text.length <= maxBytes) {
      while (!fits()) {
        this.waiting.shift();
        this.dropped++;
      }
    }
    if (fits()) {
      this.waiting.push(text);
      return true;
    }
    this.dropped++;
    return policy !== "reject";
  }
}

Deno.test("queue: it does what a plain list would do, and never holds more than it may", () => {
  const options = fc.record({
    maxMessages: fc.integer({ min: 0, max: 6 }),
    maxBytes: fc.integer({ min: 0, max: 12 }),
    policy: fc.constantFrom("reject", "drop-newest", "drop-oldest"),
  });
  const steps = fc.array(fc.option(fc.string({ maxLength: 5, unit: "grapheme-ascii" })), {
    maxLength: 60,
  });
  const property = fc.property(options, steps, (options, steps) => {
    const queue = new UnsentQueue(options);
    const model = new Model();
    for (const text of steps) {
      if (text === null) assertEquals(queue.shift()?.message, model.waiting.shift());
      else assertEquals(queue.push(text, undefined), model.push(text, options));
      assertEquals(queue.length <= options.maxMessages, true);
      assertEquals(queue.bytes <= options.maxBytes, true);
      assertEquals(queue.bytes, model.waiting.join("").length);
      assertEquals([queue.length, queue.dropped], [model.waiting.length, model.dropped]);
    }
    assertEquals(takeAll(queue), model.waiting);
  });
  fc.assert(property, seeded({ numRuns: 500, interruptAfterTimeLimit: 2000 }));
});
