/**
 * The link over a socket of the epoll engine.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { EpollLink } from "../../../lib/engine/epoll/epoll_link.ts";
import { EpollListener } from "../../../lib/engine/epoll/epoll_listener.ts";
import { EPOLLHUP, EPOLLIN, EPOLLOUT, Libc } from "../../../lib/engine/epoll/libc.ts";
import { LinkCollector } from "../../support/link_collector.ts";
import { type LinkKind, testLink, withLink } from "../../support/link_over_tcp.ts";
import { LINUX, linuxTest } from "../../support/linux.ts";
import { SocketRig } from "../../support/socket_rig.ts";

const EPOLL_LINK: LinkKind = {
  name: "epoll link",
  ignore: !LINUX,
  connect: async (dial) => {
    const listener = new EpollListener({ hostname: "127.0.0.1", port: 0 });
    const peer = await dial((listener.address as Deno.NetAddr).port);
    const stream = await listener.accept();
    const release = async () => {
      listener.close();
      await listener.finished;
    };
    return { link: stream.toLink(), peer, release };
  },
};

testLink(EPOLL_LINK);

const NOTHING = new Uint8Array(0);

linuxTest("epoll link: a write leaves at once, and nothing more is told of it", async () => {
  await withLink(EPOLL_LINK, async ({ link, collector, peer }) => {
    assertEquals(link.write(Uint8Array.of(1, 2, 3)), 3);
    assertEquals(await peer.read(new Uint8Array(8)), 3);
    assertEquals(collector.written, 0);
  });
});

linuxTest("epoll link: what a peer sent before it was gone still comes", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  link.start(collector, NOTHING);
  link.pause();
  await peer.write(Uint8Array.of(1, 2));
  peer.close();
  while (link.write(Uint8Array.of(3)) === 1);
  link.resume();
  await collector.until(() => collector.errors.length > 0);
  assertEquals([collector.chunks, collector.ended], [[Uint8Array.of(1, 2)], 0]);
  assertInstanceOf(collector.errors[0], Deno.errors.BrokenPipe);
});

linuxTest("epoll link: a failed write tells why, though reading finds the end only", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  link.start(collector, NOTHING);
  peer.close();
  while (link.write(Uint8Array.of(3)) === 1);
  await collector.until(() => collector.errors.length > 0);
  assertInstanceOf(collector.errors[0], Deno.errors.BrokenPipe);
  assertEquals([collector.errors.length, collector.ended], [1, 0]);
});

linuxTest("epoll link: a socket that somebody else closes has failed", async () => {
  for (const paused of [false, true]) {
    await using rig = new SocketRig();
    const { socket, peer } = await rig.open();
    const link = new EpollLink(socket);
    const collector = new LinkCollector();
    link.start(collector, NOTHING);
    await peer.write(Uint8Array.of(1));
    await collector.until(() => collector.received === 1);
    if (paused) link.pause();
    link.cut();
    assertEquals(collector.errors, [], "nothing comes from within cut");
    assertEquals(link.write(Uint8Array.of(1)), 0);
    await collector.until(() => collector.errors.length > 0);
    assertInstanceOf(collector.errors[0], Deno.errors.BadResource);
    assertEquals(await peer.read(new Uint8Array(1)), null);
  }
});

linuxTest("epoll link: a socket that was closed before the start has failed, once", async () => {
  await using rig = new SocketRig();
  const { socket } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  link.start(collector, Uint8Array.of(1));
  link.cut();
  await collector.until(() => collector.errors.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(collector.errors.map(({ message }) => message), ["the stream was closed"]);
  assertEquals(collector.chunks, []);
});

linuxTest("epoll link: destroyed and then cut, nothing is told", async () => {
  await using rig = new SocketRig();
  const { socket } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  link.start(collector, Uint8Array.of(1));
  link.destroy();
  link.cut();
  link.onReady(EPOLLIN | EPOLLOUT | EPOLLHUP);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals([collector.chunks, collector.errors], [[], []]);
});

linuxTest("epoll link: reports that are outdated do no harm", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  link.start(collector, NOTHING);
  await peer.write(Uint8Array.of(1));
  await collector.until(() => collector.received === 1);
  const rest = new Uint8Array(30_000_000);
  const now = link.write(rest);
  assert(now < rest.length);
  link.onReady(EPOLLIN | EPOLLOUT); // there is neither
  link.pause();
  await peer.write(Uint8Array.of(2));
  link.onReady(EPOLLIN);
  assertEquals([collector.received, collector.written, collector.errors], [1, 0, []]);
});

linuxTest("epoll link: if the system watches no more sockets, the link has failed", async () => {
  class Full extends Libc {
    full = false;
    override watch(...call: Parameters<Libc["watch"]>): void {
      if (this.full) throw new Error("full");
      super.watch(...call);
    }
  }
  const libc = new Full();
  await using rig = new SocketRig(libc);
  const { socket } = await rig.open();
  const link = new EpollLink(socket);
  const collector = new LinkCollector();
  libc.full = true;
  link.start(collector, NOTHING);
  await collector.until(() => collector.errors.length > 0);
  link.resume();
  assertEquals(collector.errors.map(({ message }) => message), ["full"]);
});
