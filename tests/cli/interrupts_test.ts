import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RawListener, type RawPeer } from "../support/raw_peer.ts";
import { CommandProcess, type ProcessOptions } from "./command_process.ts";

/** The client command with an open connection to a server by hand. */
async function opened(
  options?: ProcessOptions,
): Promise<{ client: CommandProcess; peer: RawPeer } & AsyncDisposable> {
  const listener = await RawListener.listen();
  const client = new CommandProcess("client.ts", [`ws://127.0.0.1:${listener.port}/`], options);
  const peer = await listener.accept();
  await peer.acceptUpgrade();
  await client.seeError("connected");
  return {
    client,
    peer,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

Deno.test("client: an interrupt closes with 1000 and waits for the answer", async (t) => {
  for (const [signal] of SIGNALS) {
    await t.step(signal, async () => {
      await using pair = await opened();
      const { client, peer } = pair;
      client.kill(signal);
      const { opcode, payload } = await peer.readFrame();
      assertEquals([opcode, ...payload], [8, 0x03, 0xe8]);
      // What the server still has to say is heard.
      await peer.send({ opcode: 1, payload: "one more thing" });
      await client.seeOutput("recv: one more thing\n");
      assert(!client.stderr.includes("closed"), client.stderr);
      await peer.send({ opcode: 8, payload });
      await peer.halfClose();
      assertEquals(await client.exitCode(), 0);
      assert(client.stderr.endsWith("\nclosed with 1000\n"), client.stderr);
    });
  }
});

Deno.test("client: a second interrupt does not wait", async (t) => {
  for (const [signal, code] of SIGNALS) {
    await t.step(`${code} after ${signal}`, async () => {
      await using pair = await opened();
      const { client, peer } = pair;
      client.kill(signal);
      await peer.readFrame();
      client.kill(signal);
      assertEquals(await client.exitCode(), code);
    });
  }
});

Deno.test("client: a second interrupt is heard also while nobody reads the output", async () => {
  await using pair = await opened({ stalled: true });
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "x".repeat(1_000_000) });
  client.kill("SIGINT");
  const { payload } = await peer.readFrame();
  await peer.send({ opcode: 8, payload });
  await peer.halfClose();
  await peer.readToEnd();
  client.kill("SIGINT");
  assertEquals(await client.exitCode(), 130);
});

Deno.test("client: an interrupt while it connects ends it", async (t) => {
  for (const [signal, code] of SIGNALS) {
    await t.step(`${code} after ${signal}`, async () => {
      await using listener = await RawListener.listen();
      await using client = new CommandProcess("client.ts", [`ws://127.0.0.1:${listener.port}/`]);
      await using peer = await listener.accept();
      await peer.readHead();
      client.kill(signal);
      assertEquals(await client.exitCode(), code);
      assertEquals([client.stdout, client.stderr], ["", ""]);
      await peer.readToEnd();
    });
  }
});

Deno.test("client: exit code 4 when the server does not answer the close frame", async () => {
  await using pair = await opened();
  const { client, peer } = pair;
  client.kill("SIGINT");
  await peer.readFrame();
  assertEquals(await client.exitCode(), 4);
  assertStringIncludes(
    client.stderr,
    "closed with 1006 (the peer did not complete the closing handshake)\n",
  );
});

Deno.test("client: exit code 5 when the server hangs up instead of answering", async () => {
  await using pair = await opened();
  const { client, peer } = pair;
  client.kill("SIGINT");
  await peer.readFrame();
  await peer.halfClose();
  assertEquals(await client.exitCode(), 5);
});
