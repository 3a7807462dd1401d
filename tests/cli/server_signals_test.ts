/** The server command and the signals that end it, with connections open (RFC 6455 §7.4.1). */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { upgradeRequest } from "../support/raw_head.ts";
import { closePayload, RawPeer } from "../support/raw_peer.ts";
import { ServerProcess } from "./server_process.ts";

const GOING_AWAY = closePayload(1001, "the server is shutting down");
const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

/** Answers the close frame that has to come, and closes. */
async function answerClose(peer: RawPeer): Promise<void> {
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, payload], [8, GOING_AWAY]);
  await peer.sendMasked({ opcode: 8, payload: closePayload(1001) });
  await peer.readToEnd();
  await peer.halfClose();
}

for (const [signal] of SIGNALS) {
  for (const engine of ["codec", "native", "epoll"]) {
    Deno.test(`server: ${signal} closes all with 1001 on the ${engine} engine, and the exit code is 0`, async () => {
      await using server = await ServerProcess.start(["--engine", engine], {
        grants: engine === "epoll" ? ["--allow-ffi"] : [],
      });
      const { port } = server;
      const peers = await Promise.all([RawPeer.open(port), RawPeer.open(port)]);
      await using plain = await RawPeer.connect(port);
      await plain.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      await plain.readHead();
      await using silent = await RawPeer.connect(port);
      server.command.kill(signal);
      await Promise.all(peers.map(answerClose));
      await plain.readToEnd();
      await plain.halfClose();
      assertEquals(await server.command.exitCode(), 0);
      assertStringIncludes(server.command.stdout, " INFO  shutting down connections=2\n");
      assertEquals(server.command.stderr, "");
      await silent.readToEnd();
      await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
    });
  }
}

for (const [signal, code] of SIGNALS) {
  Deno.test(`server: a second ${signal} ends it at once`, async () => {
    await using server = await ServerProcess.start();
    await using stalled = await RawPeer.open(server.port);
    server.command.kill(signal);
    // It has begun to wait for an answer that does not come.
    assertEquals((await stalled.readFrame()).payload, GOING_AWAY);
    const start = performance.now();
    server.command.kill(signal);
    assertEquals(await server.command.exitCode(), code);
    assert(performance.now() - start < 2000);
    await stalled.readToEnd();
  });
}

Deno.test("server: a peer that does not answer holds the end up no longer than closeTimeout", async () => {
  await using server = await ServerProcess.start();
  await using stalled = await RawPeer.open(server.port);
  await using opening = await RawPeer.connect(server.port);
  await opening.write(upgradeRequest().slice(0, -2));
  const start = performance.now();
  server.command.kill("SIGTERM");
  assertEquals(await server.command.exitCode(), 0);
  const took = performance.now() - start;
  assert(took > 4500 && took < 9000, `${took} ms`);
  await opening.readToEnd();
  await stalled.readToEnd();
});
