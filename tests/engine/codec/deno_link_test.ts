/**
 * The link over a real TCP connection.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { DenoLink } from "../../../lib/engine/codec/deno_link.ts";
import type { LinkReceiver } from "../../../lib/engine/link.ts";

/** Collects what a link brings, and lets a test wait for it. */
class Collector implements LinkReceiver {
  readonly chunks: Uint8Array[] = [];
  written = 0;
  ended = 0;
  error: Error | undefined;
  #changed = Promise.withResolvers<void>();

  get received(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Waits until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.chunks.push(bytes.slice(start, end));
    this.#change();
  }

  onEnd(): void {
    this.ended++;
    this.#change();
  }

  onWritten(count: number): void {
    this.written += count;
    this.#change();
  }

  onError(error: Error): void {
    this.error = error;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** Joins a link to a plain connection, for the time of `test`. */
async function withLink(
  test: (link: DenoLink, collector: Collector, peer: Deno.TcpConn) => Promise<void>,
  first: Uint8Array = new Uint8Array(0),
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const link = new DenoLink(await accepted);
  const collector = new Collector();
  link.start(collector, first);
  assertEquals(collector.chunks, [], "nothing comes from within start");
  try {
    await test(link, collector, peer);
  } finally {
    link.destroy();
    closeAgain(peer);
  }
}

/** Closes a connection that a test may have closed. */
function closeAgain(peer: Deno.TcpConn): void {
  try {
    peer.close();
  } catch (error) {
    assertInstanceOf(error, Deno.errors.BadResource);
  }
}

/** Reads all that comes until the end of stream. */
async function readAll(peer: Deno.TcpConn): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let sum = 0;
  for (let n = await peer.read(buffer); n !== null; n = await peer.read(buffer)) sum += n;
  return sum;
}

Deno.test("deno link: bytes that were read before come first", async () => {
  await withLink(async (_, collector, peer) => {
    await peer.write(new Uint8Array([3, 4]));
    await collector.until(() => collector.received === 4);
    assertEquals(collector.chunks, [new Uint8Array([1, 2]), new Uint8Array([3, 4])]);
  }, new Uint8Array([1, 2]));
});

Deno.test("deno link: a large write leaves whole, and is told of", async () => {
  await withLink(async (link, collector, peer) => {
    const size = 20_000_000;
    assertEquals(link.write(new Uint8Array(size)), 0);
    const reading = readAll(peer);
    await collector.until(() => collector.written === size);
    link.end();
    assertEquals(await reading, size);
  });
});

Deno.test("deno link: while it is paused it reads no more, and the peer feels it", async () => {
  await withLink(async (link, collector, peer) => {
    await peer.write(new Uint8Array(10));
    await collector.until(() => collector.received === 10);
    link.pause();
    const size = 20_000_000;
    let sent = 0;
    const writing = (async () => {
      const chunk = new Uint8Array(100_000);
      while (sent < size) sent += await peer.write(chunk.subarray(0, size - sent));
    })();
    // What was being read at the moment still arrives.
    await collector.until(() => collector.received > 10);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = collector.received;
    assert(before < 200_000 && sent < size, `${before} bytes were read`);
    link.resume();
    link.pause();
    link.resume();
    await collector.until(() => collector.received === size + 10);
    await writing;
    assert(collector.chunks.some(({ length }) => length > 4096), "the buffer has grown");
  });
});

Deno.test("deno link: the peer's end is told once, and ours can still be written", async () => {
  await withLink(async (link, collector, peer) => {
    await peer.closeWrite();
    await collector.until(() => collector.ended === 1);
    link.write(new Uint8Array([1, 2, 3]));
    await collector.until(() => collector.written === 3);
    link.end();
    assertEquals(await readAll(peer), 3);
    assertEquals([collector.ended, collector.error], [1, undefined]);
  });
});

Deno.test("deno link: after destroy nothing is told", async () => {
  await withLink(async (link, collector, peer) => {
    link.write(new Uint8Array(10_000_000));
    link.pause();
    link.destroy();
    link.destroy();
    link.end();
    link.resume();
    await readAll(peer).catch(() => {});
    assertEquals([collector.written, collector.ended, collector.error], [0, 0, undefined]);
  });
});

Deno.test("deno link: a stream that fails is told of, also when only a write can notice", async () => {
  await withLink(async (link, collector, peer) => {
    link.pause();
    peer.close();
    for (let n = 1000; collector.error === undefined; n += 1000) {
      link.write(new Uint8Array(1000));
      await collector.until(() => collector.error !== undefined || collector.written === n);
    }
    assertInstanceOf(collector.error, Error);
  });
});
