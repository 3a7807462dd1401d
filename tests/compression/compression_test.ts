/**
 * Many connections at once: messages in between each other, closing in their midst, memory.
 *
 * @module
 */
import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { deflatePool, inflatePool, MAX_IDLE } from "../../lib/compression/context_pool.ts";
import { openContexts } from "../../lib/compression/zlib_context.ts";
import { concat } from "../support/hex.ts";
import {
  close,
  Collector,
  compression,
  deflated,
  FORMS,
  inflated,
  json,
  reference,
} from "./messages.ts";

const EMPTY = new Uint8Array(0);

for (const contextTakeover of [false, true]) {
  const title = contextTakeover ? "with takeover" : "without takeover";

  Deno.test(`compression (${title}): messages of several connections in between each other`, () => {
    const pairs = Array.from({ length: 7 }, () => compression({ contextTakeover }));
    for (let round = 0; round < 3; round++) {
      const messages = pairs.map((_, at) => json(9000, 10 * round + at));
      const payloads: Uint8Array[][] = pairs.map(() => []);
      for (let from = 0; from < 9000; from += 3000) {
        for (const [at, { deflater }] of pairs.entries()) {
          const piece = messages[at]!.subarray(from, from + 3000);
          payloads[at]!.push(deflater.push(piece, from === 6000).slice());
        }
      }
      const sinks = pairs.map(() => new Collector());
      for (let step = 0; step < 3; step++) {
        for (const [at, { inflater }] of pairs.entries()) {
          const piece = payloads[at]![step]!;
          assertEquals(inflater.push(piece, 0, piece.length, sinks[at]!), undefined);
        }
      }
      for (const [at, { inflater }] of pairs.entries()) {
        assertEquals(inflater.finish(sinks[at]!), undefined);
        assertEquals(sinks[at]!.bytes, messages[at]);
      }
    }
    pairs.forEach(close);
  });

  Deno.test(`compression (${title}): closing in the middle of messages frees everything`, () => {
    const settings = { level: 6, windowBits: 14, memoryLevel: 8 };
    const idle = (): number => deflatePool(settings).idle + inflatePool(14).idle;
    const before = openContexts() - idle();
    const payload = reference(json(5000), { windowBits: 14 });
    const pairs = Array.from(
      { length: 20 },
      () => compression({ contextTakeover, windowBits: 14 }),
    );
    for (const { inflater, deflater } of pairs) {
      inflater.push(payload, 0, 700, new Collector());
      deflater.push(json(300), false);
    }
    assertEquals(openContexts() - idle() - before, 40);
    pairs.forEach(close);
    assertEquals(openContexts() - idle(), before);
    assertLessOrEqual(idle(), 2 * MAX_IDLE);
    // Whoever is lent one of them next finds nothing in it.
    const next = compression({ contextTakeover, windowBits: 14 });
    assertEquals(inflated(next.inflater, deflated(next.deflater, json(5000))), json(5000));
    close(next);
  });
}

Deno.test("compression: a message that failed leaves no context behind", () => {
  const idle = (): number => inflatePool(13).idle;
  const before = openContexts() - idle();
  for (const contextTakeover of [false, true]) {
    const pair = compression({ contextTakeover, windowBits: 13 });
    assertEquals(inflated(pair.inflater, Uint8Array.of(7)), "ERR_DEFLATE_DATA");
    assertEquals(openContexts() - idle(), before);
    close(pair);
  }
});

Deno.test("compression: without takeover a thousand connections share two contexts", () => {
  const before = openContexts();
  const settings = { windowBits: 12 };
  const pairs = Array.from({ length: 1000 }, () => compression(settings));
  assertEquals(openContexts(), before);
  for (const { inflater, deflater } of pairs) {
    assertEquals(inflated(inflater, deflated(deflater, json(200))), json(200));
  }
  assertLessOrEqual(openContexts() - before, 2);
  pairs.forEach(close);
});

Deno.test("compression: with takeover a connection that says nothing has no context", () => {
  const before = openContexts();
  const pair = compression({ contextTakeover: true, windowBits: 11 });
  assertEquals(inflated(pair.inflater, EMPTY), EMPTY);
  deflated(pair.deflater, EMPTY);
  assertEquals(openContexts(), before);
  close(pair);
  assertEquals(openContexts(), before);
});

Deno.test("compression: memory does not grow as connections come and go", () => {
  const message = json(20_000);
  const payload = reference(message);
  const cycle = (): void => {
    for (let count = 0; count < 60; count++) {
      const pair = compression({ contextTakeover: true });
      const other = compression({ contextTakeover: true });
      for (const each of [pair, other]) {
        each.deflater.push(message, count % 2 === 0);
        inflated(each.inflater, payload);
        each.inflater.push(payload, 0, 1000, new Collector());
      }
      close(other);
      inflated(pair.inflater, Uint8Array.of(0xff));
      close(pair);
    }
  };
  cycle();
  cycle();
  const before = Deno.memoryUsage().rss;
  for (let count = 0; count < 6; count++) cycle();
  // 720 pairs of contexts would take 270 MiB.
  assertLess(Deno.memoryUsage().rss - before, 48 * 1024 * 1024);
});

Deno.test("compression: what a caller does with its bytes afterwards changes nothing", () => {
  for (const form of FORMS) {
    const pair = compression({}, { form });
    const [first, second] = [json(500, 1), json(500, 2)];
    const payload = concat(
      pair.deflater.push(first, false).slice(),
      pair.deflater.push(second, true).slice(),
    );
    const expected = concat(first, second);
    first.fill(0);
    const sink = new Collector();
    const middle = payload.length >> 1;
    const head = payload.slice(0, middle);
    pair.inflater.push(head, 0, head.length, sink);
    head.fill(0);
    pair.inflater.push(payload, middle, payload.length, sink);
    assertEquals(pair.inflater.finish(sink), undefined);
    assertEquals(sink.bytes, expected);
    close(pair);
  }
});
