/**
 * WebSockets that are asked for on connections that began with plain HTTP, and what may come
 * between: refusals, deadlines, shutdowns, and clients that leave.
 */
import { assert, assertEquals } from "@std/assert";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { upgradeRequest } from "../../support/raw_head.ts";
import { RawPeer } from "../../support/raw_peer.ts";
import { ECHO } from "../../support/server_rig.ts";
import { assertOpens, echoRig, GET, LENGTH_POST, readAnswer, usedPeer } from "./plain_http.ts";

Deno.test("splice upgrade: it is refused as on a fresh connection", async () => {
  await using rig = echoRig({
    endpoint: { ...ECHO, origin: ["https://good.example"] },
    routes: { "/members": { upgrade: () => new Response("Who are you?", { status: 401 }) } },
    handshakeTimeout: 5000,
  });
  const long = Array.from({ length: 20 }, (_, at) => `X-${at}: ${"a".repeat(1000)}`);
  const requests = [
    upgradeRequest({ fields: { "Sec-WebSocket-Key": "c2hvcnQ=" } }),
    upgradeRequest({ fields: { "Sec-WebSocket-Version": "8" } }),
    upgradeRequest({ fields: { "Content-Length": "5" } }),
    upgradeRequest({ fields: { "Origin": "https://evil.example" } }),
    upgradeRequest({ startLine: "GET /members HTTP/1.1" }),
    upgradeRequest({ startLine: "POST / HTTP/1.1" }),
    upgradeRequest({ startLine: "GET / HTTP/1.0" }),
    upgradeRequest({ fields: { "Host": null } }),
    upgradeRequest({ lines: ["X-Pad : 1"] }),
    upgradeRequest({ lines: long }),
    // What is no upgrade is checked as strictly when it comes later.
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    `GET /${"a".repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  ];
  const statuses: (string | undefined)[] = [];
  for (const request of requests) {
    const answers: string[] = [];
    for (const before of ["", GET, GET + LENGTH_POST]) {
      await using peer = await RawPeer.connect(rig.port);
      await peer.write(before + request);
      if (before !== "") assertEquals((await readAnswer(peer)).body, "GET ");
      if (before.length > GET.length) assertEquals((await readAnswer(peer)).body, "POST abcde");
      const { bytes, end } = await peer.readToEnd();
      assertEquals(end, "eof");
      answers.push(new TextDecoder().decode(bytes));
    }
    assertEquals(answers, Array(3).fill(answers[0]), request);
    statuses.push(answers[0]?.split(" ")[1]);
  }
  const expected = [400, 426, 400, 403, 401, 405, 426, 400, 400, 431, 400, 400, 414];
  assertEquals(statuses, expected.map(String));
  await rig.untilPlaces(0);
  assertEquals([rig.opened.length, rig.errors], [0, []]);
});

Deno.test("splice upgrade: behind a request that is the last one there is none", async () => {
  let decided = 0;
  await using rig = echoRig({ endpoint: { upgrade: () => void decided++ } });
  for (
    const request of [
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
    ]
  ) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(request + upgradeRequest());
    assertEquals((await readAnswer(peer)).body, "GET ");
    const { bytes, end } = await peer.readToEnd();
    assertEquals([bytes.length, end], [0, "eof"], request);
    await peer.halfClose();
    await rig.untilPlaces(0);
  }
  assertEquals([decided, rig.opened.length], [0, 0]);
});

Deno.test("splice upgrade: behind chunks of an unusual form a new connection is needed", async () => {
  let asked = 0;
  await using rig = echoRig({
    fetch: async (request) => {
      asked++;
      return new Response(await request.text());
    },
  });
  await using peer = await RawPeer.connect(rig.port);
  const head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  await peer.write(`${head}00000000000005\r\nabcde\r\n0\r\n\r\n`);
  assertEquals((await readAnswer(peer)).body, "abcde");
  await peer.write(upgradeRequest());
  const { startLine, fields } = await peer.readHead();
  assertEquals([startLine, fields.get("connection")], ["HTTP/1.1 400 Bad Request", ["close"]]);
  assertEquals([asked, rig.opened.length], [1, 0]);
});

Deno.test("splice upgrade: deciding takes no longer than handshakeTimeout, from the request on", async () => {
  using timers = new HeldTimers();
  const asked = Promise.withResolvers<AbortSignal>();
  await using rig = echoRig({
    handshakeTimeout: HELD,
    endpoint: {
      upgrade: ({ signal }) => {
        asked.resolve(signal);
        return new Promise(() => {});
      },
    },
  });
  await using peer = await usedPeer(rig);
  // A connection that is idle is none that takes too long to open.
  assertEquals([timers.made, timers.waiting], [1, 0]);
  await peer.write(upgradeRequest());
  const signal = await asked.promise;
  assertEquals([signal.aborted, timers.waiting], [false, 1]);
  timers.expire();
  assertEquals((await readAnswer(peer)).status, 503);
  assertEquals([signal.aborted, (await peer.readToEnd()).end], [true, "eof"]);
  await peer.halfClose();
  await rig.untilPlaces(0);
});

Deno.test("splice upgrade: shutting down closes it with 1001", async () => {
  await using rig = echoRig();
  await using peer = await usedPeer(rig);
  await peer.write(upgradeRequest());
  await assertOpens(peer);
  const down = rig.shutdown(5000);
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, payload.subarray(0, 2)], [8, Uint8Array.of(0x03, 0xe9)]);
  await peer.sendMasked({ opcode: 8, payload });
  assertEquals((await peer.readToEnd()).end, "eof");
  await peer.halfClose();
  await down;
  assertEquals(rig.places, 0);
});

Deno.test("splice upgrade: while the server shuts down it is answered with 503", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using rig = echoRig({
    fetch: ({ url }) => {
      if (!url.endsWith("/slow")) return new Response("quick");
      asked.resolve();
      return answer.promise;
    },
  });
  await using idle = await usedPeer(rig);
  await using slow = await RawPeer.connect(rig.port);
  await slow.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${upgradeRequest()}`);
  await asked.promise;
  const down = rig.shutdown(5000);
  await idle.write(upgradeRequest());
  assertEquals((await readAnswer(idle)).status, 503);
  answer.resolve(new Response("done"));
  assertEquals(await readAnswer(slow), { status: 200, body: "done" });
  for (const peer of [idle, slow]) {
    const { bytes, end } = await peer.readToEnd();
    assert(bytes.length === 0 || new TextDecoder().decode(bytes).startsWith("HTTP/1.1 503 "));
    assertEquals(end, "eof");
    await peer.halfClose();
  }
  await down;
  assertEquals([rig.places, rig.opened.length], [0, 0]);
});

