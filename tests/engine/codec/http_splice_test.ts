/**
 * Plain HTTP on the codec's port, over real sockets: everything that `Deno.serve` does, with
 * the client's own address, beside WebSockets.
 */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { RequestInfo } from "../../../lib/engine/host.ts";
import { RawPeer } from "../../support/raw_peer.ts";
import { assertEcho, ServerRig } from "../../support/server_rig.ts";
import { GET, readAnswer } from "./plain_http.ts";

Deno.test("http splice: requests are kept alive, pipelined, and see their true origin", async () => {
  const infos: RequestInfo[] = [];
  await using rig = new ServerRig({
    fetch: (request, info) => {
      infos.push(info);
      return new Response(request.url);
    },
  });
  await using peer = await RawPeer.connect(rig.port);
  await using other = await RawPeer.connect(rig.port);
  await peer.write(GET);
  assertEquals(await readAnswer(peer), { status: 200, body: "http://a.example/" });
  await other.write(GET);
  await readAnswer(other);
  await peer.write("GET /2 HTTP/1.1\r\nHost: b\r\n\r\nGET /3 HTTP/1.1\r\nHost: c\r\n\r\n");
  assertEquals((await readAnswer(peer)).body, "http://b/2");
  assertEquals((await readAnswer(peer)).body, "http://c/3");
  const ports = [peer, other, peer, peer].map(({ localPort }) => localPort);
  assertEquals(infos.map(({ remoteAddress }) => remoteAddress.port), ports);
  assertEquals(infos[0], {
    remoteAddress: { transport: "tcp", hostname: "127.0.0.1", port: peer.localPort },
    secure: false,
  });
  assertEquals(rig.places, 2);
  await rig.assertEchoes();
  await peer.halfClose();
  await rig.untilPlaces(1);
});

Deno.test("http splice: bodies of all kinds pass both ways", async () => {
  await using rig = new ServerRig({
    fetch: async (request) => {
      const sum = (await request.bytes()).reduce((sum, byte) => (sum + byte) % 65_521, 0);
      return new Response(new Uint8Array(3_000_000).fill(7), { headers: { "X-Sum": String(sum) } });
    },
  });
  const body = new Uint8Array(5_000_000).fill(3);
  const url = `http://127.0.0.1:${rig.port}/`;
  const client = Deno.createHttpClient({});
  for (const stream of [false, true]) {
    const response = await fetch(url, {
      method: "POST",
      body: stream ? new Blob([body]).stream() : body,
      client,
    });
    assertEquals(response.headers.get("x-sum"), String(body.length * 3 % 65_521));
    assertEquals((await response.bytes()).length, 3_000_000);
  }
  client.close();
  await rig.untilPlaces(0);
});

Deno.test("http splice: other upgrades are ignored, as RFC 9110 §7.8 allows", async () => {
  await using rig = new ServerRig({ fetch: () => new Response("still HTTP/1.1") });
  await using peer = await RawPeer.connect(rig.port);
  for (let turn = 0; turn < 2; turn++) {
    await peer.write(
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n" +
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
    );
    assertEquals(await readAnswer(peer), { status: 200, body: "still HTTP/1.1" });
  }
});

Deno.test("http splice: only what came through the outer port is answered", async () => {
  const ports: number[] = [];
  const { serve } = Deno;
  Deno.serve = ((options: Deno.ServeTcpOptions, handler: Deno.ServeHandler<Deno.NetAddr>) => {
    const server = serve(options, handler);
    ports.push(server.addr.port);
    return server;
  }) as typeof Deno.serve;
  await using rig = new ServerRig({ fetch: () => new Response("for clients") });
  Deno.serve = serve;
  const [inner = 0] = ports;
  assertNotEquals(inner, rig.port);
  await using peer = await RawPeer.connect(inner);
  await peer.write(GET);
  assertEquals((await readAnswer(peer)).status, 403);
});

