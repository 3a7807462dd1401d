/**
 * The server on the epoll engine over real sockets: what is left when it is down, and that nobody
 * starves.
 */
import { assert, assertEquals } from "@std/assert";
import { upgradeRequest } from "../../support/raw_head.ts";
import { buildFrame, RawPeer, SOME_MASK } from "../../support/raw_peer.ts";
import { linuxTest } from "../../support/linux.ts";
import { assertEcho, ServerRig } from "../../support/server_rig.ts";

linuxTest("epoll server: when it is down, it has left nothing", async () => {
  const { openDescriptors } = await import("../exhaustion/libc.ts");
  const before = openDescriptors(1024);
  for (let round = 0; round < 3; round++) {
    const rig = new ServerRig({ engine: "epoll" });
    await using open = await RawPeer.open(rig.port);
    await assertEcho(open);
    await using silent = await RawPeer.connect(rig.port);
    await rig.untilPlaces(2);
    await rig.shutdown(20);
    await Promise.all([open.readToEnd(), silent.readToEnd()]);
    assertEquals([rig.places, rig.errors], [0, []]);
  }
  assertEquals(openDescriptors(1024), before);
});

linuxTest("epoll server: cut before its response has left, a connection is over", async () => {
  const deciding = Promise.withResolvers<void>();
  const decided = Promise.withResolvers<void>();
  await using rig = new ServerRig({
    engine: "epoll",
    endpoint: {
      upgrade: async () => {
        deciding.resolve();
        await decided.promise;
      },
    },
  });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(upgradeRequest());
  await deciding.promise;
  const down = rig.shutdown(10);
  await peer.readToEnd();
  decided.resolve();
  await down;
  assertEquals([rig.places, rig.opened.length, rig.errors], [0, 0, []]);
});

linuxTest("epoll server: abort alone ends what is open as well", async () => {
  const rig = new ServerRig({ engine: "epoll" });
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  const stopped = rig.server.stop(Promise.resolve());
  await rig.server.abort();
  await stopped;
  assertEquals(await rig.nextClose(), {
    code: 1006,
    wasClean: false,
    error: "ERR_STREAM_FAILED",
  });
  await peer.readToEnd();
  assertEquals(rig.places, 0);
});

linuxTest("epoll server: a flood on one connection starves neither others nor HTTP", async () => {
  await using rig = new ServerRig({
    engine: "epoll",
    endpoint: { message: (connection, data) => void connection.send(data) },
    fetch: () => new Response("plain"),
  });
  await using witness = await RawPeer.open(rig.port);
  await using flooder = await Deno.connect({ hostname: "127.0.0.1", port: rig.port });
  await flooder.write(new TextEncoder().encode(upgradeRequest()));
  const one = buildFrame({ opcode: 2, payload: "x", mask: SOME_MASK });
  const many = new Uint8Array(one.length * 30_000);
  for (let at = 0; at < many.length; at += one.length) many.set(one, at);
  let flooding = true;
  let flooded = 0;
  const writing = (async () => {
    while (flooding) {
      for (let at = 0; at < many.length;) at += await flooder.write(many.subarray(at));
      flooded++;
    }
  })();
  const reading = (async () => {
    const buffer = new Uint8Array(1_000_000);
    while (flooding && await flooder.read(buffer) !== null);
  })();
  await assertEcho(witness);
  const response = await fetch(`http://127.0.0.1:${rig.port}/`);
  assertEquals(await response.text(), "plain");
  flooding = false;
  await Promise.all([writing, reading]);
  assert(flooded > 0);
});

linuxTest("epoll server: whoever is refused and sends on and on is cut in time", async () => {
  await using rig = new ServerRig({ engine: "epoll" });
  const peer = await Deno.connect({ hostname: "127.0.0.1", port: rig.port });
  await peer.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
  const chunk = new Uint8Array(1_000_000);
  const start = performance.now();
  try {
    while (performance.now() - start < 20_000) await peer.write(chunk);
    assert(false, "it was never cut");
  } catch (error) {
    assert(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset);
  }
  peer.close();
  await rig.untilPlaces(0);
  await rig.assertEchoes();
});
