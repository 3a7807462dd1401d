/**
 * A context of zlib: what may not be done to it ends in an exception, not the process.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  openContexts,
  openDeflateContext,
  openInflateContext,
  SYNC_FLUSH,
  ZlibContext,
} from "../../lib/compression/zlib_context.ts";

const SETTINGS = { level: 1, windowBits: 9, memoryLevel: 1 };

Deno.test("ZlibContext: a closed context refuses to be written to and to be reset", () => {
  for (const context of [openDeflateContext(SETTINGS), openInflateContext(9)]) {
    context.close();
    const bytes = new Uint8Array(8);
    assertThrows(
      () => context.write(SYNC_FLUSH, bytes, 0, 8, bytes, 0, 8),
      Error,
      "Cannot use the zlib context: it is closed",
    );
    assertThrows(() => context.reset(), Error, "it is closed");
  }
});

Deno.test("ZlibContext: closing twice closes once", () => {
  const before = openContexts();
  const context = openInflateContext(15);
  assertEquals(openContexts(), before + 1);
  context.close();
  context.close();
  assertEquals(openContexts(), before);
});

Deno.test("ZlibContext: a failure is told, and a reset forgets it", () => {
  const context = openInflateContext(15);
  const output = new Uint8Array(8);
  context.write(SYNC_FLUSH, Uint8Array.of(0xff), 0, 1, output, 0, 8);
  assertEquals(context.failed, true);
  context.reset();
  assertEquals(context.failed, false);
  context.write(SYNC_FLUSH, Uint8Array.of(0, 1, 0, 0xfe, 0xff, 65), 0, 6, output, 2, 8);
  assertEquals([context.failed, context.spaceLeft, context.inputLeft], [false, 5, 0]);
  assertEquals([...output], [0, 0, 65, 0, 0, 0, 0, 0]);
  context.close();
});

const NO_STREAMS: readonly (readonly [string, unknown])[] = [
  ["without a handle", { _writeState: new Uint32Array(2) }],
  ["with an empty handle", { _handle: {}, _writeState: new Uint32Array(2) }],
  ["without counts", { _handle: { writeSync() {}, reset() {}, close() {} } }],
  ["whose handle is null", { _handle: null, _writeState: new Uint32Array(2) }],
];

for (const [what, stream] of NO_STREAMS) {
  Deno.test(`ZlibContext: a stream ${what} is refused`, () => {
    const before = openContexts();
    assertThrows(() => new ZlibContext(stream), TypeError, "Cannot use zlib");
    assertEquals(openContexts(), before);
  });
}
