/**
 * One spliced connection between two streams of which each byte is known: what is passed on,
 * when it is handed over, and what is closed.
 */
import { assertEquals } from "@std/assert";
import type { PeerAddress } from "../../../lib/connection/transport.ts";
import { Barrier } from "../../../lib/engine/codec/barrier.ts";
import type { ByteStream } from "../../../lib/engine/codec/byte_stream.ts";
import { type ReadHead, readRequestHead } from "../../../lib/engine/codec/head_reader.ts";
import { SplicedConnection } from "../../../lib/engine/codec/spliced_connection.ts";
import type { Link } from "../../../lib/engine/link.ts";
import { everyCut } from "../../support/cuts.ts";
import { concat } from "../../support/hex.ts";
import { upgradeRequest } from "../../support/raw_head.ts";
import { GET } from "./plain_http.ts";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

type Piece = Uint8Array<ArrayBuffer> | null;

/** A stream that brings what the test says, and notes what is done to it. */
class FakeStream implements ByteStream {
  readonly remoteAddress: PeerAddress = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  readonly written: Uint8Array[] = [];
  readonly calls: string[] = [];
  /** Called with each write. */
  onWrite: (bytes: Uint8Array) => void = () => {};
  readonly #pieces: Piece[] = [];
  #reader: PromiseWithResolvers<Piece> | undefined;

  constructor(...pieces: Piece[]) {
    this.#pieces = pieces;
  }

  get text(): string {
    return decode(concat(...this.written));
  }

  /** How many pieces nobody has read. */
  get left(): number {
    return this.#pieces.length;
  }

  bring(...pieces: Piece[]): void {
    for (const piece of pieces) {
      if (this.#reader === undefined) this.#pieces.push(piece);
      else this.#reader.resolve(piece);
      this.#reader = undefined;
    }
  }

  read(): Promise<Piece> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) return Promise.resolve(piece);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes.slice());
    this.onWrite(bytes);
    return Promise.resolve();
  }

  end(): Promise<void> {
    this.calls.push("end");
    return Promise.resolve();
  }

  close(): void {
    this.calls.push("close");
    this.#reader?.reject(new Error("closed"));
  }

  toLink(): Link {
    throw new Error("not here");
  }

  toDuplex(): never {
    throw new Error("not here");
  }
}

/** A connection between two such streams, whose first request came with more. */
async function splice(
  pieces: Piece[],
): Promise<{ outer: FakeStream; inner: FakeStream; barrier: Barrier; run: Run }> {
  const outer = new FakeStream(...pieces);
  const inner = new FakeStream();
  const barrier = new Barrier();
  const first = await readRequestHead(outer);
  const connection = new SplicedConnection({ outer, inner }, barrier);
  return { outer, inner, barrier, run: () => connection.run(first!) };
}

type Run = () => Promise<ReadHead | undefined>;

/** How the answer to a barrier looks on the wire. */
function answerTo(barrier: Barrier): Uint8Array {
  const [url = ""] = /(?<=\/)\S+/.exec(decode(barrier.request)) ?? [];
  return encode(`HTTP/1.1 204 No Content\r\nbarrier: ${url}\r\ndate: now\r\n\r\n`);
}

/** The runtime's timers, to be seen and to be run at once. */
class Timers implements Disposable {
  readonly waiting = new Map<number, { callback: () => void; delay: number }>();
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;
  #last = 0;

