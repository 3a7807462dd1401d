/**
 * What holds for every link over a TCP connection, as tests.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { Link } from "../../lib/engine/link.ts";
import { LinkCollector } from "./link_collector.ts";
import { RawPeer } from "./raw_peer.ts";

/** A link and its other end. */
export interface LinkPair<Peer> {
  readonly link: Link;
  readonly peer: Peer;
  /** Gives up what made the two; both are closed then. */
  release(): void | Promise<void>;
}

/** A kind of link. */
export interface LinkKind {
  readonly name: string;
  /** @default {false} */
  readonly ignore?: boolean;
  /** Makes a link of the connection that `dial` opens to a port of 127.0.0.1. */
  connect<Peer>(dial: (port: number) => Promise<Peer>): Promise<LinkPair<Peer>>;
}

/** What a test works with. */
export interface LinkTest {
  readonly link: Link;
  readonly collector: LinkCollector;
  readonly peer: Deno.TcpConn;
  /** Writes, and waits until all of it has left. */
  write(bytes: Uint8Array): Promise<void>;
}

const SIZE = 20_000_000;

/** Runs `test` on a link of `kind` that was started; `first` is what was read before. */
export async function withLink(
  kind: LinkKind,
  test: (parts: LinkTest) => Promise<void>,
  first: Uint8Array = new Uint8Array(0),
): Promise<void> {
  const { link, peer, release } = await kind.connect(dial);
  const collector = new LinkCollector();
  link.start(collector, first);
  assertEquals(collector.chunks, [], "nothing comes from within start");
  const write = async (bytes: Uint8Array) => {
    const { written } = collector;
    const now = link.write(bytes);
    await collector.until(() => now + collector.written - written === bytes.length);
  };
  try {
    await test({ link, collector, peer, write });
  } finally {
    link.destroy();
    closeAgain(peer);
    await release();
  }
}

/** Registers the tests that every kind of link passes. */
export function testLink(kind: LinkKind): void {
  for (const [name, test] of Object.entries(TESTS)) {
    Deno.test({
      name: `${kind.name}: ${name}`,
      ignore: kind.ignore ?? false,
      fn: () => test(kind),
    });
  }
}

