/**
 * The codec engine's transport over a pipe: what leaves in which write, what is told to
 * the receiver, and how it ends.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { type ConnectionOptions, resolveOptions } from "../../../lib/connection/options.ts";
import type { CloseEvent, TransportReceiver } from "../../../lib/connection/transport.ts";
import { CodecTransport } from "../../../lib/engine/codec/transport.ts";
import type { Role } from "../../../lib/protocol/frame_parser.ts";
import { OP, RawEnd, settle } from "../../support/connection_pair.ts";
import { PipeEnd } from "../../support/pipe.ts";
import { closePayload } from "../../support/raw_frame.ts";

/** Notes all that a transport tells, one line each, and does what a test wishes. */
class Recorder implements TransportReceiver {
  readonly log: string[] = [];
  readonly closes: CloseEvent[] = [];
  /** Take messages piece by piece. */
  piecewise = false;
  /** Called with each line after it was noted. */
  onLine: ((line: string) => void) | undefined;

  /** Takes the lines that were noted. */
  taken(): string[] {
    return this.log.splice(0);
  }

  /** Takes the lines that tell of what was received, not those of the traffic. */
  events(): string[] {
    return this.taken().filter((line) => !/^(received|sending|sent)/.test(line));
  }

  onMessage(data: string | Uint8Array): void {
    this.#note(typeof data === "string" ? `text ${data}` : `binary ${data.toHex()}`);
  }

  onMessageStart(type: string): boolean {
    if (this.piecewise) this.#note(`start ${type}`);
    return this.piecewise;
  }

  onMessagePiece(piece: Uint8Array): void {
    this.#note(`piece ${piece.toHex()}`);
  }

  onMessageEnd(): void {
    this.#note("end");
  }

  onPing(payload: Uint8Array): void {
    this.#note(`ping ${payload.toHex()}`);
  }

  onPong(payload: Uint8Array): void {
    this.#note(`pong ${payload.toHex()}`);
  }

  onReceived(midMessage: boolean, data: boolean): void {
    this.#note(`received${midMessage ? " midMessage" : ""}${data ? " data" : ""}`);
  }

  onSending(): void {
    this.#note("sending");
  }

  onSent(pending: boolean): void {
    this.#note(`sent${pending ? " pending" : ""}`);
  }

  onClosing(): void {
    this.#note("closing");
  }

  onClosed(event: CloseEvent): void {
    this.closes.push(event);
    this.#note(`closed ${event.code} ${event.wasClean ? "clean" : "unclean"}`);
  }

  #note(line: string): void {
    assert(this.closes.length === 0 || line.startsWith("closed"), `${line} came after closed`);
    this.log.push(line);
    this.onLine?.(line);
  }
}

interface SetUp {
  link: PipeEnd;
  transport: CodecTransport;
  recorder: Recorder;
  peer: RawEnd;
}

interface SetUpOptions extends ConnectionOptions {
  role?: Role;
  first?: Uint8Array;
  /** Writes that leave at once, in place of being borrowed. */
  atOnce?: boolean;
}

async function setUp(given: SetUpOptions = {}): Promise<SetUp> {
  const { role = "server", first, atOnce = false, ...rest } = given;
  const link = new PipeEnd();
  if (atOnce) link.output.takesAtOnce = Infinity;
  const options = resolveOptions(rest);
  const transport = new CodecTransport(link, {
    role,
    options,
    ...(first === undefined ? {} : { first }),
  });
  const recorder = new Recorder();
  const peer = new RawEnd(link.other, role === "server" ? "client" : "server");
  transport.start(recorder);
  assertEquals(recorder.log, [], "nothing is told from within start");
  await settle();
  return { link, transport, recorder, peer };
}

/** Counts the writes of a link. */
function countWrites(link: PipeEnd): { sizes: number[] } {
  const counted = { sizes: [] as number[] };
  const write = link.write.bind(link);
  link.write = (bytes) => {
    counted.sizes.push(bytes.length);
    return write(bytes);
  };
  return counted;
}

/** A code point of four bytes, cut over four frames, with pings and an empty frame between. */
function mixedTraffic(peer: RawEnd): Uint8Array {
  const [a, b, c, d] = [...new TextEncoder().encode("😀")].map((byte) => new Uint8Array([byte]));
  const frames = [
    { opcode: OP.TEXT, payload: "hello" },
    { opcode: OP.TEXT, fin: false, payload: a! },
    { opcode: OP.PING, payload: "one" },
    { opcode: OP.CONT, fin: false, payload: b! },
    { opcode: OP.CONT, fin: false },
    { opcode: OP.PONG },
    { opcode: OP.CONT, fin: false, payload: c! },
    { opcode: OP.PING, payload: "x".repeat(125) },
    { opcode: OP.CONT, payload: d! },
    { opcode: OP.BINARY, payload: new Uint8Array(126).fill(0xab) },
    { opcode: OP.BINARY },
    { opcode: OP.CLOSE, payload: closePayload(4000, "done") },
  ].map((fields) => peer.frame(fields));
  return new Uint8Array(frames.flatMap((frame) => [...frame]));
}

