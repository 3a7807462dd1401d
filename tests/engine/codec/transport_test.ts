/**
 * The codec engine's transport over a pipe: what leaves in which write, and what is told to
 * the receiver.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PreparedMessage } from "../../../lib/connection/prepared_message.ts";
import { OP, settle } from "../../support/connection_pair.ts";
import { countWrites, mixedTraffic, openTransport } from "../../support/transport_recorder.ts";

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
    const size = mixedTraffic((await openTransport({ role })).peer).length;
    for (let at = 0; at <= size; at++) {
      const { link, recorder, peer } = await openTransport({ role });
      link.other.output.pieces = at === 0 ? [Infinity] : [at, Infinity];
      peer.write(mixedTraffic(peer));
      await settle();
      assertEquals(recorder.events(), MIXED_EVENTS, `cut at ${at}`);
      assertEquals(peer.takeLines(), MIXED_REPLIES, `cut at ${at}`);
    }
  });

  Deno.test(`codec transport: in pieces of any size a stream means the same, as ${role}`, async () => {
    for (const size of [1, 2, 3, 5, 7, 8, 13, 64]) {
      const { link, recorder, peer } = await openTransport({ role });
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
    const { link, transport, recorder, peer } = await openTransport({ atOnce });
    const writes = countWrites(link);
    transport.sendText("hello", true);
    transport.sendBinary(new Uint8Array([1, 2]), true);
    transport.sendFragment("text", new Uint8Array([0x61]), { fin: false, compress: true });
    transport.ping(new Uint8Array([1]));
    transport.pong(new Uint8Array([2]));
    transport.sendFragment("text", new Uint8Array([0x62]), { fin: true, compress: true });
    transport.sendPrepared(new PreparedMessage("c"), true);
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
    const { link, transport, recorder, peer } = await openTransport({ atOnce });
    const writes = countWrites(link);
    recorder.onLine = (line) => {
      if (line.startsWith("text ")) transport.sendText(line.slice(5), true);
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
  const { link, transport, recorder, peer } = await openTransport();
  const writes = countWrites(link);
  link.output.stalled = true;
  for (const text of ["a", "b", "c"]) {
    transport.sendText(text, true);
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
  const { link, transport, peer } = await openTransport();
  link.output.takes = [1, 2, 3];
  const sent: string[] = [];
  for (let i = 0; i < 50; i++) {
    sent.push(`text ${i}:${"x".repeat(i * 7)}`);
    transport.sendText(sent.at(-1)!.slice(5), true);
    if (i % 5 === 0) await Promise.resolve();
    if (i % 11 === 0) await settle();
  }
  await settle();
  assertEquals(peer.takeLines(), sent);
});

Deno.test("codec transport: a partial write at once is finished later", async () => {
  const { link, transport, recorder, peer } = await openTransport();
  link.output.takesAtOnce = 2;
  transport.sendText("hello", true);
  await settle();
  assertEquals(recorder.taken(), ["sending", "sent"]);
  assertEquals(peer.takeLines(), ["text hello"]);
});

Deno.test("codec transport: bytes that were read before come first", async () => {
  const { peer } = await openTransport();
  const first = peer.frame({ opcode: OP.TEXT, payload: "along with the request" });
  const { recorder } = await openTransport({ first });
  assertEquals(recorder.events(), ["text along with the request"]);
});

Deno.test("codec transport: a message in pieces is handed on as it comes", async () => {
  const { link, recorder, peer } = await openTransport();
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
  const { recorder, peer } = await openTransport();
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
  const { transport, recorder, peer } = await openTransport();
  transport.pause();
  peer.sendText("later");
  await settle();
  assertEquals(recorder.events(), []);
  transport.resume();
  await settle();
  assertEquals(recorder.events(), ["text later"]);
});

Deno.test("codec transport: of a flood of pings, one pong waits while nothing is taken", async () => {
  for (const stuck of [0, 5000]) {
    const { link, transport, recorder, peer } = await openTransport();
    link.output.stalled = true;
    // Something may wait already, or the pongs of the first batch do.
    if (stuck > 0) transport.sendBinary(new Uint8Array(stuck), true);
    await settle();
    const batch = (n: number) => {
      const pings = Array.from(
        { length: 40 },
        (_, i) => peer.frame({ opcode: OP.PING, payload: `${n} ${i} `.padEnd(125, "x") }),
      );
      return new Uint8Array(pings.flatMap((ping) => [...ping]));
    };
    const waits = stuck > 0 ? stuck + 4 : 40 * 127;
    for (let n = 0; n < 100; n++) {
      peer.write(batch(n));
      await settle();
      assertEquals(transport.bufferedAmount, waits, "RFC 6455 §5.5.3");
    }
    assertEquals(recorder.events().length, 4000, "every ping is told");
    link.output.takes = [1000];
    link.output.stalled = false;
    await settle();
    assertEquals(transport.bufferedAmount, 0);
    const pongs = peer.takeLines().filter((line) => line.startsWith("pong"));
    // The latest ping is answered once what waited has left, and none between.
    const latest = new TextEncoder().encode("99 39 ".padEnd(125, "x")).toHex();
    assertEquals(pongs.at(-1), `pong ${latest}`);
    assertEquals(pongs.length, stuck > 0 ? 1 : 41);
    // And from then on each ping again.
    peer.write(batch(0));
    await settle();
    assertEquals(peer.takeLines().length, 40);
  }
});

Deno.test("codec transport: a single byte that was not taken makes pongs wait", async () => {
  const { link, transport, peer } = await openTransport();
  link.output.takes = [6];
  link.output.stalled = true;
  transport.sendText("hello", true);
  await settle();
  link.output.stalled = false;
  await Promise.resolve(); // all but one byte leave
  link.output.stalled = true;
  assertEquals(transport.bufferedAmount, 1);
  for (const payload of ["1", "2", "3"]) {
    peer.send({ opcode: OP.PING, payload });
    await settle();
    assertEquals(transport.bufferedAmount, 1);
  }
  transport.ping(new Uint8Array([9])); // our own do not wait
  assertEquals(transport.bufferedAmount, 4);
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), ["text hello", "ping 09", "pong 33"]);
});

Deno.test("codec transport: a latest pong leaves also when a write takes all at once", async () => {
  const { link, transport, peer } = await openTransport();
  link.output.stalled = true;
  transport.sendText("x".repeat(20), true);
  await settle();
  transport.sendText("y".repeat(20), true);
  peer.send({ opcode: OP.PING, payload: "1" });
  peer.send({ opcode: OP.PING, payload: "2" });
  await settle();
  link.output.takesAtOnce = Infinity;
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), [`text ${"x".repeat(20)}`, `text ${"y".repeat(20)}`, "pong 32"]);
});

Deno.test("codec transport: sends from within every call reach the peer in order", async () => {
  const { transport, recorder, peer } = await openTransport();
  let count = 0;
  recorder.onLine = (line) => {
    if (!line.startsWith("sen") && count < 20) transport.sendText(`${count++}`, true);
  };
  peer.write(mixedTraffic(peer));
  await settle();
  const texts = peer.takeLines().filter((line) => line.startsWith("text"));
  assertEquals(texts, Array.from({ length: texts.length }, (_, i) => `text ${i}`));
  assertEquals(texts.length, 7, "one for each event before the close frame");
});

Deno.test("codec transport: a trimmed one works on", async () => {
  const { transport, peer } = await openTransport();
  transport.sendText("a", true);
  await settle();
  transport.trim();
  transport.sendText("b", true);
  transport.trim();
  await settle();
  assertEquals(peer.takeLines(), ["text a", "text b"]);
});
