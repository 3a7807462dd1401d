import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  aloneInBuffer,
  bytesOf,
  payloadOf,
  sizeOf,
} from "../../../lib/client/websocket/payload.ts";

const STRINGS: readonly [value: unknown, text: string][] = [
  ["text", "text"],
  [null, "null"],
  [undefined, "undefined"],
  [12, "12"],
  [{}, "[object Object]"],
  [[1, 2], "1,2"],
  [{ toString: () => "mine" }, "mine"],
];

for (const [value, text] of STRINGS) {
  Deno.test(`payload: ${JSON.stringify(value)} is sent as the text ${text}`, () => {
    assertEquals(payloadOf(value), text);
  });
}

Deno.test("payload: what has no string is a TypeError", () => {
  assertThrows(() => payloadOf(Symbol("a")), TypeError);
  assertThrows(() => payloadOf(Object.create(null)), TypeError);
});

Deno.test("payload: a Blob stays one until it is read", () => {
  const blob = new Blob(["abc"]);
  assertStrictEquals(payloadOf(blob), blob);
});

Deno.test("payload: every view gives the bytes that it shows, and no others", () => {
  const { buffer } = Uint8Array.fromHex("000102030405060708090a0b0c0d0e0f");
  const views: [ArrayBufferLike | ArrayBufferView, string][] = [
    [buffer, "000102030405060708090a0b0c0d0e0f"],
    [new Int8Array(buffer, 1, 2), "0102"],
    [new Uint8ClampedArray(buffer, 15), "0f"],
    [new Int16Array(buffer, 2, 1), "0203"],
    [new Uint16Array(buffer, 4, 2), "04050607"],
    [new Int32Array(buffer, 4, 1), "04050607"],
    [new Uint32Array(buffer, 12), "0c0d0e0f"],
    [new Float16Array(buffer, 6, 1), "0607"],
    [new Float32Array(buffer, 8, 1), "08090a0b"],
    [new Float64Array(buffer, 8), "08090a0b0c0d0e0f"],
    [new BigInt64Array(buffer, 0, 1), "0001020304050607"],
    [new BigUint64Array(buffer, 8, 1), "08090a0b0c0d0e0f"],
    [new DataView(buffer, 3, 4), "03040506"],
    [new Uint8Array(buffer, 16), ""],
  ];
  for (const [view, hex] of views) {
    const bytes = payloadOf(view);
    assertEquals((bytes as Uint8Array).toHex(), hex, view.constructor.name);
    assertEquals(sizeOf(bytes), hex.length / 2);
  }
});

Deno.test("payload: shared memory is a TypeError", () => {
  const shared = new SharedArrayBuffer(4);
  for (const data of [shared, new Uint8Array(shared), new DataView(shared)]) {
    assertThrows(() => payloadOf(data), TypeError, "copy the bytes first");
  }
});

Deno.test("payload: what is no buffer has no bytes", () => {
  for (const data of ["a", null, undefined, 1, {}, new Blob(["a"])]) {
    assertEquals(bytesOf(data), undefined);
  }
});

Deno.test("payload: the size of text is that of its UTF-8, with U+FFFD for half a pair", () => {
  for (const text of ["", "abc", "é", "€", "🔌", "a\ud800b", "\udc00", "\udc00\ud800"]) {
    assertEquals(sizeOf(text), new TextEncoder().encode(text).length, JSON.stringify(text));
  }
  assertEquals(sizeOf(new Blob(["é", "€"])), 5);
});

Deno.test("payload: bytes are copied out of a buffer only where there is more in it", () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4);
  const whole = new Uint8Array(buffer);
  assertStrictEquals(aloneInBuffer(whole), whole);
  for (const part of [whole.subarray(0, 3), whole.subarray(1)]) {
    const alone = aloneInBuffer(part);
    assertEquals(alone, part);
    assertEquals(alone.buffer.byteLength, 3);
  }
});
