import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { EPOLLIN, EPOLLOUT, Libc } from "../../../lib/engine/epoll/libc.ts";
import { type Pollable, Poller } from "../../../lib/engine/epoll/poller.ts";
import { linuxTest } from "../../support/linux.ts";
import { NOBODY, SocketRig } from "../../support/socket_rig.ts";

/** Keeps the event loop busy, in milliseconds. */
function keepBusy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

linuxTest("poller: a member is told what its descriptor is ready for, while it is", async () => {
  await using rig = new SocketRig();
  const told: number[] = [];
  const changed = Promise.withResolvers<void>();
  const { descriptor } = await rig.connect();
  const tag = rig.poller.join({
    onReady: (events) => {
      if (told.push(events) === 3) changed.resolve();
    },
  });
  rig.poller.watch(descriptor, tag, { from: 0, to: EPOLLOUT });
  await changed.promise;
  assertEquals(told, [EPOLLOUT, EPOLLOUT, EPOLLOUT]);
  rig.poller.watch(descriptor, tag, { from: EPOLLOUT, to: EPOLLIN });
  const after = told.length;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(told.length, after);
  rig.poller.watch(descriptor, tag, { from: EPOLLIN, to: 0 });
  rig.poller.leave(tag);
  rig.libc.close(descriptor);
});

linuxTest("poller: after a long silence somebody is told just as well", async () => {
  await using rig = new SocketRig();
  for (let round = 0; round < 2; round++) {
    const ready = Promise.withResolvers<number>();
    const { socket, peer } = await rig.open({ onReady: ready.resolve });
    socket.watch(EPOLLIN);
    await new Promise((resolve) => setTimeout(resolve, 30)); // the other thread waits by now
    await peer.write(Uint8Array.of(1));
    assertEquals(await ready.promise, EPOLLIN);
    socket.watch(0);
  }
});

linuxTest("poller: whoever is always ready lets timers have their turn", async () => {
  await using rig = new SocketRig();
  let told = 0;
  const { socket } = await rig.open({ onReady: () => void told++ });
  socket.watch(EPOLLOUT);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert(told > 1, `${told} times`);
});

linuxTest("poller: a batch that takes long is interrupted for timers", async () => {
  await using rig = new SocketRig();
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  const owner: Pollable = {
    onReady: () => {
      if (order.length === 0) setTimeout(() => order.push("timer"), 0);
      order.push("told");
      keepBusy(8);
      if (order.filter((what) => what === "told").length === 4) done.resolve();
    },
  };
  const all = await Promise.all(Array.from({ length: 4 }, () => rig.open(owner)));
  for (const { socket } of all) socket.watch(EPOLLOUT);
  await done.promise;
  for (const { socket } of all) socket.watch(0);
  assert(order.includes("timer"), String(order));
});

linuxTest(
  "poller: who left within a batch is told no more, nor is who came instead",
  async () => {
    await using rig = new SocketRig();
    const told: string[] = [];
    const done = Promise.withResolvers<void>();
    const { descriptor: first } = await rig.connect();
    const { descriptor: second } = await rig.connect();
    const tags = new Map<number, number>();
    let newcomer = -1;
    /** Whoever is told first lets the other one go. */
    const leaver = (own: number, other: number): Pollable => ({
      onReady: () => {
        told.push(own === first ? "first" : "second");
        for (const descriptor of [own, other]) {
          rig.poller.watch(descriptor, tags.get(descriptor)!, { from: EPOLLOUT, to: 0 });
        }
        rig.poller.leave(tags.get(other)!);
        newcomer = rig.poller.join({ onReady: () => told.push("newcomer") });
        setImmediate(() => setImmediate(done.resolve));
      },
    });
    tags.set(first, rig.poller.join(leaver(first, second)));
    tags.set(second, rig.poller.join(leaver(second, first)));
    for (const [descriptor, tag] of tags) {
      rig.poller.watch(descriptor, tag, { from: 0, to: EPOLLOUT });
    }
    await done.promise;
    assertEquals(told, ["first"]);
    const freed = tags.get(second)!;
    assertNotEquals(newcomer, freed);
    assertEquals(rig.poller.join(NOBODY), freed, "behind the batch it is used again");
    for (const tag of [tags.get(first)!, freed, newcomer]) rig.poller.leave(tag);
    for (const descriptor of [first, second]) rig.libc.close(descriptor);
  },
);

linuxTest("poller: another one can be told in place of a member", async () => {
  await using rig = new SocketRig();
  const { descriptor } = await rig.connect();
  const tag = rig.poller.join({ onReady: () => assert(false, "the old one was told") });
  rig.poller.watch(descriptor, tag, { from: 0, to: EPOLLOUT });
  const ready = Promise.withResolvers<number>();
  rig.poller.replace(tag, { onReady: ready.resolve });
  assertEquals(await ready.promise, EPOLLOUT);
  rig.poller.watch(descriptor, tag, { from: EPOLLOUT, to: 0 });
  rig.poller.leave(tag);
  rig.libc.close(descriptor);
});