Deno.test("splice upgrade: the deadline of a shutdown cuts it at each moment", async () => {
  const never = new Promise<never>(() => {});
  const waiting = Promise.withResolvers<void>();
  const deciding = Promise.withResolvers<void>();
  await using rig = echoRig({
    fetch: ({ url }) => {
      if (!url.endsWith("/slow")) return new Response("");
      waiting.resolve();
      return never;
    },
    routes: {
      "/decide": {
        upgrade: () => {
          deciding.resolve();
          return never;
        },
      },
    },
  });
  const peers = await Promise.all([usedPeer(rig), usedPeer(rig), usedPeer(rig), usedPeer(rig)]);
  const [partly, behind, undecided, open] = peers as [RawPeer, RawPeer, RawPeer, RawPeer];
  await partly.write(upgradeRequest().slice(0, 50));
  await behind.write(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${upgradeRequest()}`);
  await undecided.write(upgradeRequest({ startLine: "GET /decide HTTP/1.1" }));
  await open.write(upgradeRequest());
  await Promise.all([waiting.promise, deciding.promise, assertOpens(open)]);
  const start = performance.now();
  await rig.shutdown(150);
  const took = performance.now() - start;
  assert(took >= 145 && took < 4000, `${took} ms`);
  assertEquals(rig.places, 0);
  for (const peer of peers) {
    await peer.readToEnd();
    await peer[Symbol.asyncDispose]();
  }
});

Deno.test("splice upgrade: a client that leaves at any moment gives its place back", async () => {
  let goOn = Promise.withResolvers<void>();
  await using rig = echoRig({
    fetch: async ({ url }) => {
      if (url.endsWith("/slow")) await goOn.promise;
      return new Response("");
    },
    endpoint: { ...ECHO, upgrade: () => goOn.promise },
  });
  const slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
  for (
    const request of [upgradeRequest().slice(0, 50), slow + upgradeRequest(), upgradeRequest()]
  ) {
    for (const leave of ["halfClose", "reset"] as const) {
      goOn = Promise.withResolvers();
      await using peer = await usedPeer(rig);
      await peer.write(request);
      await peer[leave]();
      goOn.resolve();
      await rig.untilPlaces(0);
    }
  }
  assertEquals(rig.errors, []);
});
