/**
 * Memory for output is shared: what a link was lent is its own until it has written it, also
 * when the connection ends before, and nothing of one connection leaves on another.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Connection } from "../../../lib/connection/connection.ts";
import { resolveOptions } from "../../../lib/connection/options.ts";
import { DenoLink } from "../../../lib/engine/codec/deno_link.ts";
import { CodecTransport } from "../../../lib/engine/codec/transport.ts";
import type { Link, LinkReceiver } from "../../../lib/engine/link.ts";
import { settle } from "../../support/fake_clock.ts";
import { buildFrame, closePayload, SOME_MASK } from "../../support/raw_frame.ts";

/** A link whose writes end when a test says so. It looks at what it was lent for ever. */
class LendingLink implements Link {
  readonly engine = "codec";
  receiver!: LinkReceiver;
  /** What was lent last, and what it was then. */
  lent = new Uint8Array(0);
  then = new Uint8Array(0);

  start(receiver: LinkReceiver): void {
    this.receiver = receiver;
  }

  write(bytes: Uint8Array<ArrayBuffer>): number {
    this.lent = bytes;
    this.then = bytes.slice();
    return 0;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

interface Opened {
  connection: Connection;
  transport: CodecTransport;
}

function open(link: Link): Opened {
  const options = resolveOptions({ heartbeat: false });
  const transport = new CodecTransport(link, { role: "server", options });
  const info = {
    role: "server",
    url: "ws://localhost/",
    subprotocol: "",
    extensions: "",
    remoteAddress: { transport: "tcp", hostname: "127.0.0.1", port: 4321 },
  } as const;
  return { connection: new Connection({ transport, info, options }), transport };
}

/** A connection whose write is under way. */
async function openWriting(size: number): Promise<Opened & { link: LendingLink }> {
  const link = new LendingLink();
  const opened = open(link);
  opened.connection.send(new Uint8Array(size).fill(0xaa));
  await settle();
  assert(link.lent.length > size);
  return { ...opened, link };
}

/** Sends more on new connections than all the memory that is kept could hold. */
async function writeOnOthers(size: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const { connection, link } = await openWriting(size);
    connection.send(new Uint8Array(size).fill(0xbb));
    link.receiver.onWritten(link.lent.length);
    await settle();
    link.receiver.onWritten(link.lent.length);
    connection.destroy();
  }
}

const close = buildFrame({ opcode: 8, payload: closePayload(1000), mask: SOME_MASK });
const unmasked = buildFrame({ opcode: 1, payload: "no mask" });

/** The ways in which a connection goes on, or ends, with a write under way. */
const WAYS: Record<string, (opened: Opened & { link: LendingLink }) => void> = {
  "it is destroyed": ({ connection }) => connection.destroy(),
  "its stream fails": ({ link }) => link.receiver.onError(new Error("reset")),
  "its stream ends": ({ link }) => link.receiver.onEnd(),
  "it sends more": ({ connection }) => void connection.send(new Uint8Array(3000)),
  "it outgrows its memory": ({ connection }) => {
    for (let i = 0; i < 10; i++) connection.send(new Uint8Array(30_000));
  },
  "part of it has left": ({ link }) => link.receiver.onWritten(link.lent.length - 1),
  "part of it has left, and it is destroyed": ({ connection, link }) => {
    link.receiver.onWritten(1);
    connection.destroy();
  },
  "it is closed by the peer": ({ connection, link }) => {
    link.receiver.onBytes(close.slice(), 0, close.length);
    link.receiver.onEnd();
    connection.destroy();
  },
  "it fails the peer": ({ connection, link }) => {
    link.receiver.onBytes(unmasked.slice(), 0, unmasked.length);
    connection.destroy();
  },
};

for (const [way, go] of Object.entries(WAYS)) {
  Deno.test(`shared memory: what is being written stays as it is when ${way}`, async () => {
    for (const size of [1000, 60_000]) {
      const opened = await openWriting(size);
      const { link, connection } = opened;
      const { lent, then } = link;
      go(opened);
      await writeOnOthers(size);
      assertEquals(lent, then);
      if (connection.state !== "closed") connection.destroy();
    }
  });
}

/** Counts the bytes of each value that come until the end of the stream. */
async function countBytes(peer: Deno.Conn): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  const buffer = new Uint8Array(65_536);
  for (let n = await peer.read(buffer); n !== null; n = await peer.read(buffer)) {
    for (const byte of buffer.subarray(0, n)) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  return counts;
}

Deno.test("shared memory: over TCP, destroyed in the middle of a write", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const openTcp = async () => {
    const accepted = listener.accept();
    const peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    return { peer, ...open(new DenoLink(await accepted)) };
  };
  const stalled = await openTcp();
  const busy = await openTcp();
  const size = 60_000;
  // Until a write does not end any more.
  for (let looks = 0; looks < 20; looks++) {
    if (stalled.connection.bufferedAmount === 0) {
      stalled.connection.send(new Uint8Array(size).fill(0xaa));
      looks = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  stalled.connection.destroy();
  const ofBusy = countBytes(busy.peer);
  const flood = async () => {
    for (let i = 0; i < 50; i++) await busy.connection.send(new Uint8Array(size).fill(0xbb));
  };
  await flood();
  const ofStalled = countBytes(stalled.peer);
  await flood();
  assertEquals((await ofStalled).get(0xbb), undefined);
  busy.connection.close();
  await busy.peer.write(close);
  await busy.peer.closeWrite();
  assertEquals((await busy.connection.closed).wasClean, true);
  assertEquals((await ofBusy).get(0xaa), undefined);
  assertEquals((await ofBusy).get(0xbb), 100 * size);
  stalled.peer.close();
  busy.peer.close();
});
