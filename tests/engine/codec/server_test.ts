/**
 * The codec engine's server over real sockets: how many it takes, what it does when it
 * cannot accept, and how it ends.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LINGER } from "../../../lib/engine/codec/byte_stream.ts";
import { openEngine } from "../../../lib/engine/open.ts";
import { AdmissionControl } from "../../../lib/server/admission.ts";
import { createGate } from "../../../lib/server/options.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { upgradeRequest } from "../../support/raw_head.ts";
import { RawPeer } from "../../support/raw_peer.ts";
import { assertEcho, ServerRig } from "../../support/server_rig.ts";

/** The head of what a server says to a client that has said nothing. */
async function refusalOf(port: number): Promise<string> {
  await using peer = await RawPeer.connect(port);
  const { text } = await peer.readHead();
  assertEquals((await peer.readToEnd()).end, "eof");
  return text;
}

Deno.test("codec server: beyond maxConnections the answer is 503, beyond perIp 429", async () => {
  for (const [options, status] of [[{ maxConnections: 2 }, 503], [{ perIp: 2 }, 429]] as const) {
    await using rig = new ServerRig(options);
    await using first = await RawPeer.open(rig.port);
    await using second = await RawPeer.connect(rig.port);
    await rig.untilPlaces(2);
    const text = await refusalOf(rig.port);
    assert(text.startsWith(`HTTP/1.1 ${status} `), text);
    assert(text.includes("\r\nretry-after: 10\r\n"), text);
    await assertEcho(first);
    await second.halfClose();
    await rig.untilPlaces(1);
    await rig.assertEchoes();
  }
});

Deno.test("codec server: a place is freed on every way out", async () => {
  using timers = new HeldTimers();
  await using rig = new ServerRig({
    maxConnections: 1,
    handshakeTimeout: HELD,
    fetch: () => new Response("plain"),
    routes: { "/refused": { upgrade: () => new Response("", { status: 401 }) } },
  });
  const ways: Record<string, (peer: RawPeer) => Promise<unknown>> = {
    "silence": (peer) => {
      timers.expire();
      return peer.readToEnd();
    },
    "garbage": async (peer) => {
      await peer.write("garbage\r\n\r\n");
      await peer.readToEnd();
    },
    "refused": async (peer) => {
      await peer.write(upgradeRequest({ startLine: "GET /refused HTTP/1.1" }));
      await peer.readToEnd();
    },
    "plain HTTP": async (peer) => {
      await peer.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      await peer.readToEnd();
    },
    "reset at once": (peer) => peer.reset(),
    "reset when open": async (peer) => {
      await peer.requestUpgrade();
      await peer.reset();
      assertEquals((await rig.nextClose()).code, 1006);
    },
    "end when open": async (peer) => {
      await peer.requestUpgrade();
      await peer.halfClose();
      await peer.readToEnd();
      assertEquals((await rig.nextClose()).code, 1006);
    },
    "protocol error": async (peer) => {
      await peer.requestUpgrade();
      await peer.send({ opcode: 1, payload: "not masked" });
      await peer.readToEnd();
      await peer[Symbol.asyncDispose]();
      assertEquals((await rig.nextClose()).code, 1002);
    },
  };
  for (const [way, leave] of Object.entries(ways)) {
    await using peer = await RawPeer.connect(rig.port);
    await rig.untilPlaces(1);
    await leave(peer);
    await peer[Symbol.asyncDispose]();
    await rig.untilPlaces(0);
    await rig.assertEchoes();
    assertEquals(rig.errors, [], way);
  }
});

Deno.test("codec server: a flood of refused connections is cut rather than kept", async () => {
  // However long it takes, none is let go for another one.
  using _ = new HeldTimers(LINGER);
  await using rig = new ServerRig({ maxConnections: 1 });
  await using witness = await RawPeer.open(rig.port);
  const flood = await Promise.all(
    Array.from({ length: 300 }, () => RawPeer.connect(rig.port)),
  );
  // None of them ends its direction, so each that is told why lingers.
  const ends = await Promise.all(flood.map((peer) => peer.readToEnd()));
  const told = ends.filter(({ bytes }) => bytes.length > 0).length;
  assertEquals(told, 256);
  await assertEcho(witness);
  await Promise.all(flood.map((peer) => peer[Symbol.asyncDispose]()));
});

