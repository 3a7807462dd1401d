import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  answerAndClose,
  type ByteStream,
  closeQuietly,
  LINGER,
  sendAtOnce,
  writeAll,
} from "../../../lib/engine/codec/byte_stream.ts";
import { RuntimeStream } from "../../../lib/engine/codec/runtime_stream.ts";
import { hex, pattern } from "../../support/hex.ts";
import { RawPeer } from "../../support/raw_peer.ts";

/** A connection that takes a few bytes at a time, and notes what is done to it. */
class FakeConn {
  readonly calls: string[] = [];
  readonly written: number[] = [];
  readonly #input: (Uint8Array | Error)[];

  constructor(...input: (Uint8Array | Error)[]) {
    this.#input = input;
  }

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(3, bytes.length);
    this.written.push(...bytes.subarray(0, count));
    return Promise.resolve(count);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    const next = this.#input.shift();
    if (next instanceof Error) return Promise.reject(next);
    if (next === undefined) return Promise.resolve(null);
    buffer.set(next);
    return Promise.resolve(next.length);
  }

  closeWrite(): Promise<void> {
    this.calls.push("closeWrite");
    return Promise.resolve();
  }

  close(): void {
    this.calls.push("close");
    if (this.calls.filter((call) => call === "close").length > 1) {
      throw new Deno.errors.BadResource("closed");
    }
  }

  get conn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }

  get stream(): ByteStream {
    return new RuntimeStream(this.conn);
  }
}

/** A listener, and a way to get both ends of a connection to it. */
class Pairs implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  async open(): Promise<[peer: RawPeer, connection: Deno.TcpConn]> {
    return await Promise.all([
      RawPeer.connect((this.#listener.addr as Deno.NetAddr).port),
      this.#listener.accept(),
    ]);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

Deno.test("byte stream: writeAll goes on where a write was partial", async () => {
  const fake = new FakeConn();
  await writeAll(fake.conn, pattern(10));
  assertEquals(hex(Uint8Array.from(fake.written)), hex(pattern(10)));
  await writeAll(fake.conn, new Uint8Array(0));
  assertEquals(fake.written.length, 10);
});

Deno.test("byte stream: closeQuietly may be called twice", () => {
  const fake = new FakeConn();
  closeQuietly(fake.conn);
  closeQuietly(fake.conn);
  assertEquals(fake.calls, ["close", "close"]);
});

Deno.test("byte stream: sendAtOnce leaves alone what knows no delay, and who is gone", () => {
  sendAtOnce(new FakeConn().conn);
  let asked = false;
  const gone = Object.assign(new FakeConn(), {
    setNoDelay: () => {
      asked = true;
      throw new Deno.errors.NotConnected("gone");
    },
  });
  sendAtOnce(gone.conn);
  assertEquals(asked, true);
});

Deno.test("byte stream: an answer arrives although the peer floods, and the end is orderly", async () => {
  using pairs = new Pairs();
  const [peer, connection] = await pairs.open();
  await using _ = peer;
  sendAtOnce(connection);
  const flood = peer.write(new Uint8Array(1 << 24));
  const answered = answerAndClose(new RuntimeStream(connection), pattern(1000));
  assertEquals(hex(await peer.readBytes(1000)), hex(pattern(1000)));
  await flood;
  await peer.halfClose();
  assertEquals(await peer.readToEnd(), { bytes: new Uint8Array(0), end: "eof" });
  await answered;
  await assertRejects(() => connection.write(new Uint8Array(1)), Deno.errors.BadResource);
});

Deno.test("byte stream: a peer that is gone or cut meanwhile is no error", async () => {
  using pairs = new Pairs();
  for (const leave of ["reset", "halfClose"] as const) {
    const [peer, connection] = await pairs.open();
    await using _ = peer;
    await peer[leave]();
    await answerAndClose(new RuntimeStream(connection), pattern(10));
  }
  const [peer, connection] = await pairs.open();
  await using _ = peer;
  const answered = answerAndClose(new RuntimeStream(connection), pattern(10));
  await peer.readBytes(10);
  closeQuietly(connection);
  await answered;
});

Deno.test("byte stream: a peer that never ends is let go after a while", async () => {
  using pairs = new Pairs();
  const [peer, connection] = await pairs.open();
  await using _ = peer;
  const start = performance.now();
  await answerAndClose(new RuntimeStream(connection), pattern(10));
  const took = performance.now() - start;
  assert(took > LINGER - 50 && took < LINGER + 2000, `${took} ms`);
});