const MIXED_EVENTS = [
  "text hello",
  "ping 6f6e65",
  "pong ",
  `ping ${"78".repeat(125)}`,
  "text 😀",
  `binary ${"ab".repeat(126)}`,
  "binary ",
  "closing",
];

const MIXED_REPLIES = ["pong 6f6e65", `pong ${"78".repeat(125)}`, "close 4000"];

for (const role of ["server", "client"] as const) {
  Deno.test(`codec transport: a stream cut at every offset means the same, as ${role}`, async () => {
    const size = mixedTraffic((await setUp({ role })).peer).length;
    for (let at = 0; at <= size; at++) {
      const { link, recorder, peer } = await setUp({ role });
      link.other.output.pieces = at === 0 ? [Infinity] : [at, Infinity];
      peer.write(mixedTraffic(peer));
      await settle();
      assertEquals(recorder.events(), MIXED_EVENTS, `cut at ${at}`);
      assertEquals(peer.takeLines(), MIXED_REPLIES, `cut at ${at}`);
    }
  });

  Deno.test(`codec transport: in pieces of any size a stream means the same, as ${role}`, async () => {
    for (const size of [1, 2, 3, 5, 7, 8, 13, 64]) {
      const { link, recorder, peer } = await setUp({ role });
      link.other.output.pieces = [size];
      link.output.takes = [size];
      peer.write(mixedTraffic(peer));
      await settle();
      assertEquals(recorder.events(), MIXED_EVENTS);
      assertEquals(peer.takeLines(), MIXED_REPLIES);
    }
  });
}

Deno.test("codec transport: what is sent in one job leaves in one write", async () => {
  for (const atOnce of [false, true]) {
    const { link, transport, recorder, peer } = await setUp({ atOnce });
    const writes = countWrites(link);
    transport.sendText("hello");
    transport.sendBinary(new Uint8Array([1, 2]));
    transport.sendFragment("text", new Uint8Array([0x61]), false);
    transport.ping(new Uint8Array([1]));
    transport.pong(new Uint8Array([2]));
    transport.sendFragment("text", new Uint8Array([0x62]), true);
    transport.sendFrames(new Uint8Array([0x81, 1, 0x63]));
    assertEquals(transport.bufferedAmount, 7 + 4 + 3 + 3 + 3 + 3 + 3);
    assertEquals(writes.sizes, []);
    await settle();
    assertEquals(writes.sizes, [26]);
    assertEquals(transport.bufferedAmount, 0);
    assertEquals(peer.takeLines(), [
      "text hello",
      "binary 0102",
      "text… a",
      "ping 01",
      "pong 02",
      "cont b",
      "text c",
    ]);
    assertEquals(recorder.taken(), atOnce ? ["sent"] : ["sending", "sent"]);
  }
});

Deno.test("codec transport: a thousand frames in one read are answered in order, in one write", async () => {
  for (const atOnce of [false, true]) {
    const { link, transport, recorder, peer } = await setUp({ atOnce });
    const writes = countWrites(link);
    recorder.onLine = (line) => {
      if (line.startsWith("text ")) transport.sendText(line.slice(5));
    };
    const frames = Array.from(
      { length: 1000 },
      (_, i) => peer.frame({ opcode: OP.TEXT, payload: `${i}` }),
    );
    peer.write(new Uint8Array(frames.flatMap((frame) => [...frame])));
    await settle();
    assertEquals(writes.sizes.length, 1);
    assertEquals(peer.takeLines(), Array.from({ length: 1000 }, (_, i) => `text ${i}`));
  }
});

Deno.test("codec transport: while a write is under way the next one gathers", async () => {
  const { link, transport, recorder, peer } = await setUp();
  const writes = countWrites(link);
  link.output.stalled = true;
  for (const text of ["a", "b", "c"]) {
    transport.sendText(text);
    await settle();
  }
  assertEquals(writes.sizes, [3]);
  assertEquals(transport.bufferedAmount, 9);
  assertEquals(recorder.taken(), ["sending"]);
  link.output.takes = [1];
  link.output.stalled = false;
  await settle();
  assertEquals(writes.sizes, [3, 6]);
  assertEquals(peer.takeLines(), ["text a", "text b", "text c"]);
  assertEquals(recorder.taken().filter((line) => line === "sent"), ["sent"]);
});