const TESTS: Readonly<Record<string, (kind: LinkKind) => Promise<void>>> = {
  "bytes that were read before come first": (kind) =>
    withLink(kind, async ({ collector, peer }) => {
      await peer.write(Uint8Array.of(3, 4));
      await collector.until(() => collector.received === 4);
      assertEquals(collector.chunks, [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    }, Uint8Array.of(1, 2)),

  "a large write leaves whole, and is told of": (kind) =>
    withLink(kind, async ({ link, peer, write }) => {
      const bytes = new Uint8Array(SIZE);
      for (let index = 0; index < SIZE; index++) bytes[index] = index % 251;
      const reading = readAll(peer);
      await write(bytes);
      link.end();
      const read = await reading;
      assertEquals([read.length, read.every((byte, index) => byte === index % 251)], [SIZE, true]);
    }),

  "while it is paused it reads no more, and the peer feels it": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      await peer.write(new Uint8Array(10));
      await collector.until(() => collector.received === 10);
      link.pause();
      let sent = 0;
      const writing = (async () => {
        const chunk = new Uint8Array(100_000);
        while (sent < SIZE) sent += await peer.write(chunk.subarray(0, SIZE - sent));
      })();
      // What was being read at the moment may still arrive.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = collector.received;
      assert(before < 200_000 && sent < SIZE, `${before} bytes were read`);
      link.resume();
      link.pause();
      link.resume();
      await collector.until(() => collector.received === SIZE + 10);
      await writing;
    }),

  "the peer's end is told once, and ours can still be written": (kind) =>
    withLink(kind, async ({ link, collector, peer, write }) => {
      await peer.closeWrite();
      await collector.until(() => collector.ended === 1);
      await write(Uint8Array.of(1, 2, 3));
      link.end();
      assertEquals(await readAll(peer), Uint8Array.of(1, 2, 3));
      assertEquals([collector.ended, collector.errors], [1, []]);
    }),

  "after our end the peer can still be heard": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      link.end();
      assertEquals(await readAll(peer), new Uint8Array(0));
      await peer.write(Uint8Array.of(1));
      await peer.closeWrite();
      await collector.until(() => collector.ended === 1);
      assertEquals([collector.chunks, collector.errors], [[Uint8Array.of(1)], []]);
    }),

  "both directions at once lose nothing": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      collector.whenBytes = (bytes) => {
        link.pause();
        const now = link.write(bytes);
        const goal = collector.written + bytes.length - now;
        collector.until(() => collector.written === goal).then(() => link.resume());
      };
      const reading = readAll(peer);
      await writeAll(peer, new Uint8Array(SIZE).fill(7));
      await collector.until(() => collector.received === SIZE);
      await peer.closeWrite();
      await collector.until(() => collector.ended === 1);
      link.end();
      const read = await reading;
      assertEquals([read.length, read.every((byte) => byte === 7)], [SIZE, true]);
    }),

  "after destroy nothing is told": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      link.write(new Uint8Array(10_000_000));
      link.pause();
      link.destroy();
      link.destroy();
      link.end();
      link.resume();
      await readAll(peer).catch(() => {});
      assertEquals([collector.written, collector.ended, collector.errors], [0, 0, []]);
    }),

  "destroying it from within onBytes ends it there": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      collector.whenBytes = () => link.destroy();
      await peer.write(Uint8Array.of(1));
      await peer.closeWrite();
      await readAll(peer);
      assertEquals([collector.chunks, collector.ended, collector.errors], [
        [Uint8Array.of(1)],
        0,
        [],
      ]);
    }),

  "what a receiver throws is that link's failure alone": async (kind) => {
    for (const first of [Uint8Array.of(1), new Uint8Array(0)]) {
      for (const thrown of [new Error("a defect"), "a defect"]) {
        const { link, peer, release } = await kind.connect(dial);
        const collector = new LinkCollector();
        collector.whenBytes = () => {
          throw thrown;
        };
        link.start(collector, first);
        if (first.length === 0) await peer.write(Uint8Array.of(1));
        await collector.until(() => collector.errors.length > 0);
        assertEquals(collector.errors.map(({ message }) => message), ["a defect"]);
        assertEquals(collector.received, 1);
        link.destroy();
        peer.close();
        await release();
      }
    }
  },

  "a reset is told of as an error, once": async (kind) => {
    const { link, peer, release } = await kind.connect(RawPeer.connect);
    const collector = new LinkCollector();
    link.start(collector, new Uint8Array(0));
    await peer.reset();
    await collector.until(() => collector.errors.length > 0);
    assertInstanceOf(collector.errors[0], Deno.errors.ConnectionReset);
    assertEquals([collector.errors.length, collector.ended], [1, 0]);
    link.destroy();
    await release();
  },

  "a stream that fails is told of, also when only a write can notice": (kind) =>
    withLink(kind, async ({ link, collector, peer }) => {
      link.pause();
      peer.close();
      let left = 0;
      for (let n = 1000; collector.errors.length === 0; n += 1000) {
        left += link.write(new Uint8Array(1000));
        await collector.until(() => collector.errors.length > 0 || left + collector.written === n);
      }
      assertInstanceOf(collector.errors[0], Error);
      assertEquals([collector.errors.length, collector.ended], [1, 0]);
    }),
};

function dial(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Reads all that comes until the end of stream. */
async function readAll(peer: Deno.TcpConn): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(65_536);
  for (let n = await peer.read(buffer); n !== null; n = await peer.read(buffer)) {
    pieces.push(buffer.slice(0, n));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function writeAll(peer: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await peer.write(bytes.subarray(at));
}

/** Closes a connection that a test may have closed. */
function closeAgain(peer: Deno.TcpConn): void {
  try {
    peer.close();
  } catch (error) {
    assertInstanceOf(error, Deno.errors.BadResource);
  }
}
