/**
 * A connection against a peer that breaks the rules: what the peer is told, what the close
 * event says, and that nothing bad is delivered.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ProtocolError } from "../../lib/protocol/errors.ts";
import type { ConnectionOptions } from "../../lib/connection/options.ts";
import { OP, openConnection, type RawEnd, settle } from "../support/connection_pair.ts";
import { closePayload, type FrameFields } from "../support/raw_frame.ts";

interface Fault {
  name: string;
  code: number;
  error: string;
  options?: ConnectionOptions;
  write: (peer: RawEnd) => void;
}

const long = (declaredLength: bigint): FrameFields => ({
  opcode: OP.BINARY,
  lengthForm: 64,
  declaredLength,
});
const ascii = (text: string) => new TextEncoder().encode(text);
const bytes = (...values: number[]) => new Uint8Array(values);

/** Sends frames, one after the other. */
function frames(...fields: FrameFields[]): (peer: RawEnd) => void {
  return (peer) => fields.forEach((one) => peer.send(one));
}

const FAULTS: Fault[] = [
  ...[2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n].map((length) => ({
    name: `a length of ${length}`,
    code: 1009,
    error: "ERR_FRAME_TOO_LARGE",
    write: frames(long(length)),
  })),
  {
    name: "a length with its top bit set",
    code: 1002,
    error: "ERR_LENGTH_TOP_BIT",
    write: frames(long(2n ** 63n)),
  },
  ...([[125, 16], [0, 16], [65_535, 64], [125, 64]] as const).map(([length, lengthForm]) => ({
    name: `a length of ${length} in ${lengthForm} bits`,
    code: 1002,
    error: "ERR_LENGTH_NOT_MINIMAL",
    write: frames({ opcode: OP.BINARY, lengthForm, payload: new Uint8Array(length) }),
  })),
  ...[1, 2, 3, 4, 7].map((rsv) => ({
    name: `reserved bits ${rsv}`,
    code: 1002,
    error: "ERR_RESERVED_BITS",
    write: frames({ opcode: OP.TEXT, rsv, payload: "x" }),
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    name: `opcode ${opcode}`,
    code: 1002,
    error: "ERR_RESERVED_OPCODE",
    write: frames({ opcode }),
  })),
  ...[OP.PING, OP.PONG, OP.CLOSE].flatMap((opcode) => [
    {
      name: `opcode ${opcode} in fragments`,
      code: 1002,
      error: "ERR_CONTROL_FRAGMENTED",
      write: frames({ opcode, fin: false }),
    },
    ...([16, 64] as const).map((lengthForm) => ({
      name: `opcode ${opcode} with the length in ${lengthForm} bits, its header alone`,
      code: 1002,
      error: "ERR_CONTROL_TOO_LONG",
      write: (peer: RawEnd) =>
        peer.write(peer.frame({ opcode, lengthForm, declaredLength: 126n }).subarray(0, 2)),
    })),
  ]),
  {
    name: "a data frame within a message",
    code: 1002,
    error: "ERR_CONTINUATION_EXPECTED",
    write: frames({ opcode: OP.TEXT, fin: false, payload: "a" }, { opcode: OP.TEXT, payload: "b" }),
  },
  {
    name: "a continuation of nothing",
    code: 1002,
    error: "ERR_CONTINUATION_UNEXPECTED",
    write: frames({ opcode: OP.CONT, payload: "a" }),
  },
  {
    name: "a continuation after a whole message",
    code: 1002,
    error: "ERR_CONTINUATION_UNEXPECTED",
    write: frames({ opcode: OP.CONT }),
  },
  {
    name: "1025 fragments, most of them empty",
    code: 1008,
    error: "ERR_TOO_MANY_FRAGMENTS",
    write: frames(
      { opcode: OP.TEXT, fin: false, payload: "a" },
      ...Array(1023).fill({ opcode: OP.CONT, fin: false }),
      { opcode: OP.CONT },
    ),
  },
  {
    name: "one byte beyond the limit, announced",
    code: 1009,
    error: "ERR_FRAME_TOO_LARGE",
    options: { maxMessageBytes: 100 },
    write: (peer) =>
      peer.write(
        peer.frame({ opcode: OP.BINARY, payload: new Uint8Array(101) }).subarray(0, 6),
      ),
  },
  {
    name: "one byte beyond the limit, in fragments",
    code: 1009,
    error: "ERR_MESSAGE_TOO_LARGE",
    options: { maxMessageBytes: 100 },
    write: frames(
      { opcode: OP.BINARY, fin: false, payload: new Uint8Array(100) },
      { opcode: OP.CONT, payload: "x" },
    ),
  },
  {
    name: "a frame beyond maxFrameBytes",
    code: 1009,
    error: "ERR_FRAME_TOO_LARGE",
    options: { maxMessageBytes: 100, maxFrameBytes: 10 },
    write: frames({ opcode: OP.BINARY, payload: new Uint8Array(11) }),
  },
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535].map((closeCode) => ({
    name: `close code ${closeCode}`,
    code: 1002,
    error: "ERR_CLOSE_CODE",
    write: frames({ opcode: OP.CLOSE, payload: closePayload(closeCode) }),
  })),
  {
    name: "a close body of one byte",
    code: 1002,
    error: "ERR_CLOSE_PAYLOAD",
    write: frames({ opcode: OP.CLOSE, payload: "\x03" }),
  },
  {
    name: "a close reason that is not UTF-8",
    code: 1007,
    error: "ERR_UTF8",
    write: frames({ opcode: OP.CLOSE, payload: bytes(3, 0xe8, 0xff) }),
  },
  {
    name: "a bad lead byte in the first fragment",
    code: 1007,
    error: "ERR_UTF8",
    write: frames({ opcode: OP.TEXT, fin: false, payload: bytes(0xff) }),
  },
  ...[
    ["a surrogate", bytes(0xed, 0xa0, 0x80)],
    ["an overlong form", bytes(0xc0, 0xaf)],
    ["a code point beyond U+10FFFF", bytes(0xf4, 0x90, 0x80, 0x80)],
    ["a code point that is cut off", bytes(0xe2, 0x82)],
  ].map(([name, payload]) => ({
    name: `text with ${name}`,
    code: 1007,
    error: "ERR_UTF8",
    write: frames({ opcode: OP.TEXT, payload: payload as Uint8Array }),
  })),
];

