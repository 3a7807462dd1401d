/**
 * The suite's end of a WebSocket, on a stream without a network.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Peer, type PeerOptions } from "../../../../autobahn/suite/peer/peer.ts";
import { MessageInflater } from "../../../../autobahn/suite/wire/deflate.ts";
import { FrameCollector } from "../../../../autobahn/suite/wire/frame_reader.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { concat, hex, unhex } from "../../../support/hex.ts";
import { MemoryStream } from "../stream_rig.ts";

const NOTHING = new Uint8Array(0);
const DIRECTION = { noContextTakeover: false, windowBits: 15 };

function setUp(options: Partial<PeerOptions> = {}) {
  const stream = new MemoryStream();
  const log = new WireLog();
  const peer = new Peer(stream, { isServer: true, log, ...options });
  peer.start(NOTHING);
  return { stream, log, peer };
}

/** Lets writes leave. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A masked frame, of which the key is zero. */
const masked = (digits: string): Uint8Array => {
  const bytes = unhex(digits);
  return concat(Uint8Array.of(bytes[0]!, bytes[1]! | 0x80, 0, 0, 0, 0), bytes.subarray(2));
};

Deno.test("peer: sends what it is told, in order, unmasked as a server", async () => {
  const { stream, peer } = setUp();
  assertEquals(peer.testee, "client");
  peer.send({ opcode: 1, payload: unhex("41") });
  peer.sendBytes(unhex("ffff"));
  peer.send({ opcode: 9, payload: unhex("4243"), chopBytes: 3 });
  await settle();
  assertEquals(stream.writes.map(hex), ["810141ffff", "890242", "43"]);
  assertEquals(peer.sentFrames, { 1: 1, 9: 1 });
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: a client masks, and the log has the key", async () => {
  const { stream, log, peer } = setUp({ isServer: false });
  assertEquals(peer.testee, "server");
  peer.send({ opcode: 1, payload: unhex("41") });
  await settle();
  const [frame] = new FrameCollector().push(concat(...stream.writes));
  assertEquals(frame?.payload, unhex("41"));
  assertEquals(log.lines[0], ["TF", [1, "A"], 1, true, 0, hex(frame!.mask!), null, null, false]);
  assertEquals(log.lines[1], ["TO", [7, stream.written], false]);
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: what comes is kept, messages can be taken, pings are answered", async () => {
  let calls = 0;
  const { stream, peer } = setUp({ onReceived: () => calls++ });
  const first = peer.nextMessage();
  stream.receive(concat(masked("810141"), masked("890170"), masked("8a00"), masked("820142")));
  assertEquals(await first, { payload: unhex("41"), binary: false });
  assertEquals(await peer.nextMessage(), { payload: unhex("42"), binary: true });
  assertEquals(peer.received.map(({ type }) => type), ["message", "pong", "message"]);
  assertEquals(calls, 3);
  await settle();
  assertEquals(stream.written, "8a0170");
  peer.drop("fin");
  await peer.ended;
  assertEquals(await peer.nextMessage(), undefined);
});

Deno.test("peer: a measured case does not keep messages", async () => {
  const { stream, peer } = setUp({ keepsMessages: false });
  stream.receive(masked("810141"));
  assertEquals(peer.received, []);
  assertEquals((await peer.nextMessage())?.payload, unhex("41"));
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: what came with the opening handshake is read, and not logged again", async () => {
  const stream = new MemoryStream();
  const log = new WireLog();
  const peer = new Peer(stream, { isServer: true, log });
  peer.start(masked("810141"));
  assertEquals(peer.received.length, 1);
  assertEquals(log.lines.map(([kind]) => kind), ["RF"]);
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: messages in fragments, shown one by one or not", async () => {
  const message = unhex("4142434445");
  for (const logged of [true, false]) {
    const { stream, log, peer } = setUp();
    peer.logWire(logged);
    peer.sendMessage(message, { binary: false, fragmentBytes: 2 });
    peer.sendMessage(message.subarray(0, 2), { binary: true, fragmentBytes: 2 });
    peer.sendMessage(message.subarray(0, 4), { binary: true, fragmentBytes: 2 });
    await settle();
    assertEquals(
      stream.written,
      "01024142" + "00024344" + "800145" + "82024142" + "02024142" + "00024344" + "8000",
    );
    assertEquals(peer.sentFrames, { 0: 4, 1: 1, 2: 2 });
    assertEquals(log.counts().txOctetStats, { 4: 5, 3: 1, 2: 1 });
    assertEquals(peer.traffic.outgoingWebSocketFrames, 7);
    assertEquals(peer.traffic.outgoingWebSocketMessages, 3);
    assertEquals(peer.traffic.outgoingOctetsWireLevel, 25);
    peer.drop("fin");
    await peer.ended;
  }
});