linuxTest(
  "poller: what a member throws is an uncaught error, and the others are told",
  async () => {
    const uncaught: unknown[] = [];
    const note = (event: ErrorEvent) => {
      event.preventDefault();
      uncaught.push(event.error);
    };
    globalThis.addEventListener("error", note);
    const defect = new Error("a defect");
    await using rig = new SocketRig();
    const faulty = await rig.open({
      onReady: () => {
        faulty.socket.watch(0);
        throw defect;
      },
    });
    const ready = Promise.withResolvers<number>();
    const other = await rig.open({
      onReady: (events) => {
        other.socket.watch(0);
        ready.resolve(events);
      },
    });
    faulty.socket.watch(EPOLLOUT);
    other.socket.watch(EPOLLOUT);
    assertEquals(await ready.promise, EPOLLOUT);
    await new Promise((resolve) => setTimeout(resolve, 1));
    globalThis.removeEventListener("error", note);
    assertEquals(uncaught, [defect]);
  },
);

linuxTest("poller: more sockets than one batch holds are all told", async () => {
  await using rig = new SocketRig();
  const told = new Set<number>();
  const done = Promise.withResolvers<void>();
  const { descriptor } = await rig.connect();
  const tags: number[] = [];
  const signals: number[] = [];
  // Signals are cheaper than connections.
  const epoll = rig.libc.createEpoll();
  for (let index = 0; index < 300; index++) {
    signals.push(rig.libc.createSignal(epoll, 1));
    rig.libc.signal(signals[index]!);
    tags.push(rig.poller.join({
      onReady: () => {
        told.add(index);
        if (told.size === 300) done.resolve();
      },
    }));
    rig.poller.watch(signals[index]!, tags[index]!, { from: 0, to: EPOLLIN });
  }
  await done.promise;
  for (const [index, tag] of tags.entries()) {
    rig.poller.watch(signals[index]!, tag, { from: EPOLLIN, to: 0 });
    rig.poller.leave(tag);
    rig.libc.close(signals[index]!);
  }
  rig.libc.close(epoll);
  rig.libc.close(descriptor);
});

linuxTest("poller: a crowd can leave at once", async () => {
  await using rig = new SocketRig();
  const tags = Array.from({ length: 200_000 }, () => rig.poller.join(NOBODY));
  for (const tag of tags) rig.poller.leave(tag);
  // The next batch gives their tags to others.
  const ready = Promise.withResolvers<number>();
  const { socket } = await rig.open({ onReady: ready.resolve });
  socket.watch(EPOLLOUT);
  await ready.promise;
  socket.watch(0);
  await new Promise((resolve) => setImmediate(resolve));
  const again = rig.poller.join(NOBODY);
  assertLess(again, tags.at(-1)! + 1);
  rig.poller.leave(again);
});

linuxTest("poller: when the last one has left, it ends at once and leaves nothing", async () => {
  const { openDescriptors } = await import("../exhaustion/libc.ts");
  const before = openDescriptors(1024);
  const poller = new Poller(new Libc());
  const tags = [poller.join(NOBODY), poller.join(NOBODY)];
  await new Promise((resolve) => setTimeout(resolve, 30)); // the other thread waits by now
  const start = performance.now();
  for (const tag of tags) poller.leave(tag);
  await poller.finished;
  assertLess(performance.now() - start, 250);
  assertEquals(openDescriptors(1024), before);
});

linuxTest("poller: if nobody joins, it ends", async () => {
  const { openDescriptors } = await import("../exhaustion/libc.ts");
  const before = openDescriptors(1024);
  await new Poller(new Libc()).finished;
  assertEquals(openDescriptors(1024), before);
});

linuxTest("poller: one that cannot be made leaves nothing", async () => {
  const { openDescriptors } = await import("../exhaustion/libc.ts");
  class Scarce extends Libc {
    override watch(): void {
      throw new Error("scarce");
    }
  }
  const libc = new Scarce();
  const before = openDescriptors(1024);
  assertThrows(() => new Poller(libc), Error, "scarce");
  assertEquals(openDescriptors(1024), before);
});

linuxTest("poller: that its own calls fail is no secret", async () => {
  class Broken extends Libc {
    override wait(): Promise<number> {
      return Promise.resolve(0);
    }
    override poll(): number {
      throw new Error("broken");
    }
  }
  const poller = new Poller(new Broken());
  const tag = poller.join(NOBODY);
  const failed = poller.finished.catch((error) => error.message);
  assertEquals(await failed, "broken");
  poller.leave(tag);
});
