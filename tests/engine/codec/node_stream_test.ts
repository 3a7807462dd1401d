import { assertEquals, assertRejects } from "@std/assert";
import { type Duplex, duplexPair, PassThrough } from "node:stream";
import { NodeStream } from "../../../lib/engine/codec/node_stream.ts";

const ADDRESS = { transport: "tcp", hostname: "192.0.2.1", port: 80 } as const;

function text(bytes: Uint8Array | null): string | null {
  return bytes && new TextDecoder().decode(bytes);
}

function pair(): [stream: NodeStream, ours: Duplex, peer: Duplex] {
  const [ours, peer] = duplexPair();
  return [new NodeStream(ours, ADDRESS), ours, peer];
}

Deno.test("node stream: reads pieces in their order up to the end, and nothing is lost between", async () => {
  const [stream, , peer] = pair();
  assertEquals(stream.remoteAddress, ADDRESS);
  peer.write("one");
  assertEquals(text(await stream.read()), "one");
  peer.write("two");
  await new Promise((resolve) => setTimeout(resolve, 5));
  peer.end("three");
  let rest = "";
  for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
    rest += text(piece);
  }
  assertEquals(rest, "twothree");
  assertEquals(await stream.read(), null);
});

Deno.test("node stream: writes all, in the order of the calls", async () => {
  const [stream, , peer] = pair();
  const bytes = new TextEncoder().encode("one");
  const received: string[] = [];
  peer.on("data", (chunk) => received.push(String(chunk)));
  await stream.write(bytes);
  await stream.write(new TextEncoder().encode("two"));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(received.join(""), "onetwo");
});

Deno.test("node stream: closing ends reads and writes that are under way, and is idempotent", async () => {
  const [stream, ours] = pair();
  const reading = assertRejects(() => stream.read(), Error, "the stream was closed");
  const never = new NodeStream(new PassThrough({ highWaterMark: 1, write: () => {} }), ADDRESS);
  const writing = assertRejects(() => never.write(new Uint8Array(10)));
  for (const each of [stream, never, stream]) each.close();
  await reading;
  await writing;
  assertEquals(ours.destroyed, true);
  await assertRejects(() => stream.read(), Error, "the stream was closed");
});

Deno.test("node stream: what fails rejects, and without a reader nothing is thrown", async () => {
  const [stream, ours] = pair();
  const reading = assertRejects(() => stream.read(), Error, "it broke");
  ours.destroy(new Error("it broke"));
  await reading;

  const [, alone] = pair();
  alone.destroy(new Error("nobody hears"));
  await new Promise((resolve) => alone.once("close", resolve));
  const [closed] = pair();
  closed.close();
  await assertRejects(() => closed.write(new Uint8Array(1)));
});

Deno.test("node stream: what was not read goes to the link", async () => {
  const [stream, ours, peer] = pair();
  peer.write("head");
  assertEquals(text(await stream.read()), "head");
  peer.write("frames");
  const received = Promise.withResolvers<string>();
  stream.toLink().start({
    onBytes: (bytes, start, end) => received.resolve(text(bytes.subarray(start, end)) ?? ""),
    onEnd: () => {},
    onWritten: () => {},
    onError: received.reject,
  }, new Uint8Array(0));
  assertEquals(await received.promise, "frames");
  assertEquals(stream.toDuplex(), ours);
  stream.close();
});
