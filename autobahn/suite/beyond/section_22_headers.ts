/**
 * Section 22, second part: reserved bits, opcodes and lengths, and bytes that are no frames.
 *
 * @module
 */
import { filled, fromHex, repeated } from "../cases/bytes.ts";
import { frame, goesOn, text, textBegins } from "../cases/frames.ts";
import type { Case, FrameSpec } from "../model/case.ts";
import { utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { type OffencePlan, offences, offencesOf } from "./offence.ts";
import { failure, type FailurePlan, numbered } from "./scripts.ts";

/** Failures that share all but what is sent. */
function failuresOf(
  shared: Omit<FailurePlan, "description" | "sends">,
  sends: Readonly<Record<string, readonly FrameSpec[]>>,
): FailurePlan[] {
  return Object.entries(sends).map(([description, frames]) => ({
    description,
    sends: frames,
    ...shared,
  }));
}

const RESERVED_BITS = failuresOf({ rule: "RFC 6455 §5.2" }, {
  "An empty text has RSV1 set.": [text("", { rsv: 4 })],
  "An empty binary message has all reserved bits set.": [frame(OPCODE.binary, "", { rsv: 7 })],
  "The first fragment of a text has RSV2 set.": [text("one half", { rsv: 2, fin: false })],
  "The second of three fragments has RSV1 set.": [
    textBegins("one"),
    frame(OPCODE.continuation, "two", { rsv: 4, fin: false }),
  ],
  "The last fragment has RSV2 set.": [
    textBegins("one half"),
    frame(OPCODE.continuation, "the other", { rsv: 2 }),
  ],
  "The last fragment has RSV3 set.": [
    textBegins("one half"),
    frame(OPCODE.continuation, "the other", { rsv: 1 }),
  ],
  "A ping has RSV1 set.": [frame(OPCODE.ping, "", { rsv: 4 })],
  "A ping has RSV3 set.": [frame(OPCODE.ping, "hello", { rsv: 1 })],
  "A pong has RSV2 set.": [frame(OPCODE.pong, "hello", { rsv: 2 })],
});

const OPCODES = failuresOf({ rule: "RFC 6455 §5.2" }, {
  "A frame has the reserved opcode 3 and is not the last of its message.": [
    frame(3, "", { fin: false }),
  ],
  "Within a fragmented text comes a frame with the reserved opcode 3.": [
    textBegins("one half"),
    frame(3, "no continuation"),
  ],
  "Within a fragmented text comes a frame with the reserved opcode 7.": [
    textBegins("one half"),
    frame(7, "no continuation", { fin: false }),
  ],
  "Within a fragmented text comes a frame with the reserved opcode 11.": [
    textBegins("one half"),
    frame(11, "no ping"),
  ],
  "Within a fragmented text comes a frame with the reserved opcode 15.": [
    textBegins("one half"),
    frame(15),
  ],
  "A frame with the reserved opcode 11 has 70,000 bytes.": [frame(11, filled(0x2a, 70_000))],
});

/** Lengths that are written in a longer form than they need. */
const NOT_MINIMAL: readonly OffencePlan[] = offencesOf({
  rule: "RFC 6455 §5.2",
  level: "SHOULD",
  expectation: "The testee fails the connection, for no sender may do so. One that takes the " +
    "frame is not strict, and that is all.",
}, {
  "A length of 0 is written in 16 bits.": [text("", { lengthBits: 16 })],
  "A length of 1 is written in 16 bits.": [text("a", { lengthBits: 16 })],
  "A length of 125 is written in 16 bits.": [text("a".repeat(125), { lengthBits: 16 })],
  "A length of 0 is written in 64 bits.": [text("", { lengthBits: 64 })],
  "A length of 125 is written in 64 bits.": [text("a".repeat(125), { lengthBits: 64 })],
  "A length of 126 is written in 64 bits.": [text("a".repeat(126), { lengthBits: 64 })],
  "A length of 65,535 is written in 64 bits.": [text("a".repeat(65_535), { lengthBits: 64 })],
  "A continuation has a length of 4, written in 16 bits.": [
    textBegins("one half"),
    frame(OPCODE.continuation, "more", { lengthBits: 16 }),
  ],
});

const LONG_CONTROL = failuresOf({ rule: "RFC 6455 §5.5" }, {
  "A ping of 126 bytes comes.": [frame(OPCODE.ping, filled(0x2a, 126))],
  "A pong of 126 bytes comes.": [frame(OPCODE.pong, filled(0x2a, 126))],
  "A ping of 65,536 bytes comes.": [frame(OPCODE.ping, filled(0x2a, 65_536))],
  "A pong of 65,536 bytes comes.": [frame(OPCODE.pong, filled(0x2a, 65_536))],
  "A ping comes that is not the last of its fragments.": [
    frame(OPCODE.ping, "one half", { fin: false }),
  ],
  "A pong comes that is not the last of its fragments, within a fragmented text.": [
    textBegins("one half"),
    frame(OPCODE.pong, "", { fin: false }),
    goesOn("more"),
  ],
});

const HEADER_ALONE: readonly OffencePlan[] = offencesOf({
  rule: "RFC 6455 §5.5",
  level: "SHOULD",
  expectation:
    "The testee fails the connection on the header alone. One that waits for a payload " +
    "that it cannot take is not strict, and that is all.",
}, {
  "Of a ping that declares 126 bytes, only the header comes.": [
    { opcode: OPCODE.ping, declaredLength: 126n },
  ],
  "Of a ping that declares 65,536 bytes, only the header comes.": [
    { opcode: OPCODE.ping, declaredLength: 65_536n },
  ],
  "Of a close frame that declares 126 bytes, only the header comes.": [
    { opcode: OPCODE.close, declaredLength: 126n },
  ],
  "Of a ping that is not the last of its fragments, only the header comes.": [
    { opcode: OPCODE.ping, fin: false, declaredLength: 100n },
  ],
  "Of a frame with the reserved opcode 5, only the header comes.": [
    { opcode: 5, declaredLength: 1_000n },
  ],
  "Of a frame with RSV2 set, only the header comes.": [
    { opcode: OPCODE.text, rsv: 2, declaredLength: 1_000n },
  ],
});

/** A frame that declares a length, and brings 1,000 bytes. */
function declares(declaredLength: bigint): readonly FrameSpec[] {
  return [{ opcode: OPCODE.binary, declaredLength, payload: filled(0x2a, 1_000) }];
}

const HUGE: readonly OffencePlan[] = [
  ...offencesOf({ rule: "RFC 6455 §5.2", codes: [1002, 1009] }, {
    "A frame declares 2^63 bytes: the top bit of the length is set.": declares(2n ** 63n),
    "A frame declares 2^64 - 1 bytes.": declares(2n ** 64n - 1n),
    "A frame declares 2^63 + 5 bytes, and brings 5.": [
      { opcode: OPCODE.text, declaredLength: 2n ** 63n + 5n, payload: utf8("hello") },
    ],
  }),
  ...offencesOf({
    rule: "RFC 6455 §5.2, §10.4",
    codes: [1009, 1002, 1008],
    mayWait: true,
    patience: 2_000,
  }, {
    "A frame declares 2^31 bytes, and brings 1,000.": declares(2n ** 31n),
    "A frame declares 2^32 bytes, and brings 1,000.": declares(2n ** 32n),
    "A frame declares 2^32 + 5 bytes, and brings 1,000.": declares(2n ** 32n + 5n),
    "A frame declares 2^53 - 1 bytes, and brings 1,000.": declares(2n ** 53n - 1n),
    "A frame declares 2^53 bytes, and brings 1,000.": declares(2n ** 53n),
    "A frame declares 2^62 bytes, and brings 1,000.": declares(2n ** 62n),
    "A frame declares 2^63 - 1 bytes, and brings 1,000.": declares(2n ** 63n - 1n),
  }),
];

const NO_FRAMES: readonly OffencePlan[] = [
  ...offencesOf({ rule: "RFC 6455 §5.2", testees: ["server"] }, {
    "A request of HTTP comes after the opening handshake.": utf8(
      "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
    ),
    "A ClientHello of TLS comes after the opening handshake.": fromHex(
      "16 03 01 00 2f 01 00 00 2b 03 03 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
    ),
  }),
  ...offencesOf({ rule: "RFC 6455 §5.2", testees: ["client"] }, {
    "A response of HTTP comes after the opening handshake.": utf8(
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ),
    "A ServerHello of TLS comes after the opening handshake.": fromHex(
      "16 03 03 00 2a 02 00 00 26 03 03 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
    ),
  }),
  ...offencesOf({ rule: "RFC 6455 §5.2" }, {
    "Lines of text come after the opening handshake.": utf8("SSH-2.0-Suite_1.0\r\n"),
    "Zeros come after the opening handshake, 64 of them.": new Uint8Array(64),
    "Bytes with all bits set come after the opening handshake, 64 of them.": filled(0xff, 64),
    "The bytes 01 to 7f come again and again after the opening handshake.": repeated(
      Uint8Array.from({ length: 127 }, (_, index) => index + 1),
      1_000,
    ),
  }),
];

/** Headers. */
export const HEADERS: readonly Case[] = [
  ...numbered("22.5", { plans: RESERVED_BITS, make: failure }),
  ...numbered("22.6", { plans: OPCODES, make: failure }),
  ...offences("22.7", NOT_MINIMAL),
  ...numbered("22.8", { plans: LONG_CONTROL, make: failure }),
  ...offences("22.9", HEADER_ALONE),
  ...offences("22.10", HUGE),
  ...offences("22.11", NO_FRAMES),
];
