/**
 * The session: data and control frames in both directions, in both roles. How it closes is
 * in `session_close_test.ts`, what it refuses in `session_faults_test.ts`.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { everyCut } from "../support/cuts.ts";
import { hex, pattern, unhex } from "../support/hex.ts";
import type { FrameFields } from "../support/raw_frame.ts";
import { SessionPeer } from "../support/session_peer.ts";

const ROLES = ["server", "client"] as const;
const BOUNDARIES = [0, 1, 125, 126, 127, 65_535, 65_536];

/** Any control frame may stand between fragments; the ping's code point is cut on purpose. */
const INTERLEAVED: readonly FrameFields[] = [
  { opcode: 1, fin: false, payload: unhex("48 f0") },
  { opcode: 9, payload: "1" },
  { opcode: 0, fin: false, payload: unhex("9f98") },
  { opcode: 10, payload: "2" },
  { opcode: 0, fin: false },
  { opcode: 9 },
  { opcode: 0, payload: unhex("80 21") },
];

for (const role of ROLES) {
  Deno.test(`Session: a ${role} receives text and binary of every boundary length`, () => {
    for (const length of BOUNDARIES) {
      const peer = new SessionPeer(role);
      const text = "x".repeat(length);
      peer.send({ opcode: 1, payload: text }, { opcode: 2, payload: pattern(length) });
      assertEquals(peer.told(), [`text ${JSON.stringify(text)}`, `binary ${hex(pattern(length))}`]);
      assertEquals(peer.got(), []);
    }
  });

  Deno.test(`Session: a ${role} sends text and binary of every boundary length`, () => {
    for (const length of BOUNDARIES) {
      const peer = new SessionPeer(role);
      peer.session.sendText("x".repeat(length));
      peer.session.sendBinary(pattern(length));
      assertEquals(peer.got(), [`1 ${"78".repeat(length)}`, `2 ${hex(pattern(length))}`]);
    }
  });

  Deno.test(`Session: a ${role} sends fragments, and control frames between (RFC 6455 §5.4)`, () => {
    const peer = new SessionPeer(role);
    const { session } = peer;
    assertEquals(session.fragmenting, false);
    session.sendFragment("text", unhex("48"), { fin: false, compress: true });
    assertEquals(session.fragmenting, true);
    session.ping(unhex("07"));
    session.sendFragment("text", unhex(""), { fin: false, compress: true });
    session.sendFragment("text", unhex("69"), { fin: true, compress: true });
    assertEquals(session.fragmenting, false);
    session.sendFragment("binary", unhex("01"), { fin: false, compress: true });
    session.sendFragment("binary", unhex(""), { fin: true, compress: true });
    session.sendFragment("binary", unhex("02"), { fin: true, compress: true });
    assertEquals(peer.got(), ["1+ 48", "9 07", "0+ ", "0 69", "2+ 01", "0 ", "2 02"]);
  });

  Deno.test(`Session: a ${role} answers a ping at every boundary of fragments at once`, () => {
    const peer = new SessionPeer(role);
    const events = INTERLEAVED.map((fields) => {
      peer.send(fields);
      return [...peer.told(), ...peer.got().map((line) => `sent ${line}`)];
    });
    assertEquals(events, [
      [],
      ["ping 31", "sent 10 31"],
      [],
      ["pong 32"],
      [],
      ["ping ", "sent 10 "],
      ['text "H\u{1f600}!"'],
    ]);
  });

  Deno.test(`Session: a ${role} makes the same of every cut of the input`, () => {
    const frames = [...INTERLEAVED, { opcode: 2, payload: pattern(70) }, { opcode: 1 }, {
      opcode: 8,
      payload: unhex("03e8 62"),
    }];
    const whole = new SessionPeer(role);
    const stream = whole.frames(...frames);
    whole.sendBytes(stream);
    const told = whole.told();
    assertEquals(told.length, 7);
    const got = whole.got();
    assertEquals(got, ["10 31", "10 ", "8 03e8"]);
    for (const pieces of everyCut(stream)) {
      const peer = new SessionPeer(role);
      peer.sendPieces(pieces);
      assertEquals(peer.told(), told);
      assertEquals(peer.got(), got);
    }
  });

  Deno.test(`Session: a ${role} hands a message on piece by piece, pings in between`, () => {
    const peer = new SessionPeer(role, { piecewise: true });
    peer.send(...INTERLEAVED, { opcode: 2, payload: "a" });
    assertEquals(peer.told(), [
      ...["start text", "piece 48f0", "ping 31", "piece 9f98", "pong 32", "ping ", "piece 8021"],
      ...["end", "start binary", "piece 61", "end"],
    ]);
  });

  Deno.test(`Session: a ${role} answers a ping with its payload, of every length (§5.5.2)`, () => {
    for (let length = 0; length <= 125; length++) {
      const peer = new SessionPeer(role);
      peer.send({ opcode: 9, payload: pattern(length) });
      assertEquals(peer.told(), [`ping ${hex(pattern(length))}`]);
      assertEquals(peer.got(), [`10 ${hex(pattern(length))}`]);
    }
  });

  Deno.test(`Session: a ${role} answers no pong, asked for or not (RFC 6455 §5.5.3)`, () => {
    const peer = new SessionPeer(role);
    peer.send({ opcode: 10, payload: "a" }, { opcode: 10 });
    assertEquals(peer.told(), ["pong 61", "pong "]);
    assertEquals(peer.got(), []);
  });

  Deno.test(`Session: a ${role} sends pings and pongs of up to 125 bytes (RFC 6455 §5.5)`, () => {
    const peer = new SessionPeer(role);
    for (const length of [0, 1, 125]) {
      peer.session.ping(pattern(length));
      peer.session.pong(pattern(length));
      assertEquals(peer.got(), [`9 ${hex(pattern(length))}`, `10 ${hex(pattern(length))}`]);
    }
    for (const length of [126, 127, 65_536]) {
      assertThrows(() => peer.session.ping(pattern(length)), RangeError, `of ${length} bytes`);
      assertThrows(() => peer.session.pong(pattern(length)), RangeError, `of ${length} bytes`);
    }
    assertEquals(peer.got(), []);
  });

  Deno.test(`Session: what a ${role} is told of pings and pongs is a copy`, () => {
    const peer = new SessionPeer(role);
    const payloads: Uint8Array[] = [];
    peer.sink.onPing = (payload) => void payloads.push(payload);
    peer.sink.onPong = (payload) => void payloads.push(payload);
    const input = peer.frames({ opcode: 9, payload: "ab" }, { opcode: 10, payload: "cd" });
    peer.session.receive(input, 0, input.length);
    input.fill(0);
    assertEquals(payloads, [unhex("6162"), unhex("6364")]);
    assertEquals(payloads.map(({ buffer }) => buffer.byteLength), [2, 2]);
    payloads[0]!.fill(0);
    assertEquals(peer.got(), ["10 6162"]);
  });

  Deno.test(`Session: while the peer of a ${role} reads nothing, one pong waits (§5.5.3)`, () => {
    const peer = new SessionPeer(role);
    const { session } = peer;
    session.backlogged = true;
    for (let count = 0; count < 10_000; count++) peer.send({ opcode: 9, payload: `${count}` });
    assertEquals(session.output.length, 0);
    assertEquals(peer.told().length, 10_000);
    session.backlogged = true;
    assertEquals(session.output.length, 0);
    session.backlogged = false;
    assertEquals(peer.got(), [`10 ${hex(new TextEncoder().encode("9999"))}`]);
    session.backlogged = false;
    assertEquals(peer.got(), []);
    peer.send({ opcode: 9, payload: "a" });
    assertEquals(peer.got(), ["10 61"]);
  });

  Deno.test(`Session: the pong that waits at a ${role} is not the sink's to change (§5.5.3)`, () => {
    const peer = new SessionPeer(role);
    const { session, sink } = peer;
    session.backlogged = true;
    let given: Uint8Array | undefined;
    sink.onPing = (payload) => void (given = payload);
    peer.send({ opcode: 9, payload: "ab" });
    given?.fill(0);
    session.backlogged = false;
    assertEquals(given, unhex("0000"));
    assertEquals(peer.got(), ["10 6162"]);
  });

  Deno.test(`Session: a ${role} whose peer is slow and sent no ping owes it no pong`, () => {
    const peer = new SessionPeer(role);
    peer.session.backlogged = true;
    peer.session.backlogged = false;
    assertEquals(peer.got(), []);
  });

  Deno.test(`Session: a ${role} receives a thousand frames of one input in order`, () => {
    const peer = new SessionPeer(role);
    peer.sink.onEvent = (event) => {
      if (event.startsWith('text "')) peer.session.sendText(event.slice(6, -1));
    };
    const texts = Array.from({ length: 1000 }, (_, at) => `${at}`);
    peer.send(...texts.map((payload) => ({ opcode: 1, payload })));
    assertEquals(peer.told(), texts.map((text) => `text "${text}"`));
    assertEquals(peer.got(), texts.map((text) => `1 ${hex(new TextEncoder().encode(text))}`));
  });

  Deno.test(`Session: a ${role} can tell whether the input ended within a message or frame`, () => {
    const peer = new SessionPeer(role);
    const steps: readonly (readonly [Uint8Array, boolean])[] = [
      [peer.frames({ opcode: 1, payload: "a" }), false],
      [peer.frames({ opcode: 1, payload: "a" }).subarray(0, 1), true],
      [peer.frames({ opcode: 1, payload: "a" }).subarray(1), false],
      [peer.frames({ opcode: 9, payload: "a" }).subarray(0, 2), true],
      [peer.frames({ opcode: 9, payload: "a" }).subarray(2), false],
      [peer.frames({ opcode: 1, fin: false }), true],
      [peer.frames({ opcode: 9 }), true],
      [peer.frames({ opcode: 0 }), false],
    ];
    for (const [bytes, expected] of steps) {
      peer.sendBytes(bytes);
      assertEquals(peer.session.midMessage, expected, hex(bytes));
    }
  });

  Deno.test(`Session: a ${role} that sends changes none of the caller's bytes`, () => {
    const { session } = new SessionPeer(role);
    const bytes = pattern(100);
    session.sendBinary(bytes);
    session.sendFragment("binary", bytes, { fin: true, compress: true });
    session.ping(bytes);
    session.pong(bytes);
    assertEquals(bytes, pattern(100));
  });
}