for (const role of ["server", "client"] as const) {
  const faults = FAULTS.concat({
    name: role === "server" ? "a frame without a mask" : "a frame with a mask",
    code: 1002,
    error: role === "server" ? "ERR_MASK_MISSING" : "ERR_MASK_UNEXPECTED",
    write: (peer) => {
      const other = { server: bytes(0x81, 1, 0x61), client: bytes(0x81, 0x81, 1, 2, 3, 4, 0x60) };
      peer.write(other[role]);
    },
  }, {
    name: "an HTTP request",
    code: 1002,
    error: "ERR_RESERVED_BITS",
    write: (peer) => peer.write(ascii("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
  }, {
    name: "a TLS ClientHello",
    code: 1002,
    error: "ERR_RESERVED_BITS",
    write: (peer) => peer.write(bytes(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)),
  });
  for (const { name, code, error, options, write } of faults) {
    Deno.test(`fault: ${name}, sent to a ${role}, is ${code} ${error}`, async () => {
      for (const pieces of [[Infinity], [1]]) {
        const got: unknown[] = [];
        const opened = await openConnection({
          role,
          ...(options === undefined ? {} : { options }),
          handlers: { message: (_, data) => got.push(data) },
        });
        const { peer, link } = opened;
        link.other.output.pieces = pieces;
        peer.sendText("before");
        write(peer);
        peer.sendText("after");
        peer.send({ opcode: OP.PING });
        await settle();
        assertEquals(peer.takeLines(), [`close ${code}`]);
        assertEquals(peer.ended, true);
        peer.end();
        const event = await opened.over();
        assertEquals([event.code, event.reason, event.wasClean], [code, "", false]);
        assertEquals((event.error as ProtocolError).code, error);
        assertEquals(got, ["before"]);
      }
    });
  }
}

Deno.test("fault: a peer that breaks a rule and keeps the stream is cut off after 5 s", async () => {
  for (const reads of [true, false]) {
    const opened = await openConnection({ bare: true });
    opened.link.output.stalled = !reads;
    opened.peer.write(bytes(0xff, 0xff));
    await opened.clock.advance(4999);
    assertEquals(opened.connection.state, "closing");
    await opened.clock.advance(1);
    const event = await opened.over();
    assertEquals([event.code, event.wasClean], [1002, false]);
    assertEquals((event.error as ProtocolError).code, "ERR_RESERVED_BITS");
  }
});

Deno.test("fault: exactly the limit is delivered", async () => {
  const options = { maxMessageBytes: 100, maxFragments: 3 };
  const { connection, peer } = await openConnection({ options });
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(100) });
  peer.send({ opcode: OP.TEXT, fin: false, payload: "x".repeat(50) });
  peer.send({ opcode: OP.CONT, fin: false });
  peer.send({ opcode: OP.CONT, payload: "y".repeat(50) });
  assertEquals(await connection.receive(), new Uint8Array(100));
  assertEquals(await connection.receive(), "x".repeat(50) + "y".repeat(50));
  assertEquals(connection.state, "open");
  connection.destroy();
});

Deno.test("fault: 1024 fragments are delivered", async () => {
  const { connection, peer } = await openConnection();
  for (let i = 0; i < 1024; i++) {
    peer.send({ opcode: i === 0 ? OP.TEXT : OP.CONT, fin: i === 1023, payload: i % 2 ? "x" : "" });
  }
  assertEquals(await connection.receive(), "x".repeat(512));
  connection.destroy();
});

Deno.test("fault: masks of every kind at every alignment are taken off", async () => {
  const { connection, peer } = await openConnection();
  const masks = [[0, 0, 0, 0], [255, 255, 255, 255], [1, 2, 3, 4], [0, 0, 0, 1]] as const;
  for (const mask of masks) {
    for (let length = 0; length < 40; length++) {
      const payload = crypto.getRandomValues(new Uint8Array(length));
      peer.send({ opcode: OP.BINARY, mask, payload });
      assertEquals(await connection.receive(), payload);
    }
  }
  connection.destroy();
});
