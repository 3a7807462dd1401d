/**
 * The session with permessage-deflate (RFC 7692): compressed messages in both directions,
 * in both roles, what it refuses of them, and when the compression is given up. The
 * compression is that of `fake_compression.ts`: `aaa` is `0361`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/protocol/session.ts";
import { everyCut } from "../support/cuts.ts";
import { FakeCompression, runsOf } from "../support/fake_compression.ts";
import { hex, pattern, unhex } from "../support/hex.ts";
import { closePayload, type FrameFields } from "../support/raw_frame.ts";
import { SessionPeer, type SessionPeerOptions } from "../support/session_peer.ts";

const ROLES = ["server", "client"] as const;

/** A peer of a session that compresses. */
function setUp(
  role: "server" | "client",
  options: SessionPeerOptions = {},
): { peer: SessionPeer; session: Session; compression: FakeCompression } {
  const compression = new FakeCompression();
  const peer = new SessionPeer(role, { compression, ...options });
  return { peer, session: peer.session, compression };
}

/** A text of fragments with control frames between, and a binary message; both compressed. */
const MIXED: readonly FrameFields[] = [
  { opcode: 1, rsv: 4, fin: false, payload: unhex("03") },
  { opcode: 9, payload: "1" },
  { opcode: 0, fin: false, payload: unhex("6101f0019f") },
  { opcode: 10, payload: "2" },
  { opcode: 0, fin: false },
  { opcode: 0, payload: unhex("01980180") },
  { opcode: 1, payload: "plain" },
  { opcode: 2, rsv: 4, payload: unhex("0907") },
  { opcode: 8, payload: closePayload(1000) },
];
const MIXED_TOLD = [
  ...["ping 31", "pong 32", 'text "aaa\u{1f600}"', 'text "plain"', `binary ${"07".repeat(9)}`],
  'close 1000 ""',
];