Deno.test("codec transport: what was lent is not touched until it has left", async () => {
  const { link, transport, peer } = await setUp();
  link.output.takes = [1, 2, 3];
  const sent: string[] = [];
  for (let i = 0; i < 50; i++) {
    sent.push(`text ${i}:${"x".repeat(i * 7)}`);
    transport.sendText(sent.at(-1)!.slice(5));
    if (i % 5 === 0) await Promise.resolve();
    if (i % 11 === 0) await settle();
  }
  await settle();
  assertEquals(peer.takeLines(), sent);
});

Deno.test("codec transport: a partial write at once is finished later", async () => {
  const { link, transport, recorder, peer } = await setUp();
  link.output.takesAtOnce = 2;
  transport.sendText("hello");
  await settle();
  assertEquals(recorder.taken(), ["sending", "sent"]);
  assertEquals(peer.takeLines(), ["text hello"]);
});

Deno.test("codec transport: bytes that were read before come first", async () => {
  const { peer } = await setUp();
  const first = peer.frame({ opcode: OP.TEXT, payload: "along with the request" });
  const { recorder } = await setUp({ first });
  assertEquals(recorder.events(), ["text along with the request"]);
});

Deno.test("codec transport: a message in pieces is handed on as it comes", async () => {
  const { link, recorder, peer } = await setUp();
  recorder.piecewise = true;
  link.other.output.pieces = [9, 3, Infinity];
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array([1, 2, 3, 4, 5, 6, 7]) });
  await settle();
  assertEquals(recorder.events(), [
    "start binary",
    "piece 010203",
    "piece 040506",
    "piece 07",
    "end",
  ]);
});

Deno.test("codec transport: a batch tells whether it ended within something, and brought data", async () => {
  const { recorder, peer } = await setUp();
  const steps: [bytes: Uint8Array, told: string][] = [];
  const text = peer.frame({ opcode: OP.TEXT, fin: false, payload: "hello" });
  const ping = peer.frame({ opcode: OP.PING, payload: "hi" });
  const last = peer.frame({ opcode: OP.CONT, payload: "!" });
  steps.push([text.subarray(0, 1), "received midMessage"]); // not even a whole header
  steps.push([text.subarray(1, 7), "received midMessage data"]);
  steps.push([text.subarray(7, 9), "received midMessage data"]); // payload alone is data too
  steps.push([text.subarray(9), "received midMessage data"]);
  steps.push([ping, "received midMessage"]); // a ping is no progress of the message
  steps.push([ping.subarray(0, 4), "received midMessage"]);
  steps.push([ping.subarray(4), "received midMessage"]);
  steps.push([last, "received data"]);
  steps.push([ping.subarray(0, 4), "received midMessage"]);
  steps.push([ping.subarray(4), "received"]);
  for (const [bytes, told] of steps) {
    peer.write(bytes);
    await settle();
    assertEquals(recorder.taken().filter((line) => line.startsWith("received")), [told]);
  }
});

Deno.test("codec transport: a pause stops the reading, and what was sent comes after it", async () => {
  const { transport, recorder, peer } = await setUp();
  transport.pause();
  peer.sendText("later");
  await settle();
  assertEquals(recorder.events(), []);
  transport.resume();
  await settle();
  assertEquals(recorder.events(), ["text later"]);
});

Deno.test("codec transport: a flood of pings from a peer that reads nothing stays bounded", async () => {
  for (const stuck of [0, 5000]) {
    const sendHighWaterMark = 10_000;
    const { link, transport, recorder, peer } = await setUp({ sendHighWaterMark });
    link.output.stalled = true;
    // Something may wait already; either way the write under way never grows.
    if (stuck > 0) transport.sendBinary(new Uint8Array(stuck));
    const batch = (n: number) => {
      const pings = Array.from(
        { length: 40 },
        (_, i) => peer.frame({ opcode: OP.PING, payload: `${n} ${i} `.padEnd(125, "x") }),
      );
      return new Uint8Array(pings.flatMap((ping) => [...ping]));
    };
    for (let n = 0; n < 100; n++) {
      peer.write(batch(n));
      await settle();
      // One batch of input can be answered beyond the mark, no more.
      assertLess(transport.bufferedAmount, sendHighWaterMark + 40 * 127);
    }
    assertEquals(recorder.events().length, 4000, "every ping is told");
    const waited = transport.bufferedAmount;
    link.output.stalled = false;
    await settle();
    assertEquals(transport.bufferedAmount, 0);
    const pongs = peer.takeLines().filter((line) => line.startsWith("pong"));
    // The latest ping is answered once what waited has left, and none between.
    const latest = new TextEncoder().encode("99 39 ".padEnd(125, "x")).toHex();
    assertEquals(pongs.at(-1), `pong ${latest}`);
    assertLessOrEqual(pongs.length, waited / 127 + 1);
    // And from then on each ping again.
    peer.write(batch(0));
    await settle();
    assertEquals(peer.takeLines().length, 40);
  }
});