Deno.test("peer: fragments of no bytes are refused", async () => {
  const { peer } = setUp();
  assertThrows(() => peer.sendMessage(NOTHING, { binary: true, fragmentBytes: 0 }), RangeError);
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: with compression, messages are compressed and frames are not", async () => {
  const { stream, peer } = setUp({ deflate: { incoming: DIRECTION, outgoing: DIRECTION } });
  const message = new TextEncoder().encode("again and again and again");
  peer.sendMessage(message, { binary: false });
  peer.send({ opcode: 1, payload: unhex("41") });
  await settle();
  const [compressed, plain] = new FrameCollector().push(concat(...stream.writes));
  assertEquals([compressed?.rsv, plain?.rsv], [4, 0]);
  const inflater = new MessageInflater(DIRECTION);
  assertEquals(inflater.decompress(compressed!.payload), message);
  inflater.close();
  stream.receive(masked("c107f248cdc9c90700"));
  assertEquals((await peer.nextMessage())?.payload, new TextEncoder().encode("Hello"));
  assertEquals(peer.traffic.incomingOctetsAppLevel, 5);
  assertEquals(peer.traffic.incomingOctetsWebSocketLevel, 7);
  peer.drop("fin");
  await peer.ended;
});

Deno.test("peer: a fault of the testee is answered with a close frame, and the closing goes on", async () => {
  const { stream, peer } = setUp();
  stream.receive(concat(masked("830141"), masked("810142"), masked("880203ea")));
  await peer.ended;
  assertEquals(peer.received, []);
  assertEquals(stream.written.slice(0, 8).replace(/^88../, "88__"), "88__03ea");
  const { closedByMe, failedByMe, wasClean, droppedByMe } = peer.closing;
  assertEquals([closedByMe, failedByMe, wasClean, droppedByMe], [true, true, true, true]);
});

Deno.test("peer: after its close frame, frames are sent and messages come still", async () => {
  const { stream, peer } = setUp();
  peer.sendClose(1000);
  assertEquals(peer.state, "closing");
  peer.send({ opcode: 9 });
  peer.sendMessage(unhex("41"), { binary: false });
  stream.receive(concat(masked("810142"), masked("890170")));
  await settle();
  assertEquals(stream.written, "880203e8" + "8900");
  assertEquals(peer.received.length, 1);
  stream.receive(masked("880203e8"));
  await peer.ended;
  assertEquals([peer.closing.wasClean, stream.dropped], [true, "fin"]);
});

Deno.test("peer: closes after a time, unless the connection is closed by then", async () => {
  const { stream, log, peer } = setUp();
  peer.closeAfter(1);
  assertEquals(await peer.wait(50, "A"), false);
  stream.receive(masked("8800"));
  await peer.ended;
  assertEquals(stream.written, "8800");
  assertEquals(log.lines.map(([kind]) => kind), [
    "TI",
    "CT",
    "TIE",
    "TF",
    "TO",
    "CTE",
    "RO",
    "RF",
  ]);
  assertEquals(peer.closing.localCloseCode, null);
});

Deno.test("peer: gives the testee up: a close frame at first, then the end of TCP", async () => {
  const { stream, log, peer } = setUp({ isServer: false });
  peer.killAfter(1);
  peer.killAfter(20);
  await peer.ended;
  assertEquals(stream.dropped, "fin");
  const { closedByMe, failedByMe, droppedByMe, wasClean, localCloseCode } = peer.closing;
  assertEquals([closedByMe, failedByMe, droppedByMe, wasClean], [true, true, true, false]);
  assertEquals(localCloseCode, 1001);
  assertEquals(log.lines.filter(([kind]) => kind === "KLE").length, 2);
});

Deno.test("peer: a wait ends with the connection, and says whether it is open", async () => {
  const { stream, log, peer } = setUp();
  assertEquals(await peer.wait(1, "A"), true);
  const waiting = peer.wait(1_000_000, "B");
  stream.receiveEnd("reset");
  assertEquals(await waiting, false);
  assertEquals(peer.state, "closed");
  assertEquals(peer.closing.wasNotCleanReason, "the connection broke: reset");
  assertEquals(log.lines, [["CT", 0.001, "A"], ["CTE", "A"], ["CT", 1000, "B"]]);
});

Deno.test("peer: notes events of the case, pauses reading, and drops TCP", async () => {
  const { stream, peer } = setUp();
  peer.note({ type: "timeout", label: "A" });
  assertEquals(peer.received, [{ type: "timeout", label: "A" }]);
  peer.pauseReading(true);
  assertEquals(stream.paused, true);
  peer.send({ opcode: 1 });
  peer.drop("reset");
  await peer.ended;
  assertEquals([stream.dropped, stream.written], ["reset", ""]);
  assertEquals(peer.closing.droppedByMe, true);
});

Deno.test("peer: what waits leaves before TCP is ended", async () => {
  const { stream, peer } = setUp();
  peer.send({ opcode: 1, payload: unhex("414243"), chopBytes: 1 });
  peer.drop("fin");
  await peer.ended;
  assertEquals(stream.written, "8103414243");
});
