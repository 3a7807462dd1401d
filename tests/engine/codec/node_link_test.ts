/**
 * The link over a stream of `node:stream`, with a stream that the test drives.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { NodeLink } from "../../../lib/engine/codec/node_link.ts";
import type { LinkReceiver } from "../../../lib/engine/link.ts";

/** A stream whose writes wait until the test lets them go. */
class TestStream extends Duplex {
  readonly written: number[] = [];
  ended = false;
  #waiting: ((error?: Error) => void) | undefined;

  constructor() {
    super({ emitClose: true });
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.written.push(chunk.length);
    this.#waiting = done;
  }

  override _final(done: () => void): void {
    this.ended = true;
    done();
  }

  /** Ends the write that waits. */
  async finish(error?: Error): Promise<void> {
    this.#waiting?.(error);
    await turn();
  }
}

/** Notes all that a link tells, in order. */
class Notes implements LinkReceiver {
  readonly calls: string[] = [];
  readonly chunks: Uint8Array[] = [];
  /** Called within every call of `onBytes`. */
  whenBytes: () => void = () => {};

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.chunks.push(bytes);
    this.calls.push(`bytes ${bytes.slice(start, end).toHex()}`);
    this.whenBytes();
  }

  onEnd(): void {
    this.calls.push("end");
  }

  onWritten(count: number): void {
    this.calls.push(`written ${count}`);
  }

  onError(error: Error): void {
    this.calls.push(`error ${error.message}`);
  }
}

/** Lets all that is due happen. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}

function setUp(): { stream: TestStream; link: NodeLink; notes: Notes } {
  const stream = new TestStream();
  return { stream, link: new NodeLink(stream), notes: new Notes() };
}

const NOTHING = new Uint8Array(0);

Deno.test("node link: what was read before comes first, and never from within start", async () => {
  const { stream, link, notes } = setUp();
  stream.push(bytes("0304"));
  link.start(notes, bytes("0102"));
  assertEquals(notes.calls, []);
  await turn();
  stream.push(bytes("05"));
  await turn();
  assertEquals(notes.calls, ["bytes 0102", "bytes 0304", "bytes 05"]);
});

Deno.test("node link: chunks are plain arrays over their own bytes", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, bytes("01"));
  stream.push(Buffer.concat([bytes("02"), bytes("03")]).subarray(1));
  await turn();
  assertEquals(notes.calls, ["bytes 01", "bytes 03"]);
  for (const chunk of notes.chunks) assert(chunk.constructor === Uint8Array);
});

Deno.test("node link: nothing is read while it is paused", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, NOTHING);
  await turn();
  link.pause();
  stream.push(bytes("01"));
  stream.push(null);
  await turn();
  assertEquals(notes.calls, []);
  link.resume();
  await turn();
  assertEquals(notes.calls, ["bytes 01", "end"]);
});

Deno.test("node link: pausing and resuming before the first read loses nothing", async () => {
  for (const paused of [true, false]) {
    const { stream, link, notes } = setUp();
    stream.push(bytes("01"));
    link.start(notes, NOTHING);
    link.pause();
    if (!paused) link.resume();
    await turn();
    assertEquals(notes.calls, paused ? [] : ["bytes 01"]);
    link.resume();
    await turn();
    assertEquals(notes.calls, ["bytes 01"]);
  }
});

Deno.test("node link: pausing from within onBytes holds the next chunk back", async () => {
  const { stream, link, notes } = setUp();
  notes.whenBytes = () => link.pause();
  stream.push(bytes("02"));
  link.start(notes, bytes("01"));
  await turn();
  assertEquals(notes.calls, ["bytes 01"]);
  link.resume();
  await turn();
  assertEquals(notes.calls, ["bytes 01", "bytes 02"]);
});

Deno.test("node link: a long write leaves in parts, and each is told of", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, NOTHING);
  assertEquals(link.write(new Uint8Array(150_000)), 0);
  await turn();
  assertEquals([stream.written, notes.calls], [[69_632], []]);
  await stream.finish();
  assertEquals([stream.written, notes.calls], [[69_632, 69_632], ["written 69632"]]);
  await stream.finish();
  await stream.finish();
  assertEquals(stream.written, [69_632, 69_632, 10_736]);
  assertEquals(notes.calls, ["written 69632", "written 69632", "written 10736"]);
});

Deno.test("node link: ending leaves the other direction open", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, NOTHING);
  link.end();
  await turn();
  assertEquals(stream.ended, true);
  stream.push(bytes("01"));
  await turn();
  assertEquals(notes.calls, ["bytes 01"]);
  link.destroy();
  link.end();
});

Deno.test("node link: a failed write is told of once", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, NOTHING);
  link.write(Uint8Array.of(1));
  await stream.finish(new Error("broken pipe"));
  await turn();
  assertEquals(notes.calls, ["error broken pipe"]);
  assert(stream.destroyed);
});

Deno.test("node link: a stream that someone else destroys has failed", async () => {
  for (const error of [undefined, new Error("reset")]) {
    const { stream, link, notes } = setUp();
    link.start(notes, NOTHING);
    await turn();
    stream.destroy(error);
    await turn();
    assertEquals(notes.calls, [`error ${error?.message ?? "the stream was closed"}`]);
  }
});

Deno.test("node link: a stream that was destroyed before the start has failed", async () => {
  const { stream, link, notes } = setUp();
  stream.destroy();
  await turn();
  link.start(notes, bytes("01"));
  assertEquals(notes.calls, []);
  await turn();
  assertEquals(notes.calls, ["error the stream was closed"]);
});

Deno.test("node link: after destroy nothing is told", async () => {
  const { stream, link, notes } = setUp();
  link.start(notes, bytes("01"));
  link.write(Uint8Array.of(1));
  stream.push(bytes("02"));
  link.destroy();
  link.destroy();
  await stream.finish();
  await turn();
  assertEquals(notes.calls, []);
  assert(stream.destroyed);
});

Deno.test("node link: destroying it from within onBytes ends it there", async () => {
  const { stream, link, notes } = setUp();
  notes.whenBytes = () => link.destroy();
  stream.push(bytes("02"));
  stream.push(null);
  link.start(notes, bytes("01"));
  await turn();
  assertEquals(notes.calls, ["bytes 01"]);
});

Deno.test("node link: what a receiver throws is that link's failure alone", async () => {
  for (const thrown of [new Error("a defect"), "a defect"]) {
    const { stream, link, notes } = setUp();
    notes.whenBytes = () => {
      throw thrown;
    };
    link.start(notes, NOTHING);
    await turn();
    stream.push(bytes("01"));
    stream.push(bytes("02"));
    await turn();
    assertEquals(notes.calls, ["bytes 01", "error a defect"]);
    link.destroy();
  }
});
