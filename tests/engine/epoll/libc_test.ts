import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  Libc,
  NOT_NOW,
  PinnedBytes,
} from "../../../lib/engine/epoll/libc.ts";
import {
  decodeAddress,
  encodeInternetAddress,
  encodeUnixAddress,
} from "../../../lib/engine/epoll/socket_address.ts";
import { LINUX, linuxTest } from "../../support/linux.ts";
import { RawPeer } from "../../support/raw_peer.ts";

const LOOPBACK = encodeInternetAddress("127.0.0.1", 0);
/** No descriptor has this number. */
const NONE = 0x7fffff00;

/** Descriptors that are closed at the end. */
class Open implements Disposable {
  readonly libc = new Libc();
  readonly #all: number[] = [];

  keep(descriptor: number): number {
    this.#all.push(descriptor);
    return descriptor;
  }

  /** Our end of a new connection, and the other end. */
  async connect(): Promise<{ socket: number; peer: RawPeer }> {
    const { descriptor, address } = this.libc.listen(LOOPBACK);
    this.keep(descriptor);
    const peer = await RawPeer.connect(decodeAddress(address).port);
    return { socket: this.keep(this.libc.accept(descriptor)!.descriptor), peer };
  }

  /** What `socket` is ready for now. */
  eventsOf(socket: number): number {
    const epoll = this.libc.createEpoll();
    const ready = this.libc.createReadyList(1);
    this.libc.watch(epoll, socket, { events: EPOLLIN | EPOLLOUT, tag: 1 });
    const events = this.libc.poll(epoll, ready) === 0 ? 0 : ready.eventsOf(0);
    this.libc.free(ready);
    this.libc.close(epoll);
    return events;
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#all) this.libc.close(descriptor);
  }
}

