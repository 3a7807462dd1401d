/**
 * What the frame parser refuses (RFC 6455 §5.1, §5.2, §5.4, §5.5), in both roles: on the
 * header alone, however it is cut, and for good.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import {
  FrameParser,
  type FrameParserOptions,
  type Role,
} from "../../lib/protocol/frame_parser.ts";
import { everyCut } from "../support/cuts.ts";
import { concat, pattern, unhex } from "../support/hex.ts";
import { buildFrame, type FrameFields, SOME_MASK } from "../support/raw_frame.ts";
import { type FrameEvent, FrameRecorder } from "../support/recorder.ts";

const ROLES: readonly Role[] = ["server", "client"];

/** What a parser makes of `pieces`. */
function parse(
  role: Role,
  pieces: readonly Uint8Array[],
  options: Partial<FrameParserOptions> = {},
): string[] {
  const sink = new FrameRecorder();
  const parser = new FrameParser(sink, { role, ...options });
  for (const piece of pieces) parser.push(piece, 0, piece.length);
  return sink.events;
}

/** A frame as the peer of `role` sends it. */
function frameTo(role: Role, fields: FrameFields): Uint8Array<ArrayBuffer> {
  return buildFrame(role === "server" ? { mask: SOME_MASK, ...fields } : fields);
}

/** Asserts that `bytes`, a frame before them or not and cut anywhere, end in `code` alone. */
function assertRefused(
  { role, bytes, code, ...options }: { role: Role; bytes: Uint8Array; code: ProtocolErrorCode } & {
    allowRsv1?: boolean;
  },
): void {
  const good = frameTo(role, { opcode: 9, payload: "a" });
  for (const pieces of everyCut(concat(good, bytes))) {
    assertEquals(parse(role, pieces, options), ["control 9 61", `failure ${code}`]);
  }
}

Deno.test("FrameParser: an unmasked frame to a server is refused (RFC 6455 §5.1)", () => {
  for (const opcode of [0, 1, 2, 8, 9, 10]) {
    const bytes = buildFrame({ opcode, payload: "ab" });
    assertRefused({ role: "server", bytes, code: "ERR_MASK_MISSING" });
  }
});

Deno.test("FrameParser: a masked frame to a client is refused (RFC 6455 §5.1)", () => {
  for (const opcode of [0, 1, 2, 8, 9, 10]) {
    const bytes = buildFrame({ opcode, payload: "ab", mask: [0, 0, 0, 0] });
    assertRefused({ role: "client", bytes, code: "ERR_MASK_UNEXPECTED" });
  }
});

