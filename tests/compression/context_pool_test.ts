/**
 * The pool: few contexts for many, clean between two users.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import {
  ContextPool,
  deflatePool,
  inflatePool,
  MAX_IDLE,
  settingsKey,
} from "../../lib/compression/context_pool.ts";
import {
  openContexts,
  openInflateContext,
  SYNC_FLUSH,
} from "../../lib/compression/zlib_context.ts";

Deno.test("ContextPool: what was given back is lent again, without its failure", () => {
  const pool = new ContextPool(() => openInflateContext(9));
  const context = pool.take();
  const output = new Uint8Array(8);
  context.write(SYNC_FLUSH, Uint8Array.of(0xff), 0, 1, output, 0, 8);
  assert(context.failed);
  pool.give(context);
  assertEquals(pool.idle, 1);
  assertStrictEquals(pool.take(), context);
  assertEquals(context.failed, false);
  assert(pool.take() !== context);
});

Deno.test("ContextPool: it keeps a few and closes the others", () => {
  const before = openContexts();
  const pool = new ContextPool(() => openInflateContext(9));
  const lent = Array.from({ length: MAX_IDLE + 3 }, () => pool.take());
  assertEquals(openContexts(), before + MAX_IDLE + 3);
  for (const context of lent) pool.give(context);
  assertEquals(pool.idle, MAX_IDLE);
  assertEquals(openContexts(), before + MAX_IDLE);
  for (let left = MAX_IDLE; left > 0; left--) pool.take().close();
  assertEquals(openContexts(), before);
});

Deno.test("ContextPool: one for each kind of context", () => {
  const settings = { level: 6, windowBits: 15, memoryLevel: 8 };
  assertStrictEquals(deflatePool(settings), deflatePool({ ...settings }));
  for (const other of [{ level: 1 }, { windowBits: 9 }, { memoryLevel: 1 }]) {
    assert(deflatePool(settings) !== deflatePool({ ...settings, ...other }));
    assertNotEquals(settingsKey(settings), settingsKey({ ...settings, ...other }));
  }
  assertStrictEquals(inflatePool(12), inflatePool(12));
  assert(inflatePool(12) !== inflatePool(13));
});
