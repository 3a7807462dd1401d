import { assertEquals } from "@std/assert";
import type { CaseResult, WireLogLine } from "../../../../../autobahn/suite/model/result.ts";
import { toHex } from "../../../../../autobahn/suite/report/page/bytes.js";
import { readWireLog } from "../../../../../autobahn/suite/report/page/wire_log.js";
import { caseResult, hexOf, octets, OPENING } from "../fixtures.ts";

/** A line for every item: what it is, where it was told, and the octets that it stands on. */
function read(wirelog: readonly WireLogLine[], given: Partial<CaseResult> = {}): string[] {
  return readWireLog(caseResult({ ...given, wirelog: [...wirelog] })).map((item) => {
    if (item.kind === "note") return item.says;
    const { kind, direction, lines } = item;
    if (kind !== "frame") return `${direction} ${kind} [${lines}]`;
    const { opcode, length, head, payload, logged, offence } = item;
    return [
      `${direction} ${opcode}/${length} ${toHex(head)} ${toHex(payload)} [${lines}]`,
      ...logged ? [] : ["not logged"],
      ...offence ? [`${offence.part} ${offence.from}: ${offence.says}`] : [],
    ].join("; ");
  });
}

/** A frame that the suite, as a client, sent. */
function sent(text: string, { opcode = 1, fin = true, rsv = 0 } = {}): WireLogLine {
  return ["TF", shown(text), opcode, fin, rsv, "00000000", null, null, false];
}

/** Text, or bytes as `0x…`, with their length. */
function shown(text: string): [number, string] {
  return [text.startsWith("0x") ? text.length / 2 - 1 : text.length, text];
}

function received(text: string, { opcode = 1, fin = true, rsv = 0 } = {}): WireLogLine {
  return ["RF", shown(text), opcode, fin, rsv, false, null];
}

const AB = "818200000000" + hexOf("ab");

Deno.test("wire log: frames stand for the octets that they were sent and received as", () => {
  const wirelog: WireLogLine[] = [
    ...OPENING,
    sent("ab"),
    ["TO", octets(AB), false],
    ["RO", octets("8101" + hexOf("c") + "890188" + "88")],
    received("c"),
    received("0x88", { opcode: 9 }),
    ["RO", octets("02")],
    ["RO", octets("03e8")],
    received("0x03e8", { opcode: 8 }),
  ];
  assertEquals(read(wirelog), [
    "sent head [0]",
    "received head [1]",
    "sent 1/2 818200000000 6162 [3]",
    "received 1/1 8101 63 [4]",
    "received 9/1 8901 88 [4]",
    "received 8/2 8802 03e8 [4,7,8]",
  ]);
});

Deno.test("wire log: a frame in many writes keeps them all, and what stands between stays", () => {
  const wirelog: WireLogLine[] = [
    ...OPENING,
    sent("ab"),
    ["TO", octets(AB.slice(0, 2)), true],
    ["KL", 1],
    ...(AB.slice(2).match(/../g) ?? []).map((octet): WireLogLine => ["TO", octets(octet), true]),
    ["KLE"],
  ];
  assertEquals(read(wirelog).slice(2), [
    "sent 1/2 818200000000 6162 [3,5,6,7,8,9,10,11]",
    "Gives the agent up in 1 s.",
    "Gives the agent up.",
  ]);
});

Deno.test("wire log: what the suite refused is seen in the octets", () => {
  const wirelog: WireLogLine[] = [...OPENING, ["RO", octets("c100")], ["RO", octets("8900")]];
  assertEquals(read(wirelog).slice(2), [
    "received 1/0 c100  [2]; not logged; head 0: RSV1 set, which no negotiated extension defines",
    "received 9/0 8900  [3]; not logged",
  ]);
});

Deno.test("wire log: what is sent octet by octet is found between frames that are logged", () => {
  const wirelog: WireLogLine[] = [
    ...OPENING,
    ["TO", octets("838000000000"), false],
    sent("ab"),
    ["TO", octets(AB), false],
  ];
  assertEquals(read(wirelog).slice(2), [
    "sent 3/0 838000000000  [2]; not logged; head 0: opcode 3 is reserved",
    "sent 1/2 818200000000 6162 [4]",
  ]);
});

Deno.test("wire log: a frame whose octets are not shown has the header that it must have had", () => {
  const long = "x".repeat(64);
  const frame = (length: number): WireLogLine[] => [
    ...OPENING,
    ["TF", [1, "x"], 2, false, 0, "01020304", length, null, false],
  ];
  assertEquals(read(frame(65536)).at(-1), "sent 2/65536 02ff000000000001000001020304 78 []");
  assertEquals(read(frame(126)).at(-1), "sent 2/126 02fe007e01020304 78 []");
  const cut: WireLogLine = ["RF", [70000, `${long} ...`], 1, true, 0, false, null];
  assertEquals(
    read([...OPENING, ["RO", octets("00".repeat(99))], cut]).at(-1),
    `received 1/70000 817f0000000000011170 ${hexOf(long)} []`,
  );
});

Deno.test("wire log: after a pause octets count only with the frame that they belong to", () => {
  const wirelog: WireLogLine[] = [
    ...OPENING,
    ["WLM", false],
    ["WLM", true],
    ["RO", octets("616263")],
    sent("0x03e8", { opcode: 8 }),
    ["TO", octets("88820000000003e8"), false],
    ["RO", octets("880203e8")],
    received("0x03e8", { opcode: 8 }),
  ];
  const lines = read(wirelog).slice(2);
  assertEquals(lines[0], "The log pauses: what passes is not kept.");
  assertEquals(lines[1], "The log goes on.");
  assertEquals(lines.filter((line) => line.includes("8/")), [
    "sent 8/2 888200000000 03e8 [6]",
    "received 8/2 8802 03e8 []",
  ]);
  assertEquals(lines.filter((line) => line.includes(";")), []);
});