for (const role of ROLES) {
  const maskBit = role === "server" ? 0x80 : 0;

  Deno.test(`FrameParser: a ${role} refuses lengths that are not minimal (RFC 6455 §5.2)`, () => {
    for (const [lengthForm, lengths] of [[16, [0, 1, 125]], [64, [0, 125, 126, 65_535]]] as const) {
      for (const length of lengths) {
        const bytes = frameTo(role, { opcode: 2, lengthForm, declaredLength: BigInt(length) });
        assertRefused({ role, bytes, code: "ERR_LENGTH_NOT_MINIMAL" });
      }
    }
  });

  Deno.test(`FrameParser: a ${role} refuses a 64-bit length with its top bit set (§5.2)`, () => {
    for (const declaredLength of [2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n]) {
      const bytes = frameTo(role, { opcode: 2, declaredLength });
      assertRefused({ role, bytes, code: "ERR_LENGTH_TOP_BIT" });
    }
  });

  Deno.test(`FrameParser: a ${role} announces lengths beyond 32 bits before any payload`, () => {
    const exact = [2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 7n, 2n ** 53n - 1n];
    // Beyond 2^53 as near as a number is.
    for (const declaredLength of [...exact, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n]) {
      const header = frameTo(role, { opcode: 2, declaredLength });
      const announced = `data 2 fin ${Number(declaredLength)}`;
      assertEquals(parse(role, [header]), [announced]);
      assertEquals(parse(role, [header, Uint8Array.of(7)]).length, 2);
      const sink = new FrameRecorder();
      sink.onEvent = (event) => event === "data" ? "ERR_FRAME_TOO_LARGE" : undefined;
      const parser = new FrameParser(sink, { role });
      const stream = concat(header, pattern(100));
      parser.push(stream, 0, stream.length);
      assertEquals(sink.events, [announced, "failure ERR_FRAME_TOO_LARGE"]);
    }
  });

  Deno.test(`FrameParser: a ${role} refuses reserved bits (RFC 6455 §5.2)`, () => {
    for (const opcode of [0, 1, 2, 8, 9, 10]) {
      for (let rsv = 1; rsv <= 7; rsv++) {
        const bytes = frameTo(role, { opcode, rsv, payload: "ab" });
        assertRefused({ role, bytes, code: "ERR_RESERVED_BITS" });
      }
    }
  });

  Deno.test(`FrameParser: with RSV1 negotiated, a ${role} refuses it on control frames`, () => {
    for (const opcode of [8, 9, 10]) {
      const bytes = frameTo(role, { opcode, rsv: 4 });
      assertRefused({ role, bytes, code: "ERR_RESERVED_BITS", allowRsv1: true });
    }
    for (const rsv of [1, 2, 3, 5, 6, 7]) {
      const bytes = frameTo(role, { opcode: 1, rsv });
      assertRefused({ role, bytes, code: "ERR_RESERVED_BITS", allowRsv1: true });
    }
  });

  Deno.test(`FrameParser: a ${role} refuses unknown opcodes (RFC 6455 §5.2)`, () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      for (const fin of [true, false]) {
        const bytes = frameTo(role, { opcode, fin, payload: "ab" });
        assertRefused({ role, bytes, code: "ERR_RESERVED_OPCODE" });
      }
    }
  });

  Deno.test(`FrameParser: a ${role} refuses fragmented control frames on two bytes (§5.5)`, () => {
    for (const opcode of [8, 9, 10]) {
      const bytes = Uint8Array.of(opcode, maskBit | 2);
      assertRefused({ role, bytes, code: "ERR_CONTROL_FRAGMENTED" });
    }
  });

  Deno.test(`FrameParser: a ${role} refuses long control frames on two bytes (§5.5)`, () => {
    for (const opcode of [8, 9, 10]) {
      for (const form of [126, 127]) {
        const bytes = Uint8Array.of(0x80 | opcode, maskBit | form);
        assertRefused({ role, bytes, code: "ERR_CONTROL_TOO_LONG" });
      }
    }
  });

  Deno.test(`FrameParser: after a fault a ${role} tells nothing more, once and for all`, () => {
    const sink = new FrameRecorder();
    const parser = new FrameParser(sink, { role });
    const good = frameTo(role, { opcode: 1, payload: "ok" });
    for (const bytes of [frameTo(role, { opcode: 3 }), good, frameTo(role, { opcode: 3 })]) {
      const stream = concat(bytes, good);
      parser.push(stream, 0, stream.length);
    }
    assertEquals(sink.events, ["failure ERR_RESERVED_OPCODE"]);
  });

  Deno.test(`FrameParser: what a ${role}'s sink finds ends the parsing, wherever it finds it`, () => {
    const stream = concat(
      frameTo(role, { opcode: 1, payload: "ab" }),
      frameTo(role, { opcode: 2 }),
      frameTo(role, { opcode: 9, payload: "c" }),
      frameTo(role, { opcode: 9 }),
      frameTo(role, { opcode: 10 }),
    );
    const all = parse(role, [stream.slice()]);
    assertEquals(all.length, 8);
    for (let count = 1; count <= all.length; count++) {
      const sink = new FrameRecorder();
      const answers = (event: FrameEvent) =>
        event !== "failure" && sink.events.length === count ? "ERR_UTF8" : undefined;
      sink.onEvent = answers;
      const parser = new FrameParser(sink, { role });
      parser.push(stream.slice(), 0, stream.length);
      assertEquals(sink.events, [...all.slice(0, count), "failure ERR_UTF8"]);
    }
  });

  Deno.test(`FrameParser: a fault that the sink finds in a cut control frame, for a ${role}`, () => {
    for (const pieces of everyCut(frameTo(role, { opcode: 8, payload: "abc" }))) {
      const sink = new FrameRecorder();
      sink.onEvent = (event) => event === "control" ? "ERR_CLOSE_CODE" : undefined;
      const parser = new FrameParser(sink, { role });
      for (const piece of pieces) parser.push(piece, 0, piece.length);
      assertEquals(sink.events, ["control 8 616263", "failure ERR_CLOSE_CODE"]);
    }
  });
}

/** What a peer may say that does not speak WebSocket, and the bits that give it away. */
const STRANGERS: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ["an HTTP request", new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["another HTTP request", new TextEncoder().encode("POST / HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["an HTTP response", new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["a TLS ClientHello", unhex("1603010200 010001fc 0303")],
];

for (const [what, bytes] of STRANGERS) {
  Deno.test(`FrameParser: ${what} after the handshake breaks the protocol`, () => {
    for (const role of ROLES) {
      for (const pieces of everyCut(bytes)) {
        assertEquals(parse(role, pieces), ["failure ERR_RESERVED_BITS"]);
      }
    }
  });
}
