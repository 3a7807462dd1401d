import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import { ConnectionDuplex } from "../../../lib/engine/codec/connection_duplex.ts";
import { hex, pattern } from "../../support/hex.ts";
import { RawListener, type RawPeer } from "../../support/raw_peer.ts";

/** A stream and its other end. */
async function pair(): Promise<AsyncDisposable & { duplex: ConnectionDuplex; peer: RawPeer }> {
  const listener = await RawListener.listen();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
  const duplex = new ConnectionDuplex(connection);
  const peer = await listener.accept();
  return {
    duplex,
    peer,
    [Symbol.asyncDispose]: async () => {
      duplex.destroy();
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      if (!duplex.closed) await once(duplex, "close");
    },
  };
}

/** A connection that takes three bytes at a time. */
class SlowConn {
  readonly written: number[] = [];

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(3, bytes.length);
    this.written.push(...bytes.subarray(0, count));
    return Promise.resolve(count);
  }

  close(): void {}

  get conn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }
}

Deno.test("connection duplex: what comes is given as it is, however much it is", async () => {
  await using both = await pair();
  const { duplex, peer } = both;
  const bytes = pattern(300_000);
  const received: Uint8Array[] = [];
  duplex.on("data", (chunk) => received.push(chunk));
  const ended = once(duplex, "end");
  await peer.write(bytes);
  await peer.halfClose();
  await ended;
  assertEquals(await new Blob(received.map((chunk) => chunk.slice())).bytes(), bytes);
});

Deno.test("connection duplex: what is written arrives in order, then the end", async () => {
  await using both = await pair();
  const { duplex, peer } = both;
  const bytes = pattern(300_000);
  duplex.write(bytes.subarray(0, 5));
  duplex.write(bytes.subarray(5));
  duplex.end();
  assertEquals(await peer.readToEnd(), { bytes, end: "eof" });
});

Deno.test("connection duplex: a write goes on where it was partial", async () => {
  const slow = new SlowConn();
  const duplex = new ConnectionDuplex(slow.conn);
  await new Promise((resolve) => duplex.write(pattern(10), resolve));
  assertEquals(hex(Uint8Array.from(slow.written)), hex(pattern(10)));
});

Deno.test("connection duplex: nothing is taken while it is paused", async () => {
  await using both = await pair();
  const { duplex, peer } = both;
  let count = 0;
  duplex.on("data", (chunk) => count += chunk.length);
  duplex.pause();
  await peer.write(pattern(100));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(count, 0);
  const read = once(duplex, "data");
  duplex.resume();
  await read;
  assertEquals(count, 100);
});

Deno.test("connection duplex: what is written right behind destroy still leaves", async () => {
  await using both = await pair();
  const { duplex, peer } = both;
  duplex.destroy();
  await Promise.resolve();
  duplex.write(pattern(7));
  assertEquals(await peer.readToEnd(), { bytes: pattern(7), end: "eof" });
  assert(duplex.destroyed);
});

Deno.test("connection duplex: destroying it ends a write that does not get on", async () => {
  await using both = await pair();
  const { duplex } = both;
  const failed = once(duplex, "close");
  const written = new Promise((resolve) => duplex.write(new Uint8Array(1 << 25), resolve));
  duplex.destroy();
  await failed;
  assert(await written instanceof Error);
});
