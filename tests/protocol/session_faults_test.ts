/**
 * What a session refuses, and how it says so (RFC 6455 §7.1.7): one close frame with the
 * code of the fault, one event, and nothing more.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ProtocolError, type ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import { everyCut } from "../support/cuts.ts";
import { hex, unhex } from "../support/hex.ts";
import { closePayload, type FrameFields } from "../support/raw_frame.ts";
import { SessionPeer } from "../support/session_peer.ts";

const ROLES = ["server", "client"] as const;

/** A fault: the frames that lead to it, what is delivered before it, and the two codes. */
interface Case {
  readonly what: string;
  readonly frames: readonly FrameFields[];
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
  readonly told?: readonly string[];
}

const text = (payload: FrameFields["payload"] = "a", fin = true): FrameFields => (
  { opcode: 1, payload: payload ?? "", fin }
);
const more = (payload: FrameFields["payload"] = "a", fin = true): FrameFields => (
  { opcode: 0, payload: payload ?? "", fin }
);

const CASES: readonly Case[] = [
  {
    what: "a reserved bit (§5.2)",
    frames: [text(), { opcode: 1, rsv: 4 }],
    code: "ERR_RESERVED_BITS",
    closeCode: 1002,
    told: ['text "a"'],
  },
  {
    what: "a reserved opcode (§5.2)",
    frames: [{ opcode: 11 }],
    code: "ERR_RESERVED_OPCODE",
    closeCode: 1002,
  },
  {
    what: "a fragmented ping (§5.5)",
    frames: [text("a", false), { opcode: 9, fin: false }],
    code: "ERR_CONTROL_FRAGMENTED",
    closeCode: 1002,
  },
  {
    what: "a ping of 126 bytes (§5.5)",
    frames: [{ opcode: 9, payload: "a".repeat(126) }],
    code: "ERR_CONTROL_TOO_LONG",
    closeCode: 1002,
  },
  {
    what: "a length that is not minimal (§5.2)",
    frames: [{ opcode: 2, payload: "a", lengthForm: 16 }],
    code: "ERR_LENGTH_NOT_MINIMAL",
    closeCode: 1002,
  },
  {
    what: "a length with its top bit set (§5.2)",
    frames: [{ opcode: 2, declaredLength: 2n ** 63n }],
    code: "ERR_LENGTH_TOP_BIT",
    closeCode: 1002,
  },
  {
    what: "a new text within a message (§5.4)",
    frames: [text("a", false), text()],
    code: "ERR_CONTINUATION_EXPECTED",
    closeCode: 1002,
  },
  {
    what: "a new binary message within a text (§5.4)",
    frames: [text("a", false), { opcode: 9 }, { opcode: 2, fin: false }],
    code: "ERR_CONTINUATION_EXPECTED",
    closeCode: 1002,
    told: ["ping "],
  },
  {
    what: "a continuation at the start (§5.4)",
    frames: [more()],
    code: "ERR_CONTINUATION_UNEXPECTED",
    closeCode: 1002,
  },
  {
    what: "a continuation after a whole message (§5.4)",
    frames: [text("a", false), more(), more("", false)],
    code: "ERR_CONTINUATION_UNEXPECTED",
    closeCode: 1002,
    told: ['text "aa"'],
  },
  {
    what: "a surrogate in text (§8.1)",
    frames: [text(unhex("61 eda080"))],
    code: "ERR_UTF8",
    closeCode: 1007,
  },
  {
    what: "an overlong form in the second fragment of a text (§8.1)",
    frames: [text("a", false), more(unhex("c080"), false)],
    code: "ERR_UTF8",
    closeCode: 1007,
  },
  {
    what: "text that ends within a code point (§8.1)",
    frames: [text(unhex("f09f"), false), { opcode: 10 }, more(unhex("98"))],
    code: "ERR_UTF8",
    closeCode: 1007,
    told: ["pong "],
  },
  {
    what: "a frame beyond maxFrameBytes (§10.4)",
    frames: [{ opcode: 2, declaredLength: 101n }],
    code: "ERR_FRAME_TOO_LARGE",
    closeCode: 1009,
  },
  {
    what: "a fragment beyond maxFrameBytes (§10.4)",
    frames: [text("a", false), { opcode: 0, declaredLength: 101n }],
    code: "ERR_FRAME_TOO_LARGE",
    closeCode: 1009,
  },
  ...[
    ...[65_535n, 65_536n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n],
    2n ** 63n - 1n,
  ].map((declaredLength): Case => ({
    what: `a frame of ${declaredLength} bytes (§10.4)`,
    frames: [{ opcode: 2, declaredLength }],
    code: "ERR_FRAME_TOO_LARGE",
    closeCode: 1009,
  })),
  {
    what: "a message beyond maxMessageBytes in fragments (§10.4)",
    frames: [text("a".repeat(100), false), more("b".repeat(51))],
    code: "ERR_MESSAGE_TOO_LARGE",
    closeCode: 1009,
  },
  {
    what: "one fragment too many (§10.4)",
    frames: [text("", false), ...Array.from({ length: 9 }, () => more("", false)), more("", true)],
    code: "ERR_TOO_MANY_FRAGMENTS",
    closeCode: 1008,
  },
];

