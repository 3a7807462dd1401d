/**
 * The runtime's HTTP server as the engines use it, over real sockets: that it comes back
 * after a failure, and that stopping it is bounded.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { HttpServer, type HttpServerParts } from "../../lib/engine/http_server.ts";
import { RawPeer } from "../support/raw_peer.ts";

const LISTEN = { hostname: "127.0.0.1", port: 0 };
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server, the way to it, and what it was told of. */
function start(parts: Partial<HttpServerParts> = {}) {
  const errors: unknown[] = [];
  const server = new HttpServer(LISTEN, {
    answer: () => new Response("fine"),
    onError: (error) => errors.push(error),
    ...parts,
  });
  return { server, errors, port: (server.address as Deno.NetAddr).port };
}

/** Asks on a connection of its own, and gives the status line. */
async function ask(port: number): Promise<string> {
  await using peer = await RawPeer.connect(port);
  await peer.write(GET);
  return (await peer.readHead()).startLine;
}

/** Opens a connection with a request that is answered, or at least begun to be. */
async function asking(port: number, request = GET): Promise<RawPeer> {
  const peer = await RawPeer.connect(port);
  await peer.write(request);
  return peer;
}

Deno.test("HttpServer: answers, and tells of handlers that fail", async () => {
  let fails = true;
  const { server, errors, port } = start({
    answer: () => {
      if (fails) throw new Error("failed");
      return new Response("fine");
    },
  });
  assertEquals(await ask(port), "HTTP/1.1 500 Internal Server Error");
  fails = false;
  assertEquals(await ask(port), "HTTP/1.1 200 OK");
  await server.stop();
  assertEquals(errors.map(String), ["Error: failed"]);
});

Deno.test("HttpServer: when the runtime's server fails it listens again on its port", async () => {
  const { serve } = Deno;
  const failures: ((error: Error) => void)[] = [];
  const again = Promise.withResolvers<void>();
  let refusals = 0;
  Deno.serve = ((options: Deno.ServeTcpOptions, handler: Deno.ServeHandler<Deno.NetAddr>) => {
    if (refusals-- > 0) throw new Deno.errors.AddrInUse("in use");
    const server = serve(options, handler);
    const { promise, reject } = Promise.withResolvers<void>();
    failures.push((error) => {
      // A server that fails has closed its listener already.
      server.shutdown().then(() => reject(error));
    });
    if (failures.length === 2) again.resolve();
    return Object.create(server, {
      addr: { value: server.addr },
      finished: { value: Promise.race([promise, new Promise(() => {})]) },
      shutdown: { value: () => server.shutdown() },
    });
  }) as typeof Deno.serve;
  try {
    const { server, errors, port } = start();
    assertEquals(await ask(port), "HTTP/1.1 200 OK");
    refusals = 2;
    failures[0]!(new Error("Too many open files"));
    await again.promise;
    assertEquals(errors.map(String), [
      "Error: Too many open files",
      "AddrInUse: in use",
      "AddrInUse: in use",
    ]);
    assertEquals(await ask(port), "HTTP/1.1 200 OK");
    await server.stop();
  } finally {
    Deno.serve = serve;
  }
});

Deno.test("HttpServer: stopping waits for requests, and refuses new ones on old connections", async () => {
  const answer = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  const { server, port } = start({
    answer: ({ url }) => {
      if (!url.endsWith("/slow")) return new Response("quick");
      asked.resolve();
      return answer.promise;
    },
  });
  await using slow = await asking(port, GET.replace("/ ", "/slow "));
  await asked.promise;
  await using idle = await asking(port);
  await idle.readHead();
  await idle.readBytes("quick".length);
  let stopped = false;
  const stopping = server.stop().then(() => stopped = true);
  await idle.write(GET);
  const { startLine, fields } = await idle.readHead();
  assertEquals(startLine, "HTTP/1.1 503 Service Unavailable");
  assertEquals(fields.get("connection"), ["close"]);
  assertEquals(stopped, false);
  answer.resolve(new Response("x".repeat(1_000_000)));
  const { bytes } = await slow.readToEnd();
  assertStringIncludes(new TextDecoder().decode(bytes.subarray(0, 20)), "HTTP/1.1 200 OK");
  assert(bytes.length > 1_000_000);
  await stopping;
});

Deno.test("HttpServer: the listener stays until what `drained` stands for is over", async () => {
  const { server, port } = start();
  const drained = Promise.withResolvers<void>();
  const stopping = server.stop(drained.promise);
  assertEquals(await ask(port), "HTTP/1.1 503 Service Unavailable");
  drained.resolve();
  await stopping;
  assertEquals(await RawPeer.connect(port).catch(() => "refused"), "refused");
});

Deno.test("HttpServer: aborting answers for handlers that never do", async () => {
  const asked = Promise.withResolvers<void>();
  const { server, port } = start({
    answer: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  await using peer = await asking(port);
  await asked.promise;
  const stopping = server.stop();
  server.abort();
  server.abort();
  await stopping;
  await peer.readToEnd();
});

Deno.test("HttpServer: aborting cuts bodies that never end", async () => {
  const cancelled = Promise.withResolvers<void>();
  const { server, port } = start({
    answer: () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          cancel: () => cancelled.resolve(),
        }),
      ),
  });
  await using peer = await asking(port);
  await peer.readHead();
  const stopping = server.stop();
  server.abort();
  await stopping;
  await cancelled.promise;
  await peer.readToEnd();
});

Deno.test("HttpServer: a client that is slow to take its answer holds stopping up until it is aborted", async () => {
  const asked = Promise.withResolvers<void>();
  const { server, port } = start({
    answer: () => {
      asked.resolve();
      return new Response(new Uint8Array(20_000_000));
    },
  });
  await using slow = await asking(port);
  await asked.promise;
  await using half = await asking(port, "GET / HTT");
  let stopped = false;
  const stopping = server.stop().then(() => stopped = true);
  // Half a request is no request under way.
  assertEquals((await half.readToEnd()).bytes.length, 0);
  assertEquals(stopped, false);
  const begin = performance.now();
  server.abort();
  await stopping;
  assert(performance.now() - begin < 1500);
  await slow.reset();
});

Deno.test("HttpServer: an upgrade that was answered and never opened is no reason to wait", async () => {
  const { server, port } = start({ isOpening: () => true });
  assertEquals(await ask(port), "HTTP/1.1 200 OK");
  await server.stop();
  assertEquals(await RawPeer.connect(port).catch(() => "refused"), "refused");
});