Deno.test("Session: trimmed, it loses nothing, and what was sent holds no memory", () => {
  const peer = new SessionPeer("server");
  peer.session.sendText("a");
  peer.send({ opcode: 2, fin: false, payload: "b" });
  peer.session.trim();
  assertEquals(peer.got(), ["1 61"]);
  peer.session.trim();
  assertEquals(peer.session.output.bytes.length, 0);
  peer.send({ opcode: 0, payload: "c" });
  assertEquals(peer.told(), ["binary 6263"]);
});

Deno.test("Session: a server sends frames that were written before as they are", () => {
  const peer = new SessionPeer("server");
  peer.session.sendText("a");
  peer.session.sendFrames(unhex("810162 820163"));
  assertEquals(peer.got(), ["1 61", "1 62", "2 63"]);
});

Deno.test("Session: lone surrogates in text become U+FFFD", () => {
  const peer = new SessionPeer("server");
  peer.session.sendText("\ud800a");
  assertEquals(peer.got(), ["1 efbfbd61"]);
});

Deno.test("Session: only a client draws masking keys, one a frame (RFC 6455 §5.3)", () => {
  for (const role of ROLES) {
    const peer = new SessionPeer(role);
    peer.session.sendBinary(unhex("00000000"));
    peer.session.sendBinary(unhex("00000000"));
    const bytes = peer.session.output.take();
    const distinct = new Set([...bytes.subarray(2, 6), ...bytes.subarray(-4)]);
    if (role === "server") assertEquals(hex(bytes), "820400000000".repeat(2));
    else assert(distinct.size > 1);
  }
});
