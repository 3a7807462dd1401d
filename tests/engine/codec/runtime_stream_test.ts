import { assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import { RuntimeStream } from "../../../lib/engine/codec/runtime_stream.ts";
import { RawListener, type RawPeer } from "../../support/raw_peer.ts";

/** A stream and its other end. */
async function pair(): Promise<AsyncDisposable & { stream: RuntimeStream; peer: RawPeer }> {
  const listener = await RawListener.listen();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
  const stream = new RuntimeStream(connection);
  const peer = await listener.accept();
  return {
    stream,
    peer,
    [Symbol.asyncDispose]: async () => {
      stream.close();
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

Deno.test("runtime stream: reads to the end, writes all, closes more than once", async () => {
  await using both = await pair();
  const { stream, peer } = both;
  assertEquals(stream.remoteAddress.hostname, "127.0.0.1");
  await peer.write("hello");
  assertEquals(new TextDecoder().decode(await stream.read() ?? undefined), "hello");
  await peer.halfClose();
  assertEquals(await stream.read(), null);
  const large = new Uint8Array(1_000_000).fill(7);
  const [received] = await Promise.all([peer.readBytes(large.length), stream.write(large)]);
  assertEquals(received, large);
  stream.close();
  stream.close();
  assertEquals((await peer.readToEnd()).end, "eof");
  await assertRejects(() => stream.read());
});

Deno.test("runtime stream: as one of Node's, both directions and their ends", async () => {
  await using both = await pair();
  const { stream, peer } = both;
  const duplex = stream.toDuplex();
  await peer.write("hello");
  const [chunk] = await once(duplex, "data");
  assertEquals(String(chunk), "hello");
  duplex.end("bye");
  assertEquals(new TextDecoder().decode((await peer.readToEnd()).bytes), "bye");
  const ended = once(duplex, "end");
  await peer.halfClose();
  await ended;
  if (!duplex.closed) await once(duplex, "close");
});

Deno.test("runtime stream: as one of Node's, a reset is an error", async () => {
  await using both = await pair();
  const { stream, peer } = both;
  const duplex = stream.toDuplex();
  const failed = once(duplex, "error");
  duplex.resume();
  await peer.reset();
  const [error] = await failed;
  assertEquals(error instanceof Deno.errors.ConnectionReset, true, String(error));
  assertEquals(duplex.destroyed, true);
});

Deno.test("runtime stream: as one of Node's, destroying it closes the connection", async () => {
  await using both = await pair();
  const { stream, peer } = both;
  const duplex = stream.toDuplex();
  duplex.on("error", () => {});
  duplex.resume();
  duplex.destroy();
  assertEquals((await peer.readToEnd()).end, "eof");
  await assertRejects(() => stream.read());
});

Deno.test("runtime stream: as one of Node's, it can be ended when the peer has cut it", async () => {
  await using both = await pair();
  const { stream, peer } = both;
  const duplex = stream.toDuplex();
  await peer.reset();
  const finished = once(duplex, "finish");
  duplex.end();
  await finished;
  duplex.destroy();
});