  constructor() {
    globalThis.setTimeout = ((callback: () => void, delay = 0) => {
      this.waiting.set(++this.#last, { callback, delay });
      return this.#last;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((id: number) => this.waiting.delete(id)) as typeof clearTimeout;
  }

  get delays(): number[] {
    return [...this.waiting.values()].map(({ delay }) => delay);
  }

  /** Has the time of all that waits be over. */
  pass(): void {
    for (const [id, { callback }] of [...this.waiting]) {
      this.waiting.delete(id);
      callback();
    }
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
  }
}

/** Until all that can go on by itself has. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("spliced connection: the barrier's answer is not passed on, however it is cut", async () => {
  const before = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nHTTP/1.1 20";
  const length = before.length + answerTo(new Barrier()).length;
  for (const cut of everyCut(new Uint8Array(length))) {
    const { outer, inner, barrier, run } = await splice([encode(GET + upgradeRequest())]);
    const bytes = concat(encode(before), answerTo(barrier));
    inner.onWrite = (request) => {
      if (decode(request) !== decode(barrier.request)) return;
      let at = 0;
      for (const piece of cut) inner.bring(bytes.slice(at, at += piece.length));
    };
    assertEquals((await run())?.parser.head?.headers.has("upgrade"), true);
    assertEquals(outer.text, before);
  }
});

Deno.test("spliced connection: it is handed over open, with no timer that would cut it", async () => {
  using timers = new Timers();
  const upgrade = upgradeRequest();
  const { outer, inner, barrier, run } = await splice([
    encode(GET),
    encode(`${upgrade}frames`),
    encode("more frames"),
  ]);
  const running = run();
  await settled();
  assertEquals(timers.delays, [120_000]);
  assertEquals(inner.text, GET + decode(barrier.request));
  inner.bring(encode("HTTP/1.1 200 OK\r\n\r\n"));
  await settled();
  inner.bring(new Uint8Array(answerTo(barrier)));
  const next = await running;
  assertEquals(decode(next!.parser.raw), upgrade);
  assertEquals(decode(next!.rest), "frames");
  assertEquals([outer.calls, inner.calls, outer.left], [[], ["close"], 1]);
  assertEquals(timers.delays, []);
});

Deno.test("spliced connection: a server that ends instead is believed, and the rest thrown away", async () => {
  using timers = new Timers();
  const { outer, inner, run } = await splice([encode(GET + upgradeRequest() + "frames")]);
  const running = run();
  await settled();
  inner.bring(encode("HTTP/1.1 503 Service Unavailable\r\n\r\nHTTP"), null);
  await settled();
  assertEquals(outer.text, "HTTP/1.1 503 Service Unavailable\r\n\r\nHTTP");
  assertEquals([outer.calls, inner.calls, timers.delays], [["end"], [], [2000]]);
  outer.bring(encode("more frames"), null);
  assertEquals(await running, undefined);
  assertEquals([outer.calls, inner.calls, outer.left], [["end", "close"], ["close"], 0]);
  assertEquals(timers.delays, []);
});

Deno.test("spliced connection: when the client ends, within a request or not, so do we", async () => {
  for (
    const rest of ["", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"]
  ) {
    const { outer, inner, run } = await splice([encode(GET + rest), null]);
    const running = run();
    await settled();
    assertEquals([outer.calls, inner.calls], [[], ["end"]]);
    inner.bring(null);
    assertEquals(await running, undefined);
    assertEquals([outer.calls, inner.calls], [["end", "close"], ["end", "close"]]);
  }
});

Deno.test("spliced connection: one on which nothing moves is cut, and no other", async () => {
  using timers = new Timers();
  const { outer, inner, run } = await splice([encode(GET)]);
  const running = run();
  const moves = [
    () => inner.bring(encode("HTTP/1.1 200 OK\r\n\r\n")),
    () => outer.bring(encode(GET)),
    () => outer.bring(encode("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")),
    () => outer.bring(encode("abc")),
    () => outer.bring(encode("def")),
  ];
  for (const move of moves) {
    move();
    await settled();
    timers.pass();
    assertEquals([outer.calls, timers.delays], [[], [120_000]]);
  }
  timers.pass();
  assertEquals(await running, undefined);
  assertEquals([outer.calls[0], inner.calls[0], timers.delays], ["close", "close", []]);
});

Deno.test("spliced connection: when either side fails, both are closed", async () => {
  for (const failing of ["outer", "inner"] as const) {
    const streams = await splice([encode(GET)]);
    const running = streams.run();
    await settled();
    streams[failing].close();
    assertEquals(await running, undefined);
    assertEquals([streams.outer.calls.at(-1), streams.inner.calls.at(-1)], ["close", "close"]);
  }
});
