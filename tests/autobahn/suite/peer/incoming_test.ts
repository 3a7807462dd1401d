/**
 * What the testee sends: messages, control frames, and faults.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Incoming } from "../../../../autobahn/suite/peer/incoming.ts";
import { TrafficCounter } from "../../../../autobahn/suite/peer/traffic.ts";
import { encodeFrame } from "../../../../autobahn/suite/wire/frame.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { concat, hex, unhex } from "../../../support/hex.ts";

const DIRECTION = { noContextTakeover: false, windowBits: 15 };
const DEFLATE = { incoming: DIRECTION, outgoing: DIRECTION };

interface SetUp {
  isServer?: boolean;
  deflate?: boolean;
}

/** What is told of frames, given in digits. */
function told(frames: string, { isServer = false, deflate = false }: SetUp = {}): string[] {
  return feed([unhex(frames)], { isServer, deflate }).events;
}

function feed(
  pieces: readonly Uint8Array[],
  { isServer = false, deflate = false }: SetUp = {},
): { events: string[]; log: WireLog; traffic: TrafficCounter } {
  const events: string[] = [];
  const log = new WireLog();
  const traffic = new TrafficCounter();
  const incoming: Incoming = new Incoming({
    message: (payload, binary) => events.push(`${binary ? "binary" : "text"} ${hex(payload)}`),
    ping: (payload) => events.push(`ping ${hex(payload)}`),
    pong: (payload) => events.push(`pong ${hex(payload)}`),
    close: (body) => events.push(`close ${hex(body)}`),
    fault: (code, words) => {
      events.push(`${code} ${words}`);
      incoming.fail();
    },
  }, { isServer, deflate: deflate ? DEFLATE : undefined, log, traffic });
  for (const piece of pieces) incoming.push(piece.slice());
  incoming.stop();
  return { events, log, traffic };
}

Deno.test("incoming: messages, whole and in fragments, with control frames between them", () => {
  assertEquals(told("810141 8200 010142 890170 000143 8a00 800144 880203e8"), [
    "text 41",
    "binary ",
    "ping 70",
    "pong ",
    "text 424344",
    "close 03e8",
  ]);
});

Deno.test("incoming: the same byte by byte, and masked", () => {
  const stream = concat(
    encodeFrame({ opcode: 1, payload: unhex("e2"), fin: false }, { masked: true }),
    encodeFrame({ opcode: 9, payload: unhex("70") }, { masked: true }),
    encodeFrame({ opcode: 0, payload: unhex("82ac") }, { masked: true }),
    encodeFrame({ opcode: 8 }, { masked: true }),
  );
  const pieces = Array.from(stream, (byte) => Uint8Array.of(byte));
  assertEquals(feed(pieces, { isServer: true }).events, ["ping 70", "text e282ac", "close "]);
});

Deno.test("incoming: frames that break a rule, each with its words", () => {
  const rows: [frames: string, words: string, setUp?: SetUp][] = [
    ["c10141", "RSV is 4, and no extension gives it a meaning"],
    ["a10141", "RSV is 2, and no extension gives it a meaning", { deflate: true }],
    ["810141", "a frame from a client must be masked", { isServer: true }],
    ["81810000000041", "a frame from a server must not be masked"],
    ["817e000141", "the length must have its shortest form"],
    ["817f000000000000000141", "the length must have its shortest form"],
    ["827f8000000000000000", "the top bit of the length must be 0"],
    ["0900", "a control frame must not be fragmented"],
    [`8a7e007e${"00".repeat(126)}`, "a control frame has at most 125 bytes"],
    ["8b00", "the opcode 11 is reserved"],
    ["880103", "a close frame's body is 1 byte long"],
    ["c900", "a control frame must not be compressed", { deflate: true }],
    ["8300", "the opcode 3 is reserved"],
    ["8000", "a continuation frame came outside of a message"],
    ["010141 820142", "a message began within another"],
    ["410100 c00142", "a continuation frame has RSV1 set", { deflate: true }],
  ];
  for (const [frames, words, setUp] of rows) {
    assertEquals(told(frames, setUp).filter((event) => /^1002/.test(event)), [`1002 ${words}`]);
  }
});

Deno.test("incoming: text is checked as it comes, before its frame is complete", () => {
  const { events } = feed([unhex("8105 4142ff")]);
  assertEquals(events, ["1007 the text is not UTF-8 from byte 2 on"]);
});

Deno.test("incoming: a text that was refused is refused again at its end", () => {
  assertEquals(told("8101ff"), [
    "1007 the text is not UTF-8 from byte 0 on",
    "1007 the text is not UTF-8 from byte 0 on",
  ]);
  assertEquals(told("8101e2"), ["1007 the text ends within a character"]);
  assertEquals(told("0101e2 80018c"), ["1007 the text ends within a character"]);
});

Deno.test("incoming: after a fault, frames are read on, and messages are not told", () => {
  assertEquals(told("c10141 810142 8a00 890170 880203ea"), [
    "1002 RSV is 4, and no extension gives it a meaning",
    "pong ",
    "ping 70",
    "close 03ea",
  ]);
});

Deno.test("incoming: compressed messages, also in fragments, beside others", () => {
  assertEquals(
    told("c107f248cdc9c90700 810141 4103f248cd 8004c9c90700", { deflate: true }),
    ["text 48656c6c6f", "text 41", "text 48656c6c6f"],
  );
});

Deno.test("incoming: compressed data that is not valid, or no text", () => {
  assertEquals(told("c101ff", { deflate: true }).length, 1);
  assertEquals(told("c101ff", { deflate: true })[0]?.slice(0, 5), "1007 ");
  // A block that is not compressed, with the byte FF in it.
  assertEquals(told("c107000100feffff00", { deflate: true }), [
    "1007 the text is not UTF-8 from byte 0 on",
  ]);
  assertEquals(told("c207000100feffff00", { deflate: true }), ["binary ff"]);
});

Deno.test("incoming: the log has frames and their beginning; traffic is counted", () => {
  const { log, traffic } = feed([unhex(`827e0080${"aa".repeat(128)}`), unhex("0101 41 8001 42")]);
  assertEquals(log.lines, [
    ["RF", [128, `0x${"aa".repeat(64)} ...`], 2, true, 0, false, null],
    ["RF", [1, "A"], 1, false, 0, false, null],
    ["RF", [1, "B"], 0, true, 0, false, null],
  ]);
  const { webSocket, application, frames, messages } = traffic;
  assertEquals({ webSocket, application, frames, messages }, {
    webSocket: 130,
    application: 130,
    frames: 3,
    messages: 2,
  });
});