Deno.test("codec server: when accept fails it backs off, and open connections live on", async () => {
  const { listen } = Deno;
  const failures: PromiseWithResolvers<Deno.Conn>[] = [];
  let failing = false;
  Deno.listen = ((options: Deno.ListenOptions & { transport?: "tcp" }) => {
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = () => {
      if (!failing) return accept();
      failures.push(Promise.withResolvers());
      return Promise.reject(new Error("Too many open files (os error 24)"));
    };
    return listener;
  }) as typeof Deno.listen;
  try {
    await using rig = new ServerRig();
    await using witness = await RawPeer.open(rig.port);
    failing = true;
    // The accept under way still takes this one; the next ones fail.
    await using pending = await RawPeer.open(rig.port);
    const start = performance.now();
    await assertEcho(witness);
    await assertEcho(pending);
    while (failures.length < 4) await assertEcho(witness);
    // 10, 20 and 40 ms lie between four attempts.
    assert(performance.now() - start >= 65, `${performance.now() - start} ms`);
    failing = false;
    await rig.assertEchoes();
    assertEquals(String(rig.errors[0]), "Error: Too many open files (os error 24)");
    assertEquals(rig.errors.length, failures.length);
    failing = true;
    await rig.assertEchoes();
  } finally {
    Deno.listen = listen;
  }
});

Deno.test("codec server: clients that leave before they are accepted hold nobody up", async () => {
  await using rig = new ServerRig();
  await using witness = await RawPeer.open(rig.port);
  const start = performance.now();
  for (let turn = 0; turn < 10; turn++) {
    const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.connect(rig.port)));
    await Promise.all(peers.map((peer) => peer.reset()));
    await assertEcho(witness);
    await rig.assertEchoes();
  }
  assert(performance.now() - start < 3000);
  await rig.untilPlaces(1);
  assertEquals(rig.errors, []);
});

Deno.test("codec server: whatever accept says of a client that left is no reason to wait", async () => {
  const { listen } = Deno;
  const { NotConnected, ConnectionReset, ConnectionAborted } = Deno.errors;
  const failures = [NotConnected, ConnectionReset, ConnectionAborted].flatMap((Failure) =>
    Array.from({ length: 10 }, () => new Failure("gone"))
  );
  Deno.listen = ((options: Deno.TcpListenOptions) => {
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = () => {
      const failure = failures.pop();
      return failure === undefined ? accept() : Promise.reject(failure);
    };
    return listener;
  }) as typeof Deno.listen;
  try {
    await using rig = new ServerRig();
    const start = performance.now();
    await rig.assertEchoes();
    assert(performance.now() - start < 1000);
    assertEquals([failures, rig.errors], [[], []]);
  } finally {
    Deno.listen = listen;
  }
});

Deno.test("codec server: shutting down cuts handshakes, waiting hooks and refusals", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  await using rig = new ServerRig({
    maxConnections: 2,
    routes: {
      "/hang": {
        upgrade: ({ signal }) => {
          asked.resolve(signal);
          return new Promise(() => {});
        },
      },
    },
  });
  await using hanging = await RawPeer.connect(rig.port);
  await hanging.write(upgradeRequest({ startLine: "GET /hang HTTP/1.1" }));
  await using silent = await RawPeer.connect(rig.port);
  await rig.untilPlaces(2);
  await using refused = await RawPeer.connect(rig.port);
  await refused.readHead();
  const signal = await asked.promise;
  const start = performance.now();
  await rig.shutdown(5000);
  assert(performance.now() - start < 1000);
  assertEquals([rig.places, signal.aborted], [0, true]);
  for (const peer of [hanging, silent, refused]) await peer.readToEnd();
  await assertRejects(() => RawPeer.connect(rig.port));
});

Deno.test("codec server: what was asked before it drains is refused, what is open gets 1001", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await using rig = new ServerRig({
    routes: {
      "/slow": {
        upgrade: async () => {
          asked.resolve();
          await answer.promise;
        },
      },
    },
  });
  await using open = await RawPeer.open(rig.port);
  await using slow = await RawPeer.connect(rig.port);
  await slow.write(upgradeRequest({ startLine: "GET /slow HTTP/1.1" }));
  await asked.promise;
  const down = rig.shutdown(2000);
  answer.resolve();
  assertEquals((await slow.readHead()).startLine, "HTTP/1.1 503 Service Unavailable");
  const { opcode, payload } = await open.readFrame();
  assertEquals([opcode, payload[0], payload[1]], [8, 1001 >> 8, 1001 & 255]);
  await open.sendMasked({ opcode: 8, payload });
  await open[Symbol.asyncDispose]();
  await slow[Symbol.asyncDispose]();
  await down;
  assertEquals(rig.opened.length, 1);
});

Deno.test("codec server: when its HTTP server cannot be had, the port is free again", () => {
  const { serve } = Deno;
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  taken.close();
  const fetch = () => new Response();
  const gate = createGate({}, { admission: new AdmissionControl(), fetch });
  Deno.serve = (() => {
    throw new Deno.errors.NotCapable("no loopback");
  }) as unknown as typeof Deno.serve;
  try {
    assertThrows(
      () => openEngine("codec", { hostname: "127.0.0.1", port }, gate),
      Deno.errors.NotCapable,
    );
  } finally {
    Deno.serve = serve;
  }
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});
