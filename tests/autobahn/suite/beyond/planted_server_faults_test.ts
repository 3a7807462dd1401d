/**
 * Servers with a fault each fail the cases that are about it, and no others.
 */
import { assertEquals } from "@std/assert";
import type { FrameSpec } from "../../../../autobahn/suite/model/case.ts";
import { compareIds } from "../../../../autobahn/suite/model/ids.ts";
import { testServer } from "../../../../autobahn/suite/run/test_server.ts";
import { serve } from "../../../../lib/mod.ts";
import { MendingProxy } from "./mending_proxy.ts";
import {
  casesOf,
  each,
  isGood,
  made,
  type Planted,
  range,
  setField,
  shortened,
  TOGETHER,
  withField,
  ZEROS,
} from "./planted.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** The body of a close frame with 1000. */
const NORMAL = Uint8Array.of(0x03, 0xe8);

const SERVERS: Readonly<Record<string, Planted>> = {
  "any method will do": {
    mending: { request: (head) => head.replace(/^[A-Za-z]+ /, "GET ") },
    groups: ["20.3"],
    fails: [...range("20.3", 1, 6), "20.3.9"],
  },
  "HTTP/1.0 will do": {
    mending: { request: (head) => head.replace(" HTTP/1.0\r\n", " HTTP/1.1\r\n") },
    groups: ["20.3"],
    fails: ["20.3.7"],
  },
  "Host may be missing": {
    mending: { request: (head) => withField(head, "Host", "127.0.0.1") },
    groups: ["20.4"],
    fails: ["20.4.1"],
  },
  "Upgrade is not looked at": {
    mending: { request: (head) => setField(head, "Upgrade", "websocket") },
    groups: ["20.5"],
    fails: range("20.5", 1, 5),
  },
  "Connection is not looked at": {
    mending: { request: (head) => setField(head, "Connection", "Upgrade") },
    groups: ["20.5"],
    fails: range("20.5", 6, 11),
  },
  "the key is not looked at": {
    mending: { request: (head) => setField(head, "Sec-WebSocket-Key", KEY) },
    groups: ["20.6"],
    fails: range("20.6", 1, 7),
  },
  "the answer is to another key": {
    mending: { request: (head) => setField(head, "Sec-WebSocket-Key", KEY) },
    groups: ["20.1"],
    // Its key is the right one.
    fails: range("20.1", 1, 23).filter((id) => id !== "20.1.2"),
  },
  "the version is not looked at": {
    mending: { request: (head) => setField(head, "Sec-WebSocket-Version", "13") },
    groups: ["20.7"],
    fails: range("20.7", 1, 10),
  },
  "a refused version is not told of": {
    mending: { response: (head) => head.replace(/^Sec-WebSocket-Version:.*\r\n/im, "") },
    groups: ["20.7"],
    fails: range("20.7", 4, 6),
  },
  "a response with 101 has a Content-Length": {
    mending: { response: (head) => withField(head, "Content-Length", "0") },
    groups: ["20.1"],
    fails: ["20.1.22"],
  },
  "frames need not be masked": {
    mending: { ahead: each(({ mask }) => ({ mask: mask || ZEROS })) },
    groups: ["22.1", "22.3", "22.4"],
    // A close frame that is not masked is no more than answered.
    fails: range("22.1", 1, 7),
  },
  "keys are taken for zeros": {
    mending: {
      ahead: each(({ opcode, mask, payload = ZEROS }) =>
        opcode > 2 ? {} : { payload: keyed(payload, mask) }
      ),
    },
    groups: ["22.3"],
    fails: range("22.3", 2, 6),
  },
  "frames to the client are masked": {
    mending: { back: each(() => ({ mask: ZEROS })) },
    groups: ["22.3", "22.4"],
    fails: [...range("22.3", 1, 6), "22.4.2"],
  },
  "lengths are written in 64 bits": {
    mending: { back: each(() => ({ lengthBits: 64 })) },
    groups: ["22.4"],
    fails: ["22.4.2"],
  },
  "reserved bits are not looked at": {
    mending: { ahead: each(() => ({ rsv: 0 })) },
    groups: ["22.5"],
    fails: range("22.5", 1, 9),
  },
  "reserved opcodes are skipped": {
    mending: { ahead: (frame) => [0, 1, 2, 8, 9, 10].includes(frame.opcode) ? [frame] : [] },
    groups: ["22.6"],
    fails: range("22.6", 1, 6),
  },
  "lengths may have any form": {
    mending: { ahead: shortened },
    groups: ["22.7"],
    fails: range("22.7", 1, 8),
  },
  "control frames may be long": {
    mending: {
      ahead: ({ payload = ZEROS, ...frame }) =>
        shortened({ ...frame, payload: frame.opcode < 8 ? payload : payload.subarray(0, 125) }),
    },
    groups: ["22.8"],
    fails: range("22.8", 1, 4),
  },
  "control frames may be fragments": {
    mending: { ahead: each(({ opcode, fin = true }) => ({ fin: fin || opcode >= 8 })) },
    groups: ["22.8"],
    fails: range("22.8", 5, 6),
  },
  "pongs are empty": {
    mending: { back: each(({ opcode }) => opcode === 10 ? { payload: new Uint8Array() } : {}) },
    groups: ["22.12", "23.3"],
    fails: ["22.12.1", "22.12.2", "22.12.4", "22.12.5", "23.3.1"],
  },
  "pings are not answered": {
    mending: { back: (frame) => frame.opcode === 10 ? [] : [frame] },
    groups: ["23.3"],
    fails: ["23.3.1"],
  },
  "pongs are answered": {
    mending: { ahead: each(({ opcode }) => opcode === 10 ? { opcode: 9 } : {}) },
    groups: ["22.12"],
    fails: ["22.12.6"],
  },
  "a message within a message goes on with it": {
    mending: () => ({ ahead: withinMessages() }),
    groups: ["23.1"],
    fails: range("23.1", 1, 4),
  },
  "text is not looked at": {
    mending: {
      ahead: each(({ opcode }) => opcode === 1 ? { opcode: 2 } : {}),
      back: each(({ opcode }) => opcode === 2 ? { opcode: 1 } : {}),
    },
    groups: ["23.4", "23.5"],
    fails: [...range("23.4", 1, 11), ...range("23.5", 1, 4)],
  },
  "close codes are not looked at": {
    mending: { ahead: each(({ opcode }) => opcode === 8 ? { payload: NORMAL } : {}) },
    groups: ["24.1", "24.2"],
    fails: range("24.2", 1, 5),
  },
  "close frames are sent twice": {
    mending: { back: (frame) => frame.opcode === 8 ? [frame, frame] : [frame] },
    groups: ["24.4"],
    fails: range("24.4", 1, 7),
  },
  "TCP is left to the client": {
    mending: { staysOpen: true },
    groups: ["24.1"],
    fails: range("24.1", 1, 9),
  },
  "compressed messages lose what is in front of them": {
    mending: {
      back: each(({ rsv = 0, payload = ZEROS }) =>
        rsv === 4 ? { payload: payload.subarray(1) } : {}
      ),
    },
    groups: ["25.10"],
    fails: ["25.10.2", "25.10.3"],
  },
};

