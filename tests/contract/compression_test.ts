/**
 * The contract for permessage-deflate: where the engine can do it and both ends want it,
 * it is agreed on; everywhere else messages go as they are, and nobody notices.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import type { CompressionOptions } from "../../lib/connection/compression_options.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import { assertRefusesToServe, contract, ECHO, openPair, pattern } from "./contract.ts";

/** Text that shrinks well. */
const LONG = JSON.stringify(
  Array.from({ length: 200 }, (_, id) => ({ id, name: "Ada", on: true })),
);

const NEVER: CompressionOptions = {
  serverContextTakeover: "never",
  clientContextTakeover: "never",
};
const ALLOW: CompressionOptions = {
  serverContextTakeover: "allow",
  clientContextTakeover: "allow",
};

contract("a server does not compress unless it is asked to", async (ground) => {
  for (const endpoint of [ECHO, { ...ECHO, compression: false }]) {
    await using pair = await openPair(ground, { endpoint, client: { compression: true } });
    assertEquals([pair.client.extensions, pair.accepted.extensions], ["", ""]);
    pair.client.send(LONG);
    assertEquals(await pair.client.receive(), LONG);
  }
});

contract("a client offers compression unless it is told not to", async (ground) => {
  const endpoint = { ...ECHO, compression: true };
  if (!ground.capabilities.compression) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "compression");
  }
  for (const client of [{}, { compression: true }, { compression: {} }]) {
    await using pair = await openPair(ground, { endpoint, client });
    assertMatch(pair.client.extensions, /^permessage-deflate(;|$)/);
    assertEquals(pair.accepted.extensions, pair.client.extensions);
  }
  await using pair = await openPair(ground, { endpoint, client: { compression: false } });
  assertEquals([pair.client.extensions, pair.accepted.extensions], ["", ""]);
  pair.client.send(LONG);
  assertEquals(await pair.client.receive(), LONG);
});

for (const [what, takeover] of [["without", NEVER], ["with", ALLOW]] as const) {
  contract(`compressed messages go both ways, ${what} context takeover`, async (ground) => {
    const compression = { ...takeover, threshold: 0 };
    if (!ground.capabilities.compression) {
      return await assertRefusesToServe(ground, { websocket: { compression } }, "compression");
    }
    const endpoint: Endpoint = { ...ECHO, compression };
    await using pair = await openPair(ground, { endpoint, client: { compression } });
    const { client } = pair;
    assert(client.extensions.startsWith("permessage-deflate"));
    assertEquals(client.extensions.includes("no_context_takeover"), what === "without");
    const messages = ["", "a", LONG, "\u{1f30a}".repeat(20_000), LONG, new Uint8Array(0)];
    for (const data of [...messages, pattern(65_536), new Uint8Array(500_000), pattern(3)]) {
      for (const compress of [true, false]) {
        client.send(data, { compress });
        assertEquals(await client.receive(), data);
      }
    }
  });
}

contract("what was prepared is compressed for many, as was agreed with each", async (ground) => {
  const endpoint: Endpoint = { compression: { threshold: 0 } };
  if (!ground.capabilities.compression) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "compression");
  }
  await using server = await ground.serve({ websocket: endpoint });
  const wishes = [true, true, { clientMaxWindowBits: 9 }, { ...ALLOW, level: 9 }, false];
  const clients = await Promise.all(
    wishes.map((compression) => server.connect("/", { compression })),
  );
  for (const data of [LONG, pattern(3000), ""]) {
    const message = new PreparedMessage(data);
    for (const connection of server.connections) {
      connection.send(message);
      connection.send(message, { compress: false });
    }
    for (const client of clients) {
      assertEquals([await client.receive(), await client.receive()], [data, data]);
    }
  }
});

contract("a message in pieces is compressed", async (ground) => {
  const streaming: Endpoint = {
    streaming: true,
    compression: true,
    stream: (connection, { type, body }) => body.pipeTo(connection.sendStream(type)),
  };
  if (!ground.capabilities.compression) {
    const name = "streaming, compression, stream";
    return await assertRefusesToServe(ground, { websocket: streaming }, name);
  }
  await using pair = await openPair(ground, { endpoint: streaming });
  for (const compress of [true, false]) {
    const writer = pair.client.sendStream("text", { compress }).getWriter();
    for (let at = 0; at < LONG.length; at += 1000) await writer.write(LONG.slice(at, at + 1000));
    await writer.close();
    assertEquals(await pair.client.receive(), LONG);
  }
});

contract("limits hold for what a message inflates to", async (ground) => {
  const endpoint: Endpoint = { ...ECHO, compression: true, maxMessageBytes: 100_000 };
  if (!ground.capabilities.compression) {
    const name = "maxMessageBytes, compression";
    return await assertRefusesToServe(ground, { websocket: endpoint }, name);
  }
  await using pair = await openPair(ground, { endpoint });
  pair.client.send(new Uint8Array(100_000));
  assertEquals((await pair.client.receive())?.length, 100_000);
  pair.client.send(new Uint8Array(100_001));
  assertEquals((await pair.client.closed).code, 1009);
  assertEquals((await pair.accepted.closed).code, 1009);
});

contract("what is compressed takes less room while it waits", async (ground) => {
  if (!ground.capabilities.compression) return;
  await using pair = await openPair(ground, { endpoint: { compression: true } });
  pair.accepted.send(LONG);
  const compressed = pair.accepted.bufferedAmount;
  pair.accepted.send(LONG, { compress: false });
  assertLess(compressed, (pair.accepted.bufferedAmount - compressed) / 4);
  assertEquals([await pair.client.receive(), await pair.client.receive()], [LONG, LONG]);
});
