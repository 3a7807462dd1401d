/**
 * The contract for messages in pieces, which may be larger than memory should hold.
 *
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import type { Connection } from "../../lib/connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import type { IncomingMessage } from "../../lib/connection/incoming_message.ts";
import {
  assertNotSupported,
  assertRefusesToServe,
  contract,
  ECHO,
  openPair,
  pattern,
} from "./contract.ts";

const LARGE = 20 * 1024 * 1024;
const PIECE = pattern(65_521); // a prime, so that no boundary falls on another

/** Length and digest of a stream. */
async function summary(body: ReadableStream<Uint8Array>): Promise<[number, string]> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    length += chunk.length;
  }
  return [length, hash.digest("hex")];
}

/** A message of `bytes` bytes, piece by piece. */
function pieces(bytes: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const piece = PIECE.subarray(0, left);
      left -= piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
}

/** Each piece that comes is sent on as a fragment, and pieces are as small as TLS makes them. */
const UNCUT = { streaming: true, maxFragments: 1_000_000 };

/** Sends a message back while it comes. */
const STREAMING_ECHO = {
  ...UNCUT,
  stream: (connection: Connection, { type, body }: IncomingMessage) =>
    body.pipeTo(connection.sendStream(type)),
};

contract("a message of 20 MiB streams there and back", async (ground) => {
  if (!ground.capabilities.streaming) {
    const options = { websocket: STREAMING_ECHO };
    return await assertRefusesToServe(ground, options, "maxFragments, streaming, stream");
  }
  await using pair = await openPair(ground, {
    endpoint: STREAMING_ECHO,
    client: UNCUT,
  });
  const sent = pieces(LARGE).pipeTo(pair.client.sendStream("binary"));
  const { value: message } = await pair.client.streams().next();
  assertEquals(message?.type, "binary");
  assertEquals(await summary(message!.body), await summary(pieces(LARGE)));
  await sent;
});

contract("the server streams a message to a client that takes it whole", async (ground) => {
  await using pair = await openPair(ground);
  if (!ground.capabilities.streaming) {
    return await assertNotSupported("streaming", () => pair.accepted.sendStream("text"));
  }
  const writer = pair.accepted.sendStream("text").getWriter();
  for (const piece of ["å", "ng", "ström \ud83c", "\udf0a"]) await writer.write(piece);
  const late = pair.accepted.send("after it");
  await writer.close();
  await late;
  assertEquals(await pair.client.receive(), "ångström 🌊");
  assertEquals(await pair.client.receive(), "after it");
});

contract("what the client sends in pieces arrives whole on every engine", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  for (const bytes of [0, 1, 200_000]) {
    await pieces(bytes).pipeTo(pair.client.sendStream("binary"));
    const message = await pair.client.receive();
    assertEquals(message, await new Response(pieces(bytes)).bytes());
  }
  const writer = pair.client.sendStream("text").getWriter();
  await writer.write("one ");
  pair.client.send("behind");
  await writer.write("message");
  await writer.close();
  assertEquals(await pair.client.receive(), "one message");
  assertEquals(await pair.client.receive(), "behind");
});

contract("only one message is open at a time", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  const writer = pair.client.sendStream("text").getWriter();
  const error = assertThrows(() => pair.client.sendStream("text"), ConnectionError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  await writer.close();
  assertEquals(await pair.client.receive(), "");
});

contract("a message that is given up closes the connection with 1011", async (ground) => {
  await using pair = await openPair(ground);
  const writer = pair.client.sendStream("binary").getWriter();
  await writer.write(Uint8Array.of(1, 2, 3));
  await writer.abort();
  assertEquals((await pair.accepted.closed).code, 1011);
  assertEquals(await pair.accepted.receive().catch(() => "nothing"), undefined);
});

contract("the body of a message fails when the connection ends within it", async (ground) => {
  const endpoint = { streaming: true };
  if (!ground.capabilities.streaming) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "streaming");
  }
  await using pair = await openPair(ground, { endpoint });
  const writer = pair.client.sendStream("binary").getWriter();
  await writer.write(Uint8Array.of(1, 2, 3));
  const { value: message } = await pair.accepted.streams().next();
  const reader = message!.body.getReader();
  assertEquals((await reader.read()).value, Uint8Array.of(1, 2, 3));
  const failed = assertRejects(() => reader.read(), ConnectionClosedError);
  pair.client.destroy();
  await failed;
});

contract("with streaming, whole messages are not to be had", async (ground) => {
  await using pair = await openPair(ground, { client: { streaming: true } });
  const error = await assertRejects(() => pair.client.receive(), ConnectionError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  await assertRejects(() => pair.accepted.streams().next(), ConnectionError);
});