/** Waits until reading gives something. */
async function receive(libc: Libc, socket: number, to: PinnedBytes): Promise<number> {
  while (true) {
    const count = libc.receive(socket, to);
    if (count !== NOT_NOW) return count;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

linuxTest("libc: listening, accepting, bytes there and back, the end", async () => {
  using open = new Open();
  const { libc } = open;
  const { descriptor, address } = libc.listen(LOOPBACK);
  open.keep(descriptor);
  const { transport, hostname, port } = decodeAddress(address);
  assertEquals([transport, hostname, port > 0], ["tcp", "127.0.0.1", true]);
  assertEquals(libc.accept(descriptor), undefined);

  await using peer = await RawPeer.connect(port);
  const accepted = libc.accept(descriptor)!;
  const socket = open.keep(accepted.descriptor);
  assertEquals(decodeAddress(accepted.address), {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: peer.localPort,
  });
  libc.sendAtOnce(socket);

  const input = new PinnedBytes(3);
  assertEquals(libc.receive(socket, input), NOT_NOW);
  await peer.write("hello");
  assertEquals(await receive(libc, socket, input), 3);
  assertEquals(input.bytes, new TextEncoder().encode("hel"));
  assertEquals(await receive(libc, socket, input), 2);
  await peer.halfClose();
  assertEquals(await receive(libc, socket, input), 0);

  assertEquals(libc.send(socket, Uint8Array.of(1, 2)), 2);
  libc.endOutput(socket);
  const { bytes, end } = await peer.readToEnd();
  assertEquals([bytes, end], [Uint8Array.of(1, 2), "eof"]);
});

linuxTest("libc: a unix socket", () => {
  const path = ".cache/libc_test.sock";
  using open = new Open();
  const { descriptor, address } = open.libc.listen(encodeUnixAddress(path));
  open.keep(descriptor);
  assertEquals(decodeAddress(address).hostname, path);
  assertThrows(
    () => open.libc.listen(encodeUnixAddress(path)),
    Deno.errors.AddrInUse,
    "Address already in use (os error 98)",
  );
  Deno.removeSync(path);
});

linuxTest("libc: when there is no room, nothing is written, and later the rest", async () => {
  using open = new Open();
  const { socket, peer } = await open.connect();
  await using _ = peer;
  const bytes = new Uint8Array(1_000_000);
  let sent = 0;
  let last = 0;
  for (let count = 0; count !== NOT_NOW; count = open.libc.send(socket, bytes)) {
    sent += count;
    last = count;
  }
  assert(last < bytes.length, "a write was partial");
  assertEquals(open.eventsOf(socket), 0);
  await peer.readBytes(sent);
  assertEquals(open.eventsOf(socket), EPOLLOUT);
  assert(open.libc.send(socket, bytes) > 0);
});

linuxTest("libc: what a socket is ready for", async () => {
  using open = new Open();
  const { socket, peer } = await open.connect();
  assertEquals(open.eventsOf(socket), EPOLLOUT);
  await peer.write("x");
  assertEquals(open.eventsOf(socket), EPOLLIN | EPOLLOUT);
  await peer.reset();
  assertEquals(open.eventsOf(socket), EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP);
});

linuxTest("libc: a peer that is gone is an error of writing and of reading", async () => {
  using open = new Open();
  const { libc } = open;
  for (const first of ["send", "receive"] as const) {
    const { socket, peer } = await open.connect();
    await peer.reset();
    const input = new PinnedBytes(8);
    const send = () => libc.send(socket, Uint8Array.of(1));
    const call = first === "send" ? send : () => libc.receive(socket, input);
    assertThrows(call, Deno.errors.ConnectionReset, "Connection reset by peer (os error 104)");
    assertThrows(send, Deno.errors.BrokenPipe, "Broken pipe (os error 32)");
    assertEquals(libc.receive(socket, input), 0);
    libc.endOutput(socket);
  }
});

linuxTest("libc: what is no descriptor is an error", () => {
  const libc = new Libc();
  const ready = libc.createReadyList(1);
  const interest = { events: EPOLLIN, tag: 1 };
  const calls = [
    () => libc.accept(NONE),
    () => libc.receive(NONE, new PinnedBytes(1)),
    () => libc.send(NONE, Uint8Array.of(1)),
    () => libc.watch(NONE, 0, interest),
    () => libc.rewatch(NONE, 0, interest),
    () => libc.poll(NONE, ready),
    () => libc.createSignal(NONE, 0),
  ];
  for (const call of calls) assertThrows(call, Deno.errors.BadResource, "(os error 9)");
  // There is nothing to be done about these.
  libc.close(NONE);
  libc.endOutput(NONE);
  libc.unwatch(NONE, 0);
  libc.free(ready);
});

linuxTest("libc: a failed wait finds nothing", async () => {
  const libc = new Libc();
  const ready = libc.createReadyList(1);
  assertEquals(await libc.wait(NONE, ready, 10_000), 0);
  libc.free(ready);
});

linuxTest("libc: addresses that cannot be listened at", () => {
  const libc = new Libc();
  const elsewhere = encodeInternetAddress("203.0.113.1", 0);
  assertThrows(() => libc.listen(elsewhere), Deno.errors.AddrNotAvailable, "(os error 99)");
  const { descriptor, address } = libc.listen(LOOPBACK);
  assertThrows(() => libc.listen(address), Deno.errors.AddrInUse, "(os error 98)");
  libc.close(descriptor);
  libc.close(libc.listen(address).descriptor);
});

linuxTest("libc: reports bear the tag, and no more of them than asked for", async () => {
  using open = new Open();
  const { libc } = open;
  const epoll = open.keep(libc.createEpoll());
  const tags = [1, 0x7fffffff, 3];
  for (const tag of tags) {
    const { socket, peer } = await open.connect();
    await peer.write("x");
    await peer[Symbol.asyncDispose]();
    libc.watch(epoll, socket, { events: EPOLLIN, tag });
  }
  const few = libc.createReadyList(2);
  const many = libc.createReadyList(10);
  assertEquals(libc.poll(epoll, few), 2);
  assertEquals(libc.poll(epoll, many), 3);
  assertEquals(new Set([0, 1, 2].map((index) => many.tagOf(index))), new Set(tags));
  assertEquals([0, 1, 2].map((index) => many.eventsOf(index) & EPOLLIN), [1, 1, 1]);
  libc.free(few);
  libc.free(many);
});

linuxTest("libc: what is watched can be changed and ended", async () => {
  using open = new Open();
  const { libc } = open;
  const { socket, peer } = await open.connect();
  await using _ = peer;
  const epoll = open.keep(libc.createEpoll());
  const ready = libc.createReadyList(1);
  libc.watch(epoll, socket, { events: EPOLLIN, tag: 1 });
  assertEquals(libc.poll(epoll, ready), 0);
  libc.rewatch(epoll, socket, { events: EPOLLOUT, tag: 2 });
  assertEquals(libc.poll(epoll, ready), 1);
  assertEquals([ready.tagOf(0), ready.eventsOf(0)], [2, EPOLLOUT]);
  libc.unwatch(epoll, socket);
  libc.unwatch(epoll, socket);
  assertEquals(libc.poll(epoll, ready), 0);
  libc.free(ready);
});

linuxTest("libc: waiting ends when something is ready, and when the time is up", async () => {
  using open = new Open();
  const { libc } = open;
  const epoll = open.keep(libc.createEpoll());
  const signal = open.keep(libc.createSignal(epoll, 5));
  const ready = libc.createReadyList(1);
  assertEquals(await libc.wait(epoll, ready, 1), 0);
  const waiting = libc.wait(epoll, ready, 60_000);
  libc.signal(signal);
  assertEquals(await waiting, 1);
  assertEquals([ready.tagOf(0), ready.eventsOf(0)], [5, EPOLLIN]);
  assertEquals(await libc.wait(epoll, ready, 60_000), 1, "it stays signalled");
  libc.free(ready);
});

linuxTest("libc: a descriptor is given back if what follows fails", () => {
  const libc = new Libc();
  const descriptor = libc.createEpoll();
  assertEquals(libc.orClose(descriptor, () => 7), 7);
  libc.close(libc.createSignal(descriptor, 1));
  assertThrows(
    () =>
      libc.orClose(descriptor, () => {
        throw new Error("no");
      }),
    Error,
    "no",
  );
  const ready = libc.createReadyList(1);
  assertThrows(() => libc.poll(descriptor, ready), Deno.errors.BadResource);
  libc.free(ready);
});

Deno.test({
  name: "libc: without --allow-ffi there is none",
  ignore: !LINUX,
  permissions: { ffi: false },
  fn: () => void assertThrows(() => new Libc(), Deno.errors.NotCapable),
});
