/**
 * WebSockets on connections that began with plain HTTP, over real sockets: they open as on a
 * fresh connection, behind all that was asked before, and nothing else is taken for one.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RequestInfo } from "../../../lib/engine/host.ts";
import type { UpgradeRequest } from "../../../lib/server/endpoint.ts";
import { concat } from "../../support/hex.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { upgradeRequest } from "../../support/raw_head.ts";
import { buildFrame, closePayload, RawPeer, SOME_MASK } from "../../support/raw_peer.ts";
import { assertEcho, ECHO } from "../../support/server_rig.ts";
import { RawClient } from "../../contract/raw_client.ts";
import { assertOpens, CHUNKED_POST, echoRig, GET, LENGTH_POST, readAnswer } from "./plain_http.ts";

const encoder = new TextEncoder();

Deno.test("splice upgrade: the second and the third request can be one, of the same origin", async () => {
  const infos: RequestInfo[] = [];
  const upgrades: UpgradeRequest[] = [];
  await using rig = echoRig({
    fetch: (_, info) => {
      infos.push(info);
      return new Response("");
    },
    endpoint: { ...ECHO, upgrade: (request) => void upgrades.push(request) },
  });
  for (const before of [1, 2]) {
    await using peer = await RawPeer.connect(rig.port);
    for (let turn = 0; turn < before; turn++) {
      await peer.write(GET);
      assertEquals((await readAnswer(peer)).status, 200);
    }
    await peer.write(upgradeRequest({ startLine: "GET /path?query HTTP/1.1" }));
    await assertOpens(peer);
    const { url, remoteAddress } = rig.opened.at(-1)!;
    assertEquals(url, "ws://127.0.0.1/path?query");
    assertEquals(remoteAddress, infos.at(-1)!.remoteAddress);
    assertEquals(remoteAddress.port, peer.localPort);
    assertEquals([upgrades.at(-1)!.remoteAddress, upgrades.at(-1)!.secure], [remoteAddress, false]);
    // It is the same place, until the WebSocket ends.
    assertEquals(rig.places, 1);
    await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
    assertEquals((await peer.readFrame()).opcode, 8);
    assertEquals((await peer.readToEnd()).end, "eof");
    await peer.halfClose();
    await rig.untilPlaces(0);
    assertEquals(await rig.nextClose(), { code: 1000, wasClean: true, error: undefined });
  }
  assertEquals([infos.length, rig.opened.length, rig.errors], [3, 2, []]);
});

Deno.test("splice upgrade: what comes before may have a body, and may be answered without", async () => {
  await using rig = echoRig({
    fetch: async (request) => {
      if (request.method === "HEAD") return new Response("not sent");
      if (request.headers.has("if-none-match")) return new Response(null, { status: 304 });
      return new Response(await request.text());
    },
  });
  const rows: [request: string, status: number, body: string][] = [
    [LENGTH_POST, 200, "abcde"],
    [CHUNKED_POST, 200, "abcde"],
    ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, ""],
    ["GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n", 304, ""],
  ];
  for (const [request, status, body] of rows) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(request);
    const { startLine } = await peer.readHead();
    assertEquals([startLine.split(" ")[1], body], [
      `${status}`,
      new TextDecoder().decode(await peer.readBytes(body.length)),
    ]);
    await peer.write(upgradeRequest());
    await assertOpens(peer);
  }
});

Deno.test("splice upgrade: all in one write, or each byte in its own", async () => {
  await using rig = echoRig();
  const frames = ["a", "b".repeat(200)].map((payload) =>
    buildFrame({ opcode: 1, mask: SOME_MASK, payload })
  );
  const requests = [GET, CHUNKED_POST, LENGTH_POST, "\r\n" + GET, upgradeRequest()];
  const all = concat(encoder.encode(requests.join("")), ...frames);
  const write = async (peer: RawPeer, size: number) => {
    for (let at = 0; at < all.length; at += size) await peer.write(all.subarray(at, at + size));
  };
  for (const size of [all.length, 100, 1]) {
    await using peer = await RawPeer.connect(rig.port);
    const writing = write(peer, size);
    for (const body of ["GET ", "POST abcde", "POST abcde", "GET "]) {
      assertEquals(await readAnswer(peer), { status: 200, body });
    }
    assertStringIncludes((await peer.readHead()).startLine, " 101 ");
    for (const length of [1, 200]) assertEquals((await peer.readFrame()).payload.length, length);
    await writing;
    await assertEcho(peer);
  }
});

Deno.test("splice upgrade: one that is pipelined waits until all before is answered", async () => {
  using timers = new HeldTimers();
  const asked = Promise.withResolvers<void>();
  let answer!: ReadableStreamDefaultController<Uint8Array>;
  await using rig = echoRig({
    fetch: ({ url }) => {
      if (!url.endsWith("/slow")) return new Response("quick");
      asked.resolve();
      return new Response(
        new ReadableStream({ start: (controller) => void (answer = controller) }),
      );
    },
    handshakeTimeout: HELD,
  });
  await using peer = await RawPeer.connect(rig.port);
  const frame = buildFrame({ opcode: 1, mask: SOME_MASK, payload: "hasty" });
  const requests = `${GET}GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${upgradeRequest()}`;
  await peer.write(concat(encoder.encode(requests), frame));
  assertEquals((await readAnswer(peer)).body, "quick");
  await asked.promise;
  await peer.readHead();
  const part = encoder.encode("HTTP/1.1 204 No Content\r\nbarrier: H");
  for (let turn = 0; turn < 3; turn++) {
    answer.enqueue(part);
    const chunk = `${part.length.toString(16)}\r\n${new TextDecoder().decode(part)}\r\n`;
    // Nothing is held back that is not ours.
    assertEquals(
      new TextDecoder().decode(await peer.readBytes(chunk.length - 1)),
      chunk.slice(0, -1),
    );
    await peer.readBytes(1);
  }
  // The time that others take does not count.
  assertEquals([rig.opened.length, timers.waiting], [0, 0]);
  answer.close();
  assertEquals(new TextDecoder().decode(await peer.readBytes(5)), "0\r\n\r\n");
  assertStringIncludes((await peer.readHead()).startLine, " 101 ");
  assertEquals(new TextDecoder().decode((await peer.readFrame()).payload), "hasty");
});

Deno.test("splice upgrade: a long answer before it comes whole", async () => {
  const body = new Uint8Array(3_000_000).map((_, at) => at % 251);
  await using rig = echoRig({ fetch: () => new Response(body) });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(GET + upgradeRequest());
  await peer.readHead();
  assertEquals(await peer.readBytes(body.length), body);
  await assertOpens(peer);
});

Deno.test("splice upgrade: bodies that look like one are none", async () => {
  const bodies: string[] = [];
  await using rig = echoRig({
    fetch: async (request) => {
      bodies.push(await request.text());
      return new Response(`${bodies.length}`);
    },
  });
  const body = upgradeRequest();
  const size = body.length.toString(16);
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${body}\r\n` +
      `0\r\nUpgrade: websocket\r\n\r\n${GET}`,
  );
  for (const turn of ["1", "2", "3"]) assertEquals((await readAnswer(peer)).body, turn);
  assertEquals([bodies, rig.opened.length], [[body, body, ""], 0]);
});

Deno.test("splice upgrade: the rest of an upload is none, although it is answered already", async () => {
  await using rig = echoRig({ fetch: () => new Response("too much", { status: 413 }) });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
  assertEquals((await readAnswer(peer)).status, 413);
  await peer.write(upgradeRequest()).catch(() => {});
  await peer.halfClose();
  assertEquals((await peer.readToEnd()).bytes.length, 0);
  await rig.untilPlaces(0);
  assertEquals(rig.opened.length, 0);
});

Deno.test("splice upgrade: over TLS too, and it is secure", async () => {
  const fixture = (name: string): string =>
    Deno.readTextFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
  const upgrades: UpgradeRequest[] = [];
  await using rig = echoRig({
    tls: { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") },
    endpoint: { ...ECHO, upgrade: (request) => void upgrades.push(request) },
  });
  using client = new RawClient(
    await Deno.connectTls({
      hostname: "localhost",
      port: rig.port,
      caCerts: [fixture("ca.pem")],
    }),
  );
  const body = encoder.encode("abcde");
  assertEquals((await client.request({ method: "POST", path: "/", body })).status, 200);
  const frame = buildFrame({ opcode: 1, mask: SOME_MASK, payload: "hasty" });
  assertStringIncludes((await client.upgradeWith([frame])).startLine, " 101 ");
  const echo = buildFrame({ opcode: 1, payload: "hasty" });
  assertEquals(await client.readBytes(echo.length), echo);
  assertEquals(upgrades.map(({ secure }) => secure), [true]);
  assertEquals(rig.opened.map(({ url }) => url), ["wss://127.0.0.1/"]);
});
