/**
 * Messages that wait to be sent.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { Message } from "../../lib/connection/message.ts";
import { WaitingMessages } from "../../lib/connection/waiting_messages.ts";

function waiting(message: Message, key?: string) {
  return { message, key, compress: true };
}

Deno.test("waiting messages: they leave in order, and cost 64 bytes each beside their own", () => {
  const queue = new WaitingMessages();
  const prepared = new PreparedMessage("four");
  queue.push(waiting("one"));
  queue.push({ message: new Uint8Array([1, 2]), key: "a", compress: false });
  queue.push(waiting(prepared));
  assertEquals([queue.length, queue.bytes], [3, 3 * 64 + 3 + 2 + 4]);
  assertEquals(queue.shift(), waiting("one"));
  assertEquals([queue.length, queue.bytes], [2, 2 * 64 + 2 + 4]);
  assertEquals(queue.shift(), { message: new Uint8Array([1, 2]), key: "a", compress: false });
  queue.push(waiting("three"));
  assertStrictEquals(queue.shift().message, prepared);
  assertEquals(queue.shift(), waiting("three"));
  assertEquals([queue.length, queue.bytes], [0, 0]);
});

Deno.test("waiting messages: bytes are copied, also those of a Buffer", () => {
  const queue = new WaitingMessages();
  for (const bytes of [new Uint8Array([1]), Buffer.from([1])]) {
    queue.push(waiting(bytes));
    queue.push(waiting("", "key"));
    queue.replace(waiting(bytes, "key"));
    bytes[0] = 2;
    assertEquals(queue.shift().message, new Uint8Array([1]));
    assertEquals(queue.shift().message, new Uint8Array([1]));
  }
});

Deno.test("waiting messages: one takes the place of the one with its key, unless that has left", () => {
  const queue = new WaitingMessages();
  for (const [message, key] of [["a1", "a"], ["b1", "b"], ["c1", "c"]]) {
    queue.push(waiting(message!, key));
  }
  assert(queue.replace({ message: "b2 is longer", key: "b", compress: false }));
  assertEquals(queue.bytes, 3 * 64 + 2 + 12 + 2);
  queue.shift();
  assertEquals(queue.replace(waiting("a2", "a")), false);
  assertEquals(queue.shift(), { message: "b2 is longer", key: "b", compress: false });
  assertEquals(queue.shift(), waiting("c1", "c"));
});

Deno.test("waiting messages: all can be dropped", () => {
  const queue = new WaitingMessages();
  for (const message of ["1", "2", "3"]) queue.push(waiting(message, "key"));
  queue.shift();
  queue.clear();
  assertEquals([queue.length, queue.bytes], [0, 0]);
  assertEquals(queue.replace(waiting("4", "key")), false);
  queue.push(waiting("5"));
  assertEquals(queue.shift().message, "5");
});

Deno.test("waiting messages: the time that each takes does not grow with their number", () => {
  const queue = new WaitingMessages();
  const count = 200_000;
  for (let i = 0; i < count; i++) queue.push(waiting(`${i}`));
  const start = performance.now();
  for (let i = 0; i < count; i++) assert(queue.shift().message === `${i}`);
  assertLess(performance.now() - start, 1500);
});

Deno.test("waiting messages: of several with one key the last one is replaced, wherever it lies", () => {
  const queue = new WaitingMessages();
  for (const message of ["a1", "b1", "a2", "c1", "b2"]) queue.push(waiting(message, message[0]));
  for (const message of ["a1", "b1", "a2"]) assertEquals(queue.shift().message, message);
  assertEquals(queue.replace(waiting("a3", "a")), false);
  assert(queue.replace(waiting("b3", "b")));
  assert(queue.replace(waiting("c2", "c")));
  assertEquals([queue.shift().message, queue.shift().message], ["c2", "b3"]);
});

Deno.test("waiting messages: nor does the time to replace one", () => {
  const queue = new WaitingMessages();
  const count = 100_000;
  for (let i = 0; i < count; i++) queue.push(waiting("", `${i}`));
  const start = performance.now();
  for (let i = 0; i < count; i++) assert(queue.replace(waiting("x", `${i}`)));
  assertLess(performance.now() - start, 1500);
  assertEquals(queue.bytes, count * 65);
});