/** A payload as whoever takes the key for zeros reads it. */
function keyed(payload: Uint8Array, mask: FrameSpec["mask"]): Uint8Array {
  return mask ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload;
}

/** Makes the first frame of a message within another one a continuation. */
function withinMessages(): (frame: FrameSpec) => FrameSpec[] {
  let inside = false;
  return (frame) => {
    const { opcode, fin = true } = frame;
    if (opcode > 2) return [frame];
    const goesOn = inside && opcode > 0;
    inside = !fin;
    return [goesOn ? { ...frame, opcode: 0 } : frame];
  };
}

/** The cases that a server with a fault fails. */
async function failedByServer({ mending, groups }: Planted): Promise<string[]> {
  await using server = serve({
    port: 0,
    engine: "codec",
    perIp: 0,
    websocket: { compression: true, message: (connection, data) => connection.send(data) },
  });
  const { port } = server.address as Deno.NetAddr;
  await using proxy = new MendingProxy(port, made(mending));
  const failed: string[] = [];
  await testServer({
    url: new URL(`ws://127.0.0.1:${proxy.port}/`),
    agent: "planted",
    cases: casesOf(groups, "server"),
    jobs: 16,
    onResult: (result) => {
      if (!isGood(result)) failed.push(result.id);
    },
  });
  return failed.toSorted(compareIds);
}

Deno.test("planted faults: a server fails the cases that are about its fault", async (t) => {
  await Promise.all(
    Object.entries(SERVERS).map(([name, planted]) =>
      t.step({
        name,
        fn: async () => assertEquals(await failedByServer(planted), planted.fails),
        ...TOGETHER,
      })
    ),
  );
});