Deno.test("codec transport: a latest pong leaves also when a write takes all at once", async () => {
  const { link, transport, peer } = await setUp({ sendHighWaterMark: 10 });
  link.output.stalled = true;
  transport.sendText("x".repeat(20));
  await settle();
  transport.sendText("y".repeat(20));
  peer.send({ opcode: OP.PING, payload: "1" });
  peer.send({ opcode: OP.PING, payload: "2" });
  await settle();
  link.output.takesAtOnce = Infinity;
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), [`text ${"x".repeat(20)}`, `text ${"y".repeat(20)}`, "pong 32"]);
});

Deno.test("codec transport: a server ends its direction behind the close frame, a client waits", async () => {
  for (const role of ["server", "client"] as const) {
    const { link, recorder, peer } = await setUp({ role });
    peer.sendClose(4001, "bye");
    await settle();
    assertEquals(peer.takeLines(), ["close 4001"]);
    assertEquals(recorder.events(), ["closing"]);
    assertEquals(peer.ended, role === "server", "RFC 6455 §7.1.1");
    peer.end();
    await settle();
    assertEquals(recorder.closes, [{ code: 4001, reason: "bye", wasClean: true }]);
    assert(link.destroyed);
  }
});

Deno.test("codec transport: a close frame without a code is 1005, and answered without one", async () => {
  const { recorder, peer } = await setUp();
  peer.send({ opcode: OP.CLOSE });
  await settle();
  assertEquals(peer.takeLines(), ["close"]);
  peer.end();
  await settle();
  assertEquals(recorder.closes, [{ code: 1005, reason: "", wasClean: true }]);
});

Deno.test("codec transport: our close frame leaves behind all that waits", async () => {
  const { link, transport, recorder, peer } = await setUp();
  link.output.stalled = true;
  transport.sendText("first");
  await settle();
  transport.sendText("second");
  transport.close(1000, "done");
  transport.close(1001, "again");
  transport.sendText("too late");
  await settle();
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), ["text first", "text second", "close 1000 done"]);
  assertEquals(peer.ended, false, "the peer's close frame is awaited");
  peer.sendText("still allowed");
  peer.sendClose(1000);
  peer.end();
  await settle();
  assertEquals(recorder.events(), ["text still allowed", "closing", "closed 1000 clean"]);
});

Deno.test("codec transport: what comes after the close frame is ignored", async () => {
  const { recorder, peer } = await setUp();
  peer.sendClose(1000);
  peer.sendText("late");
  peer.send({ opcode: OP.PING });
  peer.write(new Uint8Array([0xff, 0xff, 0xff]));
  await settle();
  assertEquals(recorder.events(), ["closing"]);
  assertEquals(peer.takeLines(), ["close 1000"]);
});

Deno.test("codec transport: the end of stream without a close frame is 1006", async () => {
  const frame = (await setUp()).peer.frame({ opcode: OP.TEXT, payload: "hello" });
  // After nothing, within a header, within a payload, and between messages.
  for (const size of [0, 1, 4, 8, frame.length]) {
    const { link, recorder, peer } = await setUp();
    if (size > 0) peer.write(frame.subarray(0, size));
    await settle();
    peer.end();
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.reason, event!.wasClean], [1006, "", false]);
    assertEquals((event!.error as { code?: string }).code, "ERR_STREAM_ENDED");
    assertEquals(recorder.closes.length, 1);
    assert(link.destroyed);
  }
});

Deno.test("codec transport: the end of stream after our close frame alone is 1006", async () => {
  const { transport, recorder, peer } = await setUp();
  transport.close(1000, "");
  await settle();
  peer.end();
  await settle();
  assertEquals(recorder.events(), ["closed 1006 unclean"]);
});