Deno.test("http splice: a handler that throws is answered with 500 and told", async () => {
  await using rig = new ServerRig({
    fetch: ({ url }) => {
      if (url.endsWith("/rejects")) return Promise.reject(new Error("rejected"));
      throw new Error("thrown");
    },
  });
  for (const path of ["/throws", "/rejects"]) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assertEquals(await readAnswer(peer), { status: 500, body: "Internal Server Error\n" });
  }
  assertEquals(rig.errors.map(String), ["Error: thrown", "Error: rejected"]);
  await rig.assertEchoes();
});

Deno.test("http splice: an answer before the whole upload is not lost", async () => {
  await using rig = new ServerRig({ fetch: () => new Response("too much", { status: 413 }) });
  await using peer = await RawPeer.connect(rig.port);
  const length = 20_000_000;
  await peer.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
  const upload = peer.write(new Uint8Array(length)).catch(() => {});
  assertEquals((await readAnswer(peer)).status, 413);
  await peer[Symbol.asyncDispose]();
  await upload;
  await rig.untilPlaces(0);
});

Deno.test("http splice: a client that goes away cancels what it asked for", async () => {
  const cancelled = Promise.withResolvers<void>();
  await using rig = new ServerRig({
    fetch: () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          cancel: () => cancelled.resolve(),
        }),
      ),
  });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(GET);
  await peer.readHead();
  await peer.reset();
  await cancelled.promise;
  await rig.untilPlaces(0);
});

Deno.test("http splice: a head that no proxy should pass on is refused before", async () => {
  let asked = 0;
  await using rig = new ServerRig({
    fetch: () => {
      asked++;
      return new Response("");
    },
  });
  const heads = [
    "GET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX-Pad : 1\r\n\r\n",
  ];
  for (const head of heads) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(head);
    assertStringIncludes((await peer.readHead()).startLine, " 400 ");
  }
  assertEquals(asked, 0);
});

Deno.test("http splice: stopping lets a request finish, and idle connections go", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using rig = new ServerRig({
    fetch: ({ url }) => {
      if (!url.endsWith("/slow")) return new Response("quick");
      asked.resolve();
      return answer.promise;
    },
  });
  await using idle = await RawPeer.connect(rig.port);
  await idle.write(GET);
  await readAnswer(idle);
  await using slow = await RawPeer.connect(rig.port);
  await slow.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await asked.promise;
  const down = rig.shutdown(5000);
  await idle.write(GET);
  const late = await idle.readHead();
  assertEquals(late.startLine, "HTTP/1.1 503 Service Unavailable");
  answer.resolve(new Response("done"));
  assertEquals(await readAnswer(slow), { status: 200, body: "done" });
  // The server ends its direction first.
  for (const peer of [slow, idle]) {
    assertEquals((await peer.readToEnd()).end, "eof");
    await peer.halfClose();
  }
  await down;
  assertEquals(rig.places, 0);
});

Deno.test("http splice: handlers that never answer and bodies that never end are cut at the deadline", async () => {
  await using rig = new ServerRig({
    fetch: ({ url }) => {
      if (!url.endsWith("/stream")) return new Promise<Response>(() => {});
      const start = (controller: ReadableStreamDefaultController) =>
        controller.enqueue(new Uint8Array(1));
      return new Response(new ReadableStream({ start }));
    },
  });
  const peers = await Promise.all(
    ["/hang", "/stream", "/half a head"].map(async (path) => {
      const peer = await RawPeer.connect(rig.port);
      await peer.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.replace(/(?<= a head).*/s, ""));
      return peer;
    }),
  );
  await peers[1]!.readHead();
  const start = performance.now();
  await rig.shutdown(150);
  const took = performance.now() - start;
  assert(took >= 145 && took < 1000, `${took} ms`);
  assertEquals(rig.places, 0);
  for (const peer of peers) {
    await peer.readToEnd();
    await peer[Symbol.asyncDispose]();
  }
});

Deno.test("http splice: WebSockets and plain HTTP do not disturb each other", async () => {
  await using rig = new ServerRig({ fetch: () => new Response("plain") });
  await using socket = await RawPeer.open(rig.port);
  await using plain = await RawPeer.connect(rig.port);
  for (let turn = 0; turn < 20; turn++) {
    await assertEcho(socket, `turn ${turn}`);
    await plain.write(GET);
    assertEquals((await readAnswer(plain)).body, "plain");
  }
});
