import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { EpollStream } from "../../../lib/engine/epoll/epoll_stream.ts";
import { EPOLLIN, EPOLLOUT } from "../../../lib/engine/epoll/libc.ts";
import { LinkCollector } from "../../support/link_collector.ts";
import { linuxTest } from "../../support/linux.ts";
import { SocketRig } from "../../support/socket_rig.ts";

/** Runs `test` on a stream and its other end. */
async function withStream(
  test: (stream: EpollStream, peer: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  await using rig = new SocketRig();
  const { descriptor, peer } = await rig.connect();
  const stream = new EpollStream(rig.poller, descriptor, {
    transport: "tcp",
    hostname: "192.0.2.1",
    port: 7,
  });
  try {
    await test(stream, peer);
  } finally {
    stream.close();
  }
}

linuxTest("epoll stream: reads what comes, and then the end", async () => {
  await withStream(async (stream, peer) => {
    const first = stream.read();
    await peer.write(Uint8Array.of(1, 2));
    const piece = await first;
    await peer.write(Uint8Array.of(3));
    assertEquals(await stream.read(), Uint8Array.of(3));
    assertEquals(piece, Uint8Array.of(1, 2), "it is the caller's");
    await peer.closeWrite();
    assertEquals([await stream.read(), await stream.read()], [null, null]);
  });
});

linuxTest("epoll stream: writes all, however slowly it is taken, and ends behind it", async () => {
  await withStream(async (stream, peer) => {
    const size = 20_000_000;
    const writing = stream.write(new Uint8Array(size)).then(() => stream.end());
    let sum = 0;
    const buffer = new Uint8Array(100_000);
    for (let n = await peer.read(buffer); n !== null; n = await peer.read(buffer)) sum += n;
    await writing;
    assertEquals(sum, size);
  });
});

linuxTest("epoll stream: reads while a write waits", async () => {
  await withStream(async (stream, peer) => {
    const writing = stream.write(new Uint8Array(20_000_000));
    const reading = stream.read();
    await peer.write(Uint8Array.of(1));
    assertEquals(await reading, Uint8Array.of(1));
    const again = stream.read();
    stream.close();
    await assertRejects(() => writing, Deno.errors.BadResource, "the socket is closed");
    await assertRejects(() => again, Deno.errors.BadResource, "the socket is closed");
  });
});

linuxTest("epoll stream: a peer that is gone fails whoever waits", async () => {
  await withStream(async (stream, peer) => {
    const failed = Promise.allSettled([stream.write(new Uint8Array(20_000_000)), stream.read()]);
    await peer.read(new Uint8Array(10));
    peer.close();
    const [written, read] = await failed;
    assertEquals(written.status, "rejected");
    // The end came before the reset did, perhaps.
    if (read.status === "fulfilled") assertEquals(read.value, null);
  });
});

linuxTest("epoll stream: a report that is outdated does no harm", async () => {
  await withStream(async (stream, peer) => {
    const reading = stream.read();
    stream.onReady(EPOLLIN | EPOLLOUT);
    await peer.write(Uint8Array.of(1));
    assertEquals(await reading, Uint8Array.of(1));
  });
});

linuxTest("epoll stream: once it is closed, reading and writing fail", async () => {
  await withStream(async (stream, peer) => {
    stream.close();
    stream.close();
    await assertRejects(() => stream.read(), Deno.errors.BadResource);
    await assertRejects(() => stream.write(Uint8Array.of(1)), Deno.errors.BadResource);
    await stream.end();
    assertEquals(await peer.read(new Uint8Array(1)), null);
  });
});

linuxTest("epoll stream: whoever reads on and on lets others have their turn", async () => {
  await withStream(async (stream, peer) => {
    await peer.write(new Uint8Array(3_000_000));
    let turns = 0;
    let last = 0;
    let pieces = 0;
    const count = () => {
      turns++;
      if (last === 0) setImmediate(count);
    };
    setImmediate(count);
    for (let left = 3_000_000; left > 0; pieces++) left -= (await stream.read())!.length;
    last = turns;
    assert(pieces > 5 && turns >= pieces - 1, `${pieces} pieces in ${turns} turns`);
  });
});

linuxTest("epoll stream: the other end is the one that it was told", async () => {
  await withStream((stream) => {
    assertEquals(stream.remoteAddress, { transport: "tcp", hostname: "192.0.2.1", port: 7 });
    return Promise.resolve();
  });
});

linuxTest("epoll stream: it is none of Node's", async () => {
  await withStream((stream) => {
    assertThrows(() => stream.toDuplex(), TypeError, "cannot be a stream of Node's");
    return Promise.resolve();
  });
});

linuxTest("epoll stream: as a link it goes on; closing it then fails the link", async () => {
  await withStream(async (stream, peer) => {
    const reading = stream.read();
    await peer.write(Uint8Array.of(1));
    assertEquals(await reading, Uint8Array.of(1));
    const link = stream.toLink();
    const collector = new LinkCollector();
    link.start(collector, Uint8Array.of(2));
    await peer.write(Uint8Array.of(3));
    await collector.until(() => collector.received === 2);
    stream.close();
    await collector.until(() => collector.errors.length > 0);
    assertInstanceOf(collector.errors[0], Deno.errors.BadResource);
    assertEquals(await peer.read(new Uint8Array(1)), null);
  });
});