Deno.test("codec transport: a reset during a send is 1006, with its cause", async () => {
  for (const role of ["server", "client"] as const) {
    const { link, transport, recorder } = await setUp({ role });
    link.output.stalled = true;
    transport.sendBinary(new Uint8Array(1000));
    await settle();
    link.reset();
    transport.sendText("nothing is thrown");
    await settle();
    transport.sendText("nor later");
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.wasClean], [1006, false]);
    const { code, message, cause } = event!.error as Error & { code?: string };
    assertEquals(code, "ERR_STREAM_FAILED");
    assertEquals(message, "the byte stream failed: Connection reset by peer");
    assertEquals((cause as Error).message, "Connection reset by peer");
    assertEquals(recorder.closes.length, 1);
  }
});

Deno.test("codec transport: a reset once both close frames are exchanged loses nothing", async () => {
  const { link, recorder, peer } = await setUp();
  peer.sendClose(1000, "bye");
  await settle();
  link.reset();
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: true }]);
});

Deno.test("codec transport: a reset before our close frame has left is not clean", async () => {
  const { link, recorder, peer } = await setUp();
  link.output.stalled = true;
  peer.sendClose(1000, "bye");
  await settle();
  link.reset();
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: false }]);
});

Deno.test("codec transport: the peer's end of stream waits for our close frame to leave", async () => {
  const { link, recorder, peer } = await setUp();
  link.output.stalled = true;
  peer.sendClose(1000);
  await settle();
  peer.end();
  await settle();
  assertEquals(recorder.closes, []);
  link.output.stalled = false;
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "", wasClean: true }]);
  assertEquals(peer.takeLines(), ["close 1000"]);
});

Deno.test("codec transport: who breaks a rule is told, and cut off by both roles", async () => {
  for (const role of ["server", "client"] as const) {
    const { recorder, peer } = await setUp({ role });
    peer.sendText("fine");
    peer.send({ opcode: 3 });
    peer.sendText("never seen");
    await settle();
    assertEquals(peer.takeLines(), ["close 1002"]);
    assertEquals(peer.ended, true, "RFC 6455 §7.1.7");
    assertEquals(recorder.events(), ["text fine", "closing"]);
    peer.end();
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.wasClean], [1002, false]);
    assertEquals((event!.error as { code?: string }).code, "ERR_RESERVED_OPCODE");
  }
});

Deno.test("codec transport: destroying it ends it at once, once, with the cause that is given", async () => {
  for (const error of [undefined, new Error("cause")]) {
    const { link, transport, recorder, peer } = await setUp();
    transport.sendText("lost");
    transport.destroy(error);
    transport.destroy(new Error("again"));
    assertEquals(recorder.closes, [
      { code: 1006, reason: "", wasClean: false, ...(error === undefined ? {} : { error }) },
    ]);
    assert(link.destroyed);
    transport.sendText("ignored");
    transport.close(1000, "");
    await settle();
    assertEquals(peer.takeLines(), []);
    assertEquals(recorder.events(), ["closed 1006 unclean"]);
  }
});

Deno.test("codec transport: destroying it from within any of its calls is safe", async () => {
  for (const piecewise of [false, true]) {
    const trial = await setUp();
    const bytes = mixedTraffic(trial.peer);
    trial.recorder.piecewise = piecewise;
    trial.peer.write(bytes);
    await settle();
    const lines = trial.recorder.taken().length;
    for (let at = 0; at < lines; at++) {
      const { transport, recorder, peer } = await setUp();
      recorder.piecewise = piecewise;
      let left = at;
      recorder.onLine = () => {
        if (left-- === 0) transport.destroy();
      };
      peer.write(bytes);
      await settle();
      assertEquals(recorder.closes.length, 1);
      assertEquals(recorder.log.length, at + 2, "nothing follows");
    }
  }
});

Deno.test("codec transport: sends from within every call reach the peer in order", async () => {
  const { transport, recorder, peer } = await setUp();
  let count = 0;
  recorder.onLine = (line) => {
    if (!line.startsWith("sen") && count < 20) transport.sendText(`${count++}`);
  };
  peer.write(mixedTraffic(peer));
  await settle();
  const texts = peer.takeLines().filter((line) => line.startsWith("text"));
  assertEquals(texts, Array.from({ length: texts.length }, (_, i) => `text ${i}`));
  assertEquals(texts.length, 7, "one for each event before the close frame");
});

Deno.test("codec transport: a trimmed one works on", async () => {
  const { transport, peer } = await setUp();
  transport.sendText("a");
  await settle();
  transport.trim();
  transport.sendText("b");
  transport.trim();
  await settle();
  assertEquals(peer.takeLines(), ["text a", "text b"]);
});