for (const role of ROLES) {
  Deno.test(`Session: a ${role} makes the same of every cut of compressed input`, () => {
    const stream = setUp(role).peer.frames(...MIXED);
    for (const pieces of everyCut(stream)) {
      const { peer } = setUp(role);
      peer.sendPieces(pieces);
      assertEquals(peer.told(), MIXED_TOLD);
      assertEquals(peer.got(), ["10 31", "8 03e8"]);
    }
  });

  Deno.test(`Session: a ${role} hands compressed messages on piece by piece`, () => {
    const { peer } = setUp(role, { piecewise: true });
    peer.send(...MIXED.slice(0, -1));
    assertEquals(peer.told(), [
      ...["start text", "ping 31", "piece 616161f0", "pong 32", "piece 9f9880", "end"],
      ...["start text", "piece 706c61696e", "end"],
      ...["start binary", `piece ${"07".repeat(9)}`, "end"],
    ]);
  });

  Deno.test(`Session: a ${role} compresses what it sends, unless it is told not to`, () => {
    const { peer, session } = setUp(role);
    session.sendText("aaaa");
    session.sendText("aaaa", true);
    session.sendText("aaaa", false);
    session.sendBinary(unhex("07070707"));
    session.sendBinary(unhex("07070707"), true);
    session.sendBinary(unhex("07070707"), false);
    session.sendBinary(pattern(10)); // it would not shrink
    assertEquals(peer.got(), [
      ...["1* 0461", "1* 0461", "1 61616161"],
      ...["2* 0407", "2* 0407", "2 07070707", `2 ${hex(pattern(10))}`],
    ]);
  });

  Deno.test(`Session: a ${role} compresses from compressionThreshold on`, () => {
    const { peer, session } = setUp(role, { compressionThreshold: 5 });
    session.sendText("aaaa");
    session.sendText("aaaaa");
    session.sendFragment("text", unhex("6161"), { fin: true, compress: true });
    assertEquals(peer.got(), ["1 61616161", "1* 0561", "1* 0261"]);
  });

  Deno.test(`Session: a ${role} sends compressed fragments, and control frames between`, () => {
    const { peer, session } = setUp(role);
    session.sendFragment("text", unhex("6161"), { fin: false, compress: true });
    assertEquals(session.fragmenting, true);
    session.ping(unhex("07070707"));
    peer.send({ opcode: 9, payload: "aaaa" });
    session.sendFragment("text", unhex("6262"), { fin: true, compress: true });
    assertEquals(session.fragmenting, false);
    session.sendFragment("binary", unhex("01"), { fin: true, compress: false });
    session.close(1000, "aaaa");
    assertEquals(peer.got(), [
      ...["1*+ 0261", "9 07070707", "10 61616161", "0 0262", "2 01"],
      "8 03e861616161",
    ]);
  });

  Deno.test(`Session: a ${role} without a deflater takes compressed messages and sends none`, () => {
    const { inflater } = new FakeCompression();
    const peer = new SessionPeer(role, { compression: { inflater, deflater: undefined } });
    peer.send({ opcode: 1, rsv: 4, payload: unhex("0361") });
    assertEquals(peer.told(), ['text "aaa"']);
    peer.session.sendText("aaaa");
    assertEquals(peer.got(), ["1 61616161"]);
    peer.session.abort();
    assertEquals(inflater.closes, 1);
  });

  const faults: readonly (readonly [what: string, FrameFields[], code: string, close: number])[] = [
    ["garbage", [{ opcode: 1, rsv: 4, payload: unhex("0261 00") }], "ERR_DEFLATE_DATA", 1007],
    [
      "what is cut short",
      [
        { opcode: 2, rsv: 4, fin: false, payload: unhex("0261") },
        { opcode: 0, payload: unhex("02") },
      ],
      "ERR_DEFLATE_DATA",
      1007,
    ],
    ["text that is not UTF-8", [{ opcode: 1, rsv: 4, payload: unhex("01ff") }], "ERR_UTF8", 1007],
    [
      "what inflates to too much",
      [
        { opcode: 2, rsv: 4, payload: unhex("c80051ff") },
      ],
      "ERR_MESSAGE_TOO_LARGE",
      1009,
    ],
    [
      "too long a frame",
      [
        { opcode: 2, rsv: 4, declaredLength: 100n + 12n + 16n + 1024n + 1n },
      ],
      "ERR_FRAME_TOO_LARGE",
      1009,
    ],
    [
      "RSV1 on a continuation",
      [
        { opcode: 1, rsv: 4, fin: false, payload: unhex("0161") },
        { opcode: 0, rsv: 4 },
      ],
      "ERR_RESERVED_BITS",
      1002,
    ],
    ["RSV1 on a ping", [{ opcode: 9, rsv: 4 }], "ERR_RESERVED_BITS", 1002],
    ["RSV2", [{ opcode: 1, rsv: 6 }], "ERR_RESERVED_BITS", 1002],
  ];
  for (const [what, frames, code, closeCode] of faults) {
    Deno.test(`Session: a ${role} that compresses refuses ${what} with ${closeCode}`, () => {
      const limits = { maxFrameBytes: 100, maxMessageBytes: 280 };
      const after = [{ opcode: 1, rsv: 4, payload: unhex("0361") }, { opcode: 8 }];
      const stream = setUp(role).peer.frames(...frames, ...after);
      for (const pieces of everyCut(stream)) {
        const { peer, session, compression } = setUp(role, limits);
        peer.sendPieces(pieces);
        assertEquals(peer.told(), [code]);
        assertEquals(peer.got(), [`8 ${hex(closePayload(closeCode))}`]);
        assertEquals(session.state, "failed");
        assertEquals([compression.inflater.closes, compression.deflater.closes], [1, 1]);
      }
    });
  }

  Deno.test(`Session: a ${role} takes what inflates to exactly the limit`, () => {
    const { peer } = setUp(role, { maxFrameBytes: 100, maxMessageBytes: 280 });
    peer.send({ opcode: 2, rsv: 4, payload: unhex("c80050ff") });
    assertEquals(peer.told(), [`binary ${"00".repeat(200)}${"ff".repeat(80)}`]);
  });

  Deno.test(`Session: a ${role} gives the compression up when it is over, not before`, () => {
    const ends: readonly (readonly [string, (peer: SessionPeer) => void])[] = [
      ["the peer closes", (peer) => peer.send({ opcode: 8 })],
      ["a fault", (peer) => peer.send({ opcode: 3 })],
      ["an abort", (peer) => peer.session.abort()],
    ];
    for (const [what, end] of ends) {
      const { peer, session, compression: { inflater, deflater } } = setUp(role);
      session.close(1000, "");
      peer.send({ opcode: 1, rsv: 4, payload: unhex("0361") });
      assertEquals(peer.told(), ['text "aaa"'], "until the peer's close frame comes, data may");
      assertEquals([inflater.closes, deflater.closes], [0, 0], what);
      end(peer);
      assertEquals([inflater.closes, deflater.closes], [1, 1], what);
    }
  });

  Deno.test(`Session: a ${role} compresses nothing once a close frame was sent`, () => {
    const { peer, session, compression: { deflater } } = setUp(role);
    const sendAll = () => {
      session.sendText("aaaa");
      session.sendBinary(unhex("07070707"));
      session.sendFragment("text", unhex("6161"), { fin: false, compress: true });
    };
    session.close(1000, "");
    sendAll();
    peer.send({ opcode: 8 });
    sendAll();
    session.abort();
    sendAll();
    assertEquals(deflater.pushes.all, 0);
    assertEquals(session.fragmenting, false);
    assertEquals(peer.got(), ["8 03e8"]);
  });

  Deno.test(`Session: a ${role} that is aborted from within a compressed message tells no more`, () => {
    const trial = setUp(role, { piecewise: true });
    const stream = trial.peer.frames(...MIXED);
    const events: string[] = [];
    trial.peer.sink.onEvent = (event) => events.push(event);
    trial.peer.sendBytes(stream);
    assertEquals(events.filter((event) => event === "end").length, 3);
    for (let at = 0; at < events.length; at++) {
      const { peer, session } = setUp(role, { piecewise: true });
      const seen: string[] = [];
      let told: string[] = [];
      peer.sink.onEvent = (event) => {
        if (seen.push(event) <= at) return;
        session.abort();
        told = [...peer.sink.events];
      };
      peer.sendBytes(stream);
      assertEquals(seen, events.slice(0, at + 1));
      assertEquals(peer.told(), told, "not even another piece");
    }
  });

  Deno.test(`Session: a ${role} can tell whether the latest input brought data`, () => {
    const { peer, session } = setUp(role);
    assertEquals(session.dataSeen, false);
    const ping = peer.frames({ opcode: 9, payload: "a" });
    const text = peer.frames({ opcode: 1, fin: false, payload: "hello" });
    const last = peer.frames({ opcode: 0, rsv: 0 });
    const compressed = peer.frames({ opcode: 2, rsv: 4, payload: unhex("0361") });
    const header = text.length - 5;
    const steps: readonly (readonly [bytes: Uint8Array, expected: boolean])[] = [
      [ping, false],
      [text.subarray(0, header - 1), false], // not even a whole header
      [text.subarray(header - 1, header), true],
      [text.subarray(header, header + 2), true], // payload alone is data too
      [new Uint8Array(0), false],
      [text.subarray(header + 2), true],
      [ping, false],
      [last, true],
      [compressed.subarray(0, -2), true],
      [compressed.subarray(-2), true],
      [peer.frames({ opcode: 9 }, { opcode: 1 }, { opcode: 10 }), true],
      [peer.frames({ opcode: 10 }, { opcode: 9 }), false],
      [peer.frames({ opcode: 1, rsv: 2 }), false], // refused before it is data
    ];
    for (const [bytes, expected] of steps) {
      peer.sendBytes(bytes);
      assertEquals(session.dataSeen, expected, hex(bytes));
    }
  });
}

Deno.test("Session: without the extension a compressed message breaks the protocol", () => {
  for (const role of ROLES) {
    const peer = new SessionPeer(role);
    peer.send({ opcode: 1, rsv: 4, payload: runsOf(unhex("616161")) });
    assertEquals(peer.told(), ["ERR_RESERVED_BITS"]);
    assertEquals(peer.got(), ["8 03ea"]);
  }
});
