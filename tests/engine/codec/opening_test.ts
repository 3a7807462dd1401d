/**
 * Openings on the codec engine over real sockets: what is accepted and with which response,
 * and what becomes of clients that are slow, hasty or gone.
 */
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { concat } from "../../support/hex.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { type HeadChanges, upgradeRequest } from "../../support/raw_head.ts";
import { acceptOf, buildFrame, RawPeer, SAMPLE_KEY, SOME_MASK } from "../../support/raw_peer.ts";
import { assertEcho, ECHO, ServerRig } from "../../support/server_rig.ts";

const encoder = new TextEncoder();

/** The status of the answer to a request, and its body. */
async function statusOf(port: number, changes?: HeadChanges): Promise<[number, string]> {
  await using peer = await RawPeer.connect(port);
  await peer.write(upgradeRequest(changes));
  const head = await peer.readHead();
  const status = Number(head.startLine.split(" ")[1]);
  if (status === 101) return [status, ""];
  const { bytes, end } = await peer.readToEnd();
  assertEquals(end, "eof");
  return [status, new TextDecoder().decode(bytes)];
}

Deno.test("opening: the response has the four parts of RFC 6455 §4.2.2 and no more", async () => {
  await using rig = new ServerRig();
  await using peer = await RawPeer.connect(rig.port);
  const { text } = await peer.requestUpgrade();
  assertEquals(
    text,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptOf(SAMPLE_KEY)}\r\n\r\n`,
  );
});

Deno.test("opening: what is right in an unusual form is accepted", async () => {
  const rows: HeadChanges[] = [
    { fields: { "Connection": "keep-alive, Upgrade" } },
    { fields: { "Connection": "Keep-Alive, UPGRADE" } },
    { fields: { "Connection": "upgrade" }, lines: ["Connection: keep-alive"] },
    { fields: { "Upgrade": "WebSocket" } },
    { fields: { "Upgrade": "h2c, websocket" } },
    { fields: { "Host": "[::1]:8080" } },
    { fields: { "Host": "example.com:" } },
    { fields: { "Host": "good.com", "Origin": "http://good.com" } },
    { fields: { "Host": "good.com:81", "Origin": "http://good.com:81" } },
    { fields: { "Host": "GOOD.com", "Origin": "http://good.com" } },
    { lines: ["Content-Length: 0"] },
    { lines: ["X-Pad:\t tabs and spaces \t"] },
    { lines: ["x-any: \xe4"] },
    { startLine: "\r\nGET / HTTP/1.1" },
    { lines: Array.from({ length: 95 }, (_, at) => `X-${at}: 1`) },
    { startLine: `GET /${"a".repeat(8000)} HTTP/1.1` },
  ];
  await using rig = new ServerRig();
  for (const row of rows) assertEquals(await statusOf(rig.port, row), [101, ""], String(row));
  await rig.untilPlaces(0);
  assertEquals(rig.opened.length, rows.length);
});

Deno.test("opening: targets of all forms are routed by their path, and the host stays ours", async () => {
  const rows: [target: string, url: string][] = [
    ["/chat?room=1", "ws://127.0.0.1/chat?room=1"],
    ["/a/../b/./c", "ws://127.0.0.1/b/c"],
    ["/../../etc/passwd", "ws://127.0.0.1/etc/passwd"],
    ["/%2e%2e/%2E%2E/b", "ws://127.0.0.1/b"],
    ["/%00", "ws://127.0.0.1/%00"],
    ["//other.example/x", "ws://127.0.0.1//other.example/x"],
    ["/http://other.example/", "ws://127.0.0.1/http://other.example/"],
    ["http://other.example/x?y", "ws://other.example/x?y"],
    ["https://other.example", "ws://other.example/"],
    ["/\\other.example", "ws://127.0.0.1//other.example"],
  ];
  await using rig = new ServerRig();
  for (const [target, url] of rows) {
    assertEquals(await statusOf(rig.port, { startLine: `GET ${target} HTTP/1.1` }), [101, ""]);
    assertEquals(rig.opened.at(-1)?.url, url, target);
  }
});

Deno.test("opening: the server's order of subprotocols decides; none in common is no refusal", async () => {
  await using rig = new ServerRig({
    endpoint: { ...ECHO, subprotocols: ["v2", "v1", "constructor"] },
  });
  const hundred = Array.from({ length: 99 }, (_, at) => `p${at}`).join();
  const rows: [offered: string, chosen: string | undefined][] = [
    ["v1, v2", "v2"],
    ["v1,, v3", "v1"],
    [`${hundred}, v1`, "v1"],
    ["V2, chat", undefined],
    ["__proto__, toString", undefined],
    ["__proto__, constructor", "constructor"],
  ];
  for (const [offered, chosen] of rows) {
    await using peer = await RawPeer.connect(rig.port);
    const head = await peer.requestUpgrade({ fields: { "Sec-WebSocket-Protocol": offered } });
    assertStringIncludes(head.startLine, " 101 ");
    assertEquals(head.fields.get("sec-websocket-protocol")?.[0], chosen, offered);
    assertEquals(rig.opened.at(-1)?.subprotocol, chosen ?? "");
  }
});

Deno.test("opening: names of Object.prototype are names like others", async () => {
  await using rig = new ServerRig();
  const offer = "__proto__; constructor=1; toString, constructor; __proto__=x, toString, valueOf";
  await using peer = await RawPeer.connect(rig.port);
  const head = await peer.requestUpgrade({
    fields: { "Sec-WebSocket-Extensions": offer, "__proto__": "x", "constructor": "y" },
    lines: ["toString: z"],
  });
  assertStringIncludes(head.startLine, " 101 ");
  assertEquals(head.fields.get("sec-websocket-extensions"), undefined);
  await assertEcho(peer);
});

Deno.test("opening: frames that come with the request are not lost", async () => {
  await using rig = new ServerRig({ endpoint: { ...ECHO, upgrade: () => Promise.resolve() } });
  await using peer = await RawPeer.connect(rig.port);
  const texts = ["a", "b".repeat(200), "c".repeat(10_000), "d"];
  const frames = texts.map((payload) => buildFrame({ opcode: 1, mask: SOME_MASK, payload }));
  await peer.write(concat(encoder.encode(upgradeRequest()), ...frames));
  await peer.readHead();
  for (const text of texts) {
    assertEquals(new TextDecoder().decode((await peer.readFrame()).payload), text);
  }
});

Deno.test("opening: a reset before the response opens nothing and frees the place", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let first = true;
  await using rig = new ServerRig({
    endpoint: {
      ...ECHO,
      upgrade: () => {
        if (!first) return;
        first = false;
        asked.resolve();
        return answer.promise;
      },
    },
  });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(upgradeRequest());
  await asked.promise;
  await peer.reset();
  await rig.assertEchoes();
  assertEquals(rig.places, 1);
  answer.resolve();
  await rig.untilPlaces(0);
  assertEquals([rig.opened.length, rig.errors], [1, []]);
});

Deno.test("opening: an end before or within the head is no error", async () => {
  await using rig = new ServerRig();
  for (const start of ["", "GET / HT", upgradeRequest().slice(0, -2)]) {
    for (const leave of ["halfClose", "reset"] as const) {
      await using peer = await RawPeer.connect(rig.port);
      if (start !== "") await peer.write(start);
      await rig.untilPlaces(1);
      await peer[leave]();
      await rig.untilPlaces(0);
    }
  }
  await rig.assertEchoes();
  assertEquals([rig.opened.length, rig.errors], [1, []]);
});

Deno.test("opening: silence, and a head that takes too long, are cut at handshakeTimeout", async () => {
  using timers = new HeldTimers();
  await using rig = new ServerRig({ handshakeTimeout: HELD });
  await using silent = await RawPeer.connect(rig.port);
  await using slow = await RawPeer.connect(rig.port);
  await rig.untilPlaces(2);
  for (const character of upgradeRequest().slice(0, 20)) {
    await slow.write(character);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await rig.assertEchoes();
  await rig.untilPlaces(2);
  // One for each of the three connections, never set anew; that which opened needs it no more.
  assertEquals([timers.made, timers.waiting], [3, 2]);
  timers.expire();
  const [first, second] = await Promise.all([silent.readToEnd(), slow.readToEnd()]);
  assertEquals([first.bytes.length, second.bytes.length], [0, 0]);
  await rig.untilPlaces(0);
  assertEquals([rig.opened.length, rig.errors], [1, []]);
});

Deno.test("opening: a head in single bytes costs little, and 60 KB of it are not read", async () => {
  await using rig = new ServerRig();
  await using witness = await RawPeer.open(rig.port);
  await using peer = await RawPeer.connect(rig.port);
  const lines = Array.from({ length: 60 }, (_, at) => `X-${at}: ${"a".repeat(1000)}`);
  const head = upgradeRequest({ lines });
  for (const character of head) peer.write(character).catch(() => {});
  const { startLine } = await peer.readHead();
  assertStringIncludes(startLine, " 431 ");
  await assertEcho(witness);
  await using patient = await RawPeer.connect(rig.port);
  const small = upgradeRequest({ lines: lines.slice(0, 14) });
  assertGreater(small.length, 14_000);
  for (const character of small) patient.write(character).catch(() => {});
  assertStringIncludes((await patient.readHead()).startLine, " 101 ");
  await assertEcho(patient);
});
