/**
 * Deflating: fragments, empty messages, results longer than the shared output, groups.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { createMessageCompression } from "../../lib/compression/compression.ts";
import { ContextPool } from "../../lib/compression/context_pool.ts";
import { ContextBlocks, Deflater } from "../../lib/compression/deflater.ts";
import { ZlibContext } from "../../lib/compression/zlib_context.ts";
import { hex } from "../support/hex.ts";
import {
  close,
  compression,
  deflated,
  direction,
  FORMS,
  inflated,
  json,
  noise,
  referenceInflated,
} from "./messages.ts";

const EMPTY = new Uint8Array(0);

for (const form of FORMS) {
  // RFC 7692 §7.2.3.6
  Deno.test(`Deflater (${form}): an empty message is the byte 00`, () => {
    const pair = compression({}, { form });
    assertEquals(hex(pair.deflater.push(EMPTY, true)), "00");
    assertEquals(hex(deflated(pair.deflater, EMPTY, EMPTY, EMPTY)), "00");
    assertEquals(inflated(pair.inflater, Uint8Array.of(0)), EMPTY);
    close(pair);
  });

  Deno.test(`Deflater (${form}): empty fragments add nothing`, () => {
    const pair = compression({}, { form });
    const message = json(700);
    const once = deflated(pair.deflater, message);
    for (
      const fragments of [
        [EMPTY, message],
        [message, EMPTY],
        [EMPTY, message, EMPTY, EMPTY],
      ]
    ) {
      assertEquals(hex(deflated(pair.deflater, ...fragments)), hex(once));
    }
    close(pair);
  });

  Deno.test(`Deflater (${form}): each fragment can be read as it comes`, () => {
    const pair = compression({}, { form });
    const fragments = [json(300, 1), json(5, 2), json(4000, 3)];
    const payloads: Uint8Array[] = [];
    for (const [at, fragment] of fragments.entries()) {
      payloads.push(pair.deflater.push(fragment, at === 2).slice());
      const soFar = new Uint8Array(payloads.flatMap((payload) => [...payload]));
      const expected = fragments.slice(0, at + 1).flatMap((each) => [...each]);
      assertEquals([...referenceInflated([soFar], 15)], expected);
    }
    close(pair);
  });
}

Deno.test("Deflater: the result may be of any length around that of the shared output", () => {
  const pair = compression();
  // Noise becomes stored blocks of its own length and a few bytes.
  const lengths = [65_536, 131_072].flatMap((size) =>
    Array.from({ length: 50 }, (_, at) => size - 40 + at)
  );
  const bytes = noise(131_200);
  for (const length of lengths) {
    const message = bytes.subarray(0, length);
    const payload = pair.deflater.push(message, true);
    assert(payload.length >= length);
    assertEquals(referenceInflated([payload], 15).length, length);
    assertEquals((inflated(pair.inflater, payload) as Uint8Array).length, length);
  }
  close(pair);
});

Deno.test("Deflater: without takeover a group makes the same, whoever asks", () => {
  const settings = [{ level: 1 }, { level: 9 }, { memoryLevel: 1 }, { form: "one-shot" as const }];
  const message = json(3000);
  for (const options of settings) {
    const [first, second] = [compression({}, options), compression({}, options)];
    assert(first.deflater.independent);
    assertEquals(first.deflater.group, second.deflater.group);
    deflated(first.deflater, json(100, 7));
    assertEquals(hex(deflated(first.deflater, message)), hex(deflated(second.deflater, message)));
    close(first);
    close(second);
  }
  const [nine, ten] = [compression({ windowBits: 9 }), compression({ windowBits: 10 })];
  assertNotEquals(nine.deflater.group, ten.deflater.group);
  close(nine);
  close(ten);
});

Deno.test("Deflater: with takeover nobody shares a group", () => {
  const [first, second] = [
    compression({ contextTakeover: true }),
    compression({ contextTakeover: true }),
  ];
  assertEquals([first.deflater.independent, second.deflater.independent], [false, false]);
  assertNotEquals(first.deflater.group, second.deflater.group);
  close(first);
  close(second);
});

Deno.test("Deflater: a closed one refuses to compress", () => {
  for (const contextTakeover of [true, false]) {
    const pair = compression({ contextTakeover });
    pair.deflater.push(json(100), false);
    close(pair);
    close(pair);
    assertThrows(
      () => pair.deflater.push(json(100), true),
      Error,
      "Cannot compress the message: the deflater is closed",
    );
  }
});

Deno.test("Deflater: a failure of zlib is an error of ours", () => {
  const handle = {
    onerror: (): void => {},
    writeSync: () => handle.onerror(),
    reset() {},
    close() {},
  };
  const stream = { _handle: handle, _writeState: Uint32Array.of(9, 0) };
  const source = new ContextBlocks(new ContextPool(() => new ZlibContext(stream)), false);
  const deflater = new Deflater(source, { independent: true, group: "" });
  assertThrows(
    () => deflater.push(json(9), true),
    Error,
    "Cannot compress the message: zlib failed",
  );
  deflater.close();
});

Deno.test("Deflater: it keeps to its window", () => {
  for (let windowBits = 9; windowBits < 15; windowBits++) {
    const pair = compression({ windowBits }, { level: 9 });
    const once = noise(300);
    const repeated = (gap: number): Uint8Array =>
      new Uint8Array([...once, ...noise(gap, 5), ...once]);
    const far = repeated(2 ** windowBits);
    // Nothing to refer to: the whole of it stays as long as it is.
    assert(deflated(pair.deflater, far).length >= far.length);
    const near = repeated(2);
    if (windowBits > 10) assertLess(deflated(pair.deflater, near).length, 400);
    close(pair);
  }
});

Deno.test("createMessageCompression: where nothing may be compressed there is no deflater", () => {
  const { deflater, inflater } = createMessageCompression(
    { outgoing: undefined, incoming: direction() },
    { level: 1, memoryLevel: 8 },
  );
  assertEquals(deflater, undefined);
  inflater.close();
});

Deno.test("createMessageCompression: one-shot calls cannot inflate with takeover", () => {
  assertThrows(
    () => compression({ contextTakeover: true }, { form: "one-shot" }),
    RangeError,
    "Cannot inflate with context takeover",
  );
  const { deflater, inflater } = createMessageCompression(
    { outgoing: direction({ contextTakeover: true }), incoming: direction() },
    { level: 1, memoryLevel: 8, form: "one-shot" },
  );
  // To deflate, nobody has to take over.
  assertEquals(deflater?.independent, true);
  close({ deflater, inflater });
});