Deno.test("wire log: a server's frames from a client must be masked", () => {
  const opening: WireLogLine[] = [
    ["RO", OPENING[0]?.[1] as [number, string]],
    ["TO", OPENING[1]?.[1] as [number, string], false],
  ];
  const wirelog: WireLogLine[] = [
    ...opening,
    ["TF", [0, ""], 1, true, 0, null, null, null, false],
    ["TO", octets("8100"), false],
    ["RO", octets("8100")],
  ];
  assertEquals(read(wirelog, { isServer: true }).slice(2), [
    "sent 1/0 8100  [3]",
    "received 1/0 8100  [4]; not logged; head 1: a frame from a client must be masked",
  ]);
});

Deno.test("wire log: compression that was agreed on gives RSV1 a meaning", () => {
  const response = "HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  const wirelog: WireLogLine[] = [
    ["TO", OPENING[0]?.[1] as [number, string], false],
    ["RO", octets(hexOf(response))],
    ["RO", octets("c101ff")],
  ];
  assertEquals(
    read(wirelog, { httpResponse: response }).at(-1),
    "received 1/1 c101 ff [2]; not logged",
  );
});

Deno.test("wire log: octets without an agreed protocol are no frames", () => {
  const refusal = "HTTP/1.1 400 Bad Request\r\n\r\n";
  const wirelog: WireLogLine[] = [
    ["TO", octets(hexOf("GET / HTTP/1.1\r\n\r\n")), false],
    ["RO", octets(hexOf(refusal) + "8300")],
    ["RO", octets("8300")],
    ["TO", octets("8300"), false],
  ];
  assertEquals(read(wirelog, { httpResponse: refusal }), [
    "sent head [0]",
    "received head [1]",
    "received octets [2]",
    "sent octets [3]",
  ]);
});

Deno.test("wire log: a head in single octets, and frames on its last line", () => {
  const request = "GET / HTTP/1.1\r\n\r\n";
  const single = (hexOf(request).match(/../g) ?? [])
    .map((octet): WireLogLine => ["TO", octets(octet), true]);
  const wirelog: WireLogLine[] = [
    ...single,
    ["RO", octets(hexOf("HTTP/1.1 101 x\r\n\r\n") + "8900")],
  ];
  assertEquals(read(wirelog, { httpRequest: "", httpResponse: "" }), [
    `sent head [${single.map((_, line) => line)}]`,
    `received 9/0 8900  [${single.length}]; not logged`,
  ]);
});

Deno.test("wire log: another connection in the same log begins anew", () => {
  const wirelog: WireLogLine[] = [
    ...OPENING,
    ["RO", octets("8800")],
    ...OPENING,
    ["RO", octets("8900")],
  ];
  assertEquals(read(wirelog), [
    "sent head [0]",
    "received head [1]",
    "received 8/0 8800  [2]; not logged",
    "sent head [3]",
    "received head [4]",
    "received 9/0 8900  [5]; not logged",
  ]);
});

Deno.test("wire log: octets of several connections at once are not taken apart", () => {
  const [request, response] = OPENING as [WireLogLine, WireLogLine];
  const wirelog = [request, request, response, response, ["RO", octets("8300")] as WireLogLine];
  assertEquals(read(wirelog), ["sent head [0,1]", "received head [2,3]", "received octets [4]"]);
});

Deno.test("wire log: a head in Latin-1 or UTF-8 ends where its write does", () => {
  const request = "GET / HTTP/1.1\r\nX-Name: " + "café ".repeat(9) + "\r\n\r\n";
  const latin1 = Array.from(request, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  for (const head of [latin1, hexOf(request)]) {
    const wirelog: WireLogLine[] = [
      ["TO", octets(head), false],
      OPENING[1] as WireLogLine,
      ["TO", octets("898000000000"), false],
    ];
    assertEquals(read(wirelog, { httpRequest: request }), [
      "sent head [0]",
      "received head [1]",
      "sent 9/0 898000000000  [2]; not logged",
    ]);
  }
});

Deno.test("wire log: a request that comes in place of a frame is an offence", () => {
  const wirelog: WireLogLine[] = [...OPENING, [
    "TO",
    octets(hexOf("GET / HTTP/1.1\r\n\r\n")),
    false,
  ]];
  // G is 0x47: RSV1 and opcode 7; E is 0x45: a length of 69, not masked.
  assertEquals(
    read(wirelog).at(-1)?.replace(/ [0-9a-f]{10,}/, ""),
    [
      "sent 7/69 4745 [2]",
      "not logged",
      "head 0: RSV1 set, which no negotiated extension defines",
    ].join("; "),
  );
});

Deno.test("wire log: waits and timers are told in words", () => {
  const wirelog: WireLogLine[] = [
    ["CT", 0.5, "A"],
    ["CTE", "A"],
    ["CT", 1, null],
    ["CTE", null],
    ["TI", 1],
    ["TIE"],
  ];
  assertEquals(read(wirelog), [
    "Waits for 0.5 s, “A”.",
    "The wait has ended, “A”.",
    "Waits for 1 s.",
    "The wait has ended.",
    "Closes in 1 s.",
    "Closes.",
  ]);
});

Deno.test("wire log: nothing logged is nothing to show", () => {
  assertEquals(read([]), []);
});
