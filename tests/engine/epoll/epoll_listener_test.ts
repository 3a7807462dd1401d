import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { RuntimeListener } from "../../../lib/engine/codec/listener.ts";
import { EpollListener } from "../../../lib/engine/epoll/epoll_listener.ts";
import type { ListenOptions } from "../../../lib/engine/host.ts";
import { serve } from "../../../lib/server/serve.ts";
import { linuxTest } from "../../support/linux.ts";

/** The one path that tests may listen at. */
const UNIX_PATH = new URL("../../../.cache/test.sock", import.meta.url).pathname;

/** Closes a listener behind `test`. */
async function withListener(
  listen: ListenOptions,
  test: (listener: EpollListener) => Promise<void>,
): Promise<void> {
  const listener = new EpollListener(listen);
  try {
    await test(listener);
  } finally {
    listener.close();
    await listener.finished;
  }
}

/** Where both kinds of listener say that they listen, or what they say of it. */
async function compare(listen: ListenOptions): Promise<readonly [unknown, unknown]> {
  const seen: unknown[] = [];
  for (const Listener of [RuntimeListener, EpollListener]) {
    try {
      const listener = new Listener(listen);
      const { address } = listener;
      seen.push("port" in address ? { ...address, port: address.port > 0 } : { ...address });
      listener.close();
      await listener.finished;
    } catch (error) {
      seen.push(String(error));
    }
  }
  return [seen[0], seen[1]];
}

linuxTest("epoll listener: names and addresses are those of the runtime", async () => {
  for (const hostname of ["127.0.0.1", "localhost", "0.0.0.0", "::1"]) {
    const [runtime, own] = await compare({ hostname, port: 0 });
    assertEquals(own, runtime);
  }
  const [runtime, own] = await compare({ path: UNIX_PATH });
  assertEquals(own, runtime);
  assertEquals(own, { transport: "unix", path: UNIX_PATH });
});

linuxTest("epoll listener: so are the errors", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await Deno.writeTextFile(UNIX_PATH, "");
  const expected = [
    [{ hostname: "127.0.0.1", port: taken.addr.port }, "AddrInUse: Address already in use"],
    [{ hostname: "203.0.113.1", port: 0 }, "NotCapable: Requires net access"],
    [{ path: UNIX_PATH }, "AddrInUse: Address already in use"],
    [{ path: `${UNIX_PATH}.not` }, "NotCapable: Requires "],
  ] as const;
  for (const [listen, start] of expected) {
    const [runtime, own] = await compare(listen);
    assertEquals(own, runtime);
    assert(String(own).startsWith(start), String(own));
  }
  assertEquals(Deno.lstatSync(UNIX_PATH).isFile, true, "what was there stays");
  await Deno.remove(UNIX_PATH);
});

linuxTest("epoll listener: a port is free again at once", async () => {
  let port = 0;
  await withListener({ hostname: "127.0.0.1", port }, async (listener) => {
    port = (listener.address as Deno.NetAddr).port;
    await Promise.resolve();
    assertThrows(() => new EpollListener({ hostname: "127.0.0.1", port }), Deno.errors.AddrInUse);
  });
  for (let round = 0; round < 20; round++) {
    await withListener({ hostname: "127.0.0.1", port }, () => Promise.resolve());
  }
});

linuxTest("epoll listener: it names the other end as the runtime does", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    await withListener({ hostname, port: 0 }, async (listener) => {
      using peer = await Deno.connect({ hostname, port: (listener.address as Deno.NetAddr).port });
      const stream = await listener.accept();
      assertEquals(stream.remoteAddress, { ...peer.localAddr, transport: "tcp" });
      stream.close();
    });
  }
});

linuxTest("epoll listener: a unix socket is served, and its file removed at the end", async () => {
  await withListener({ path: UNIX_PATH }, async (listener) => {
    assertEquals(Deno.lstatSync(UNIX_PATH).isSocket, true);
    using peer = await Deno.connect({ transport: "unix", path: UNIX_PATH });
    const stream = await listener.accept();
    assertEquals(stream.remoteAddress, { transport: "unix", hostname: "", port: 0 });
    await stream.write(Uint8Array.of(7));
    assertEquals(await peer.read(new Uint8Array(2)), 1);
    stream.close();
  });
  assertThrows(() => Deno.lstatSync(UNIX_PATH), Deno.errors.NotFound);
});

linuxTest("epoll listener: that the file is gone already does no harm", async () => {
  await withListener({ path: UNIX_PATH }, () => Deno.remove(UNIX_PATH));
});

linuxTest("epoll listener: accepting ends when it is closed, before and under way", async () => {
  const listener = new EpollListener({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  listener.close();
  listener.close();
  await assertRejects(() => accepting, Deno.errors.BadResource, "the listener is closed");
  await assertRejects(() => listener.accept(), Deno.errors.BadResource, "the listener is closed");
  await listener.finished;
});

linuxTest("epoll listener: it has finished when all that it accepted is closed", async () => {
  const listener = new EpollListener({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.address as Deno.NetAddr;
  using peer = await Deno.connect({ hostname: "127.0.0.1", port });
  const stream = await listener.accept();
  let finished = false;
  listener.finished.then(() => finished = true);
  listener.close();
  await stream.write(Uint8Array.of(7));
  assertEquals(await peer.read(new Uint8Array(2)), 1);
  assertEquals(finished, false);
  stream.close();
  await listener.finished;
});

linuxTest("epoll listener: a crowd at the door lets others have their turn", async () => {
  await withListener({ hostname: "127.0.0.1", port: 0 }, async (listener) => {
    const { port } = listener.address as Deno.NetAddr;
    const peers = await Promise.all(
      Array.from({ length: 50 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    let turned = 0;
    const turn = () => {
      turned++;
      if (turned < 100) immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    const streams = [];
    while (streams.length < 50) streams.push(await listener.accept());
    clearImmediate(immediate);
    assert(turned >= 3, `${turned} turns`);
    for (const stream of streams) stream.close();
    for (const peer of peers) peer.close();
  });
});

linuxTest(
  "epoll listener: those who come while nobody accepts cost nothing, and wait",
  async () => {
    await withListener({ hostname: "127.0.0.1", port: 0 }, async (listener) => {
      const { port } = listener.address as Deno.NetAddr;
      const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
      using first = await connect();
      (await listener.accept()).close();
      const accepting = listener.accept();
      using second = await connect();
      (await accepting).close();
      let reports = 0;
      const onReady = listener.onReady.bind(listener);
      listener.onReady = () => {
        reports++;
        onReady();
      };
      using third = await connect();
      await new Promise((resolve) => setTimeout(resolve, 10));
      assertEquals(reports, 1);
      (await listener.accept()).close();
      for (const peer of [first, second, third]) {
        assertEquals(await peer.read(new Uint8Array(1)), null);
      }
    });
  },
);

linuxTest("epoll listener: TLS is not to be had", () => {
  assertThrows(
    () => serve({ port: 0, engine: "epoll", tls: { cert: "", key: "" } }),
    TypeError,
    'Cannot serve TLS on the epoll engine; use engine "codec" or "auto", or leave tls out',
  );
});