const LIMITS = { maxFrameBytes: 100, maxMessageBytes: 150, maxFragments: 10 };

for (const role of ROLES) {
  for (const { what, frames, code, closeCode, told = [] } of CASES) {
    Deno.test(`Session: a ${role} refuses ${what} with ${closeCode}, however it is cut`, () => {
      const stream = new SessionPeer(role).frames(...frames, text(), { opcode: 8 });
      for (const pieces of everyCut(stream)) {
        const peer = new SessionPeer(role, LIMITS);
        peer.sendPieces(pieces);
        assertEquals(peer.told(), [...told, code]);
        const closing = [`8 ${hex(closePayload(closeCode))}`];
        assertEquals(peer.got().filter((line) => !line.startsWith("10 ")), closing);
        assertEquals(peer.session.state, "failed");
      }
    });
  }

  Deno.test(`Session: a ${role} accepts what is exactly at the limits`, () => {
    const peer = new SessionPeer(role, LIMITS);
    peer.send({ opcode: 2, payload: "b".repeat(100) });
    peer.send(text("a".repeat(100), false), more("b".repeat(50)));
    peer.send(text("", false), ...Array.from({ length: 8 }, () => more("", false)), more(""));
    assertEquals(peer.told(), [
      `binary ${"62".repeat(100)}`,
      `text "${"a".repeat(100)}${"b".repeat(50)}"`,
      'text ""',
    ]);
  });

  Deno.test(`Session: a ${role} refuses a bad lead byte in the first of four fragments at once`, () => {
    const peer = new SessionPeer(role);
    peer.send(text(unhex("61 c0"), false));
    assertEquals(peer.told(), ["ERR_UTF8"]);
    assertEquals(peer.got(), ["8 03ef"]);
  });

  Deno.test(`Session: a ${role} refuses a bad byte before its frame is complete`, () => {
    const peer = new SessionPeer(role);
    const bytes = peer.frames(text(unhex("61ff61616161")));
    peer.sendBytes(bytes.subarray(0, bytes.length - 4));
    assertEquals(peer.told(), ["ERR_UTF8"]);
  });

  Deno.test(`Session: a ${role} that sent a close frame sends no second one for a fault`, () => {
    const peer = new SessionPeer(role);
    peer.session.close(1000, "");
    peer.send({ opcode: 3 }, text());
    assertEquals(peer.told(), ["ERR_RESERVED_OPCODE"]);
    assertEquals(peer.got(), ["8 03e8"]);
    assertEquals(peer.session.state, "failed");
  });

  Deno.test(`Session: after a fault a ${role} sends nothing more`, () => {
    const peer = new SessionPeer(role);
    peer.send({ opcode: 3 });
    peer.session.sendText("a");
    peer.session.ping(unhex("01"));
    peer.session.close(1000, "");
    peer.send({ opcode: 9 });
    assertEquals(peer.told(), ["ERR_RESERVED_OPCODE"]);
    assertEquals(peer.got(), ["8 03ea"]);
  });

  Deno.test(`Session: a ${role} has spoken and stopped before its owner hears of a fault`, () => {
    const peer = new SessionPeer(role);
    const errors: ProtocolError[] = [];
    peer.sink.onFailure = (error) => {
      errors.push(error);
      assertEquals(peer.session.state, "failed");
      assertEquals(peer.got(), ["8 03ea"]);
    };
    peer.send(more());
    assertEquals(errors, [new ProtocolError("ERR_CONTINUATION_UNEXPECTED")]);
  });
}

Deno.test("Session: frames that are masked for the wrong role are refused (RFC 6455 §5.1)", () => {
  const cases = [
    ["server", "810161", "ERR_MASK_MISSING"],
    ["client", "818100000000 61", "ERR_MASK_UNEXPECTED"],
  ] as const;
  for (const [role, bytes, code] of cases) {
    for (const pieces of everyCut(unhex(bytes))) {
      const peer = new SessionPeer(role);
      peer.sendPieces(pieces);
      assertEquals(peer.told(), [code]);
      assertEquals(peer.got(), ["8 03ea"]);
    }
  }
});

Deno.test("Session: an HTTP request or a TLS ClientHello after 101 is refused with 1002", () => {
  const request = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (const bytes of [request, unhex("1603010200010001fc0303")]) {
    for (const role of ROLES) {
      const peer = new SessionPeer(role);
      peer.sendBytes(bytes);
      assertEquals(peer.told(), ["ERR_RESERVED_BITS"]);
      assertEquals(peer.got(), ["8 03ea"]);
    }
  }
});
