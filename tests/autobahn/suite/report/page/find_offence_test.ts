import { assertEquals } from "@std/assert";
import { fromHex } from "../../../../../autobahn/suite/report/page/bytes.js";
import { findOffence } from "../../../../../autobahn/suite/report/page/find_offence.js";
import { framesIn } from "../../../../../autobahn/suite/report/page/octet_stream.js";

type Agreed = Parameters<typeof findOffence>[1];

/** What is found in the frames of a server, told as `frame:part from+count`, and in which words. */
function find(
  hex: string,
  agreed: Partial<Agreed> = {},
): [place: string, says: string] | undefined {
  const octets = fromHex(hex.replaceAll(" ", ""));
  const frames = framesIn([{ line: 0, total: octets.length, shown: octets }]);
  const offence = findOffence(frames, { fromClient: false, deflate: false, ...agreed });
  if (!offence) return undefined;
  const { frame, part, from, count, says, rule } = offence;
  return [`${frame}:${part} ${from}+${count}`, `${says} (${rule})`];
}

Deno.test("offence: there is none in what keeps the rules", () => {
  const good = [
    "",
    "8100",
    "810161 82020000 8900 8a00",
    "010161 8900 000162 800163",
    "0101f0 00029f8c 80018a",
    "827e007e" + "00".repeat(126),
    "8800",
    "880203e8",
    "88040bb8c3a4",
    "8a7d" + "00".repeat(125),
  ];
  for (const hex of good) assertEquals(find(hex), undefined, hex);
  assertEquals(find("8180 00000000 8880 00000000", { fromClient: true }), undefined);
  assertEquals(find("c101ff 4101ff 8001ff", { deflate: true }), undefined);
});

const FAULTS: [hex: string, place: string, says: string][] = [
  ["8100 c100", "1:head 0+1", "RSV1 set, which no negotiated extension defines (RFC 6455 §5.2)"],
  [
    "b100",
    "0:head 0+1",
    "RSV2 and RSV3 set, which no negotiated extension defines (RFC 6455 §5.2)",
  ],
  ["8300", "0:head 0+1", "opcode 3 is reserved (RFC 6455 §5.2)"],
  ["8f00", "0:head 0+1", "opcode 15 is reserved (RFC 6455 §5.2)"],
  ["0900", "0:head 0+1", "a ping frame must not be fragmented (RFC 6455 §5.5)"],
  ["8000", "0:head 0+1", "a continuation frame with no message to continue (RFC 6455 §5.4)"],
  ["8100 8000", "1:head 0+1", "a continuation frame with no message to continue (RFC 6455 §5.4)"],
  [
    "0100 8900 8100",
    "2:head 0+1",
    "a text frame before the last message has ended (RFC 6455 §5.4)",
  ],
  ["818000000000", "0:head 1+1", "a frame from a server must not be masked (RFC 6455 §5.1)"],
  ["897e007e", "0:head 1+1", "a control frame carries at most 125 bytes (RFC 6455 §5.5)"],
  [
    "827f8000000000000000",
    "0:head 2+1",
    "the top bit of a length of 64 bits must be 0 (RFC 6455 §5.2)",
  ],
  ["827e0001ff", "0:head 2+2", "the length 1 is not written in its shortest form (RFC 6455 §5.2)"],
  [
    "827f000000000000ffff",
    "0:head 2+8",
    "the length 65535 is not written in its shortest form (RFC 6455 §5.2)",
  ],
  ["8102c328", "0:payload 1+1", "0x28 cannot stand here in UTF-8 (RFC 6455 §8.1)"],
  ["0101f4 800190", "1:payload 0+1", "0x90 cannot stand here in UTF-8 (RFC 6455 §8.1)"],
  ["810261c3", "0:payload 1+1", "the text ends within a character (RFC 6455 §8.1)"],
  ["0101c3 8000", "1:head 1+1", "the text ends within a character (RFC 6455 §8.1)"],
  ["880103", "0:payload 0+1", "a close code takes two bytes (RFC 6455 §5.5.1)"],
  [
    "880203ed",
    "0:payload 0+2",
    "a close frame must not carry 1005 (no code, never sent) (RFC 6455 §7.4)",
  ],
  ["88020bb7", "0:payload 0+2", "a close frame must not carry 2999 (not defined) (RFC 6455 §7.4)"],
  [
    "880503e861ff62",
    "0:payload 3+1",
    "0xff cannot stand here in UTF-8, in the reason (RFC 6455 §5.5.1)",
  ],
  ["880403e861c3", "0:payload 3+1", "the reason ends within a character (RFC 6455 §5.5.1)"],
  ["8800 8900", "1:head 0+1", "nothing may follow a close frame (RFC 6455 §5.5.1)"],
];

for (const [hex, place, says] of FAULTS) {
  Deno.test(`offence: ${hex}: ${says}`, () => assertEquals(find(hex), [place, says]));
}

Deno.test("offence: a client must mask", () => {
  assertEquals(find("8100", { fromClient: true }), [
    "0:head 1+1",
    "a frame from a client must be masked (RFC 6455 §5.1)",
  ]);
});

Deno.test("offence: with compression RSV1 has a meaning at the beginning of a message only", () => {
  assertEquals(find("4100 c000", { deflate: true }), [
    "1:head 0+1",
    "RSV1 set on a continuation frame, where nothing defines it (RFC 7692 §6)",
  ]);
  assertEquals(find("c900", { deflate: true })?.[0], "0:head 0+1");
  assertEquals(find("a100", { deflate: true })?.[0], "0:head 0+1");
  // A message that is not compressed is text as ever.
  assertEquals(find("8101ff", { deflate: true })?.[0], "0:payload 0+1");
});

Deno.test("offence: text of which a part is not shown is not judged on", () => {
  const frame = {
    opcode: 1,
    fin: false,
    rsv: 0,
    masked: false,
    length: 100,
    head: fromHex("0164"),
  };
  const rest = { ...frame, opcode: 0, fin: true, length: 1, head: fromHex("8001") };
  const frames = [
    { ...frame, payload: fromHex("61") },
    { ...rest, payload: fromHex("80") },
  ];
  assertEquals(findOffence(frames, { fromClient: false, deflate: false }), undefined);
});

Deno.test("offence: after a gap in the log a message may be under way", () => {
  const octets = { opcode: 0, fin: true, rsv: 0, masked: false, length: 1, head: fromHex("8001") };
  const frames = [{ ...octets, payload: fromHex("80"), afterGap: true }];
  assertEquals(findOffence(frames, { fromClient: false, deflate: false }), undefined);
});

Deno.test("offence: another connection begins anew after a close frame", () => {
  const close = { opcode: 8, fin: true, rsv: 0, masked: false, length: 0, head: fromHex("8800") };
  const frames = [close, close].map((frame) => ({ ...frame, payload: new Uint8Array() }));
  const agreed = { fromClient: false, deflate: false };
  assertEquals(findOffence(frames, agreed)?.frame, 1);
  assertEquals(findOffence(frames.map((frame) => ({ ...frame, begins: true })), agreed), undefined);
});
