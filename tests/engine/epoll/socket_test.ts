import { assertEquals, assertThrows } from "@std/assert";
import { EPOLLIN, EPOLLOUT, Libc, NOT_NOW } from "../../../lib/engine/epoll/libc.ts";
import type { Socket } from "../../../lib/engine/epoll/socket.ts";
import { linuxTest } from "../../support/linux.ts";
import { NOBODY, SocketRig } from "../../support/socket_rig.ts";

/** Waits until `socket` is ready for `events`, of which it is told. */
async function untilReady(socket: Socket, events: number): Promise<number> {
  const ready = Promise.withResolvers<number>();
  socket.handOver({ onReady: ready.resolve });
  socket.watch(events);
  const found = await ready.promise;
  socket.watch(0);
  return found;
}

linuxTest("socket: bytes there and back, and the end", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  assertEquals(socket.receive(), NOT_NOW);
  await peer.write(Uint8Array.of(1, 2, 3));
  assertEquals(await untilReady(socket, EPOLLIN), EPOLLIN);
  assertEquals(socket.receive(), 3);
  assertEquals(socket.input.subarray(0, 3), Uint8Array.of(1, 2, 3));
  assertEquals(socket.send(Uint8Array.of(4)), 1);
  socket.endOutput();
  const buffer = new Uint8Array(8);
  assertEquals([await peer.read(buffer), buffer[0], await peer.read(buffer)], [1, 4, null]);
  await peer.closeWrite();
  await untilReady(socket, EPOLLIN);
  assertEquals(socket.receive(), 0);
});

linuxTest("socket: all sockets of a poller read into one buffer", async () => {
  await using rig = new SocketRig();
  const first = await rig.open();
  const second = await rig.open();
  assertEquals(first.socket.input, second.socket.input);
  assertEquals(first.socket.input === second.socket.input, true);
});

linuxTest("socket: it is watched for what was asked for last", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  await peer.write(Uint8Array.of(1));
  assertEquals(await untilReady(socket, EPOLLOUT), EPOLLOUT);
  assertEquals(await untilReady(socket, EPOLLIN | EPOLLOUT), EPOLLIN | EPOLLOUT);
  const told: number[] = [];
  socket.handOver({ onReady: (events) => told.push(events) });
  socket.watch(EPOLLOUT);
  socket.watch(EPOLLIN);
  socket.watch(0);
  socket.watch(0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(told, []);
});

linuxTest("socket: once it is closed, nothing happens any more", async () => {
  await using rig = new SocketRig();
  const { socket, peer } = await rig.open();
  socket.watch(EPOLLIN);
  assertEquals(socket.closed, false);
  socket.close();
  socket.close();
  assertEquals(socket.closed, true);
  assertEquals(await peer.read(new Uint8Array(1)), null);
  for (const call of [() => socket.receive(), () => socket.send(Uint8Array.of(1))]) {
    assertThrows(call, Deno.errors.BadResource, "the socket is closed");
  }
  socket.watch(EPOLLOUT);
  socket.endOutput();
});

linuxTest("socket: a closed one is handed over to nobody", async () => {
  await using rig = new SocketRig();
  const { socket } = await rig.open();
  socket.close();
  // Its tag is another's, some turns later.
  const told = Promise.withResolvers<number>();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const { socket: next } = await rig.open({ onReady: told.resolve });
  socket.handOver(NOBODY);
  next.watch(EPOLLOUT);
  assertEquals(await told.promise, EPOLLOUT);
  next.watch(0);
});

linuxTest("socket: that it cannot be watched is told, and it can be closed", async () => {
  class Full extends Libc {
    full = false;
    override watch(...call: Parameters<Libc["watch"]>): void {
      if (this.full) throw new Error("full");
      super.watch(...call);
    }
  }
  const libc = new Full();
  await using rig = new SocketRig(libc);
  const { socket, peer } = await rig.open();
  libc.full = true;
  assertThrows(() => socket.watch(EPOLLIN), Error, "full");
  libc.full = false;
  assertEquals(await untilReady(socket, EPOLLOUT), EPOLLOUT);
  libc.full = true;
  assertThrows(() => socket.watch(EPOLLIN), Error, "full");
  socket.close();
  assertEquals(await peer.read(new Uint8Array(1)), null);
});
