import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { everyCut } from "../support/cuts.ts";
import { concat, hex, pattern } from "../support/hex.ts";
import {
  buildFrame,
  closePayload,
  type FrameFields,
  RawListener,
  type RawPeer,
  SOME_MASK,
  upgradeResponse,
} from "../support/raw_peer.ts";
import { ask, open } from "./raw_server.ts";

/** What the client says and sees when the server sends `bytes` and reads to the end. */
async function outcomeOf(
  bytes: Uint8Array,
  options?: ConnectOptions,
): Promise<{ frames: string[]; code: number; wasClean: boolean; error: Error | undefined }> {
  await using opened = await open(options);
  const { connection, peer } = opened;
  await peer.write(bytes);
  const { frames } = await peer.readFramesToEnd();
  await peer.halfClose();
  const { code, wasClean, error } = await connection.closed;
  const sent = frames.map(({ opcode, payload, mask }) => {
    assert(mask !== null, "a client must mask its frames");
    return `${opcode} ${hex(payload)}`;
  });
  return { frames: sent, code, wasClean, error };
}

/** What a server must not send, and with which close code the client answers. */
const FAULTS: [what: string, fields: FrameFields, code: number][] = [
  ["a masked text", { opcode: 1, payload: "Hi", mask: SOME_MASK }, 1002],
  ["a masked empty text", { opcode: 1, mask: SOME_MASK }, 1002],
  ["a mask of zeros", { opcode: 2, payload: "Hi", mask: [0, 0, 0, 0] }, 1002],
  ["a masked ping", { opcode: 9, payload: "Hi", mask: SOME_MASK }, 1002],
  ["a masked close", { opcode: 8, payload: closePayload(1000), mask: SOME_MASK }, 1002],
  ["RSV1, as if compressed", { opcode: 1, rsv: 4, payload: "Hi" }, 1002],
  ["an unknown opcode", { opcode: 3 }, 1002],
  ["a length that is not the shortest", { opcode: 1, payload: "Hi", lengthForm: 16 }, 1002],
  ["text that is no UTF-8", { opcode: 1, payload: new Uint8Array([0xff]) }, 1007],
  ["a frame of 2^62 bytes", { opcode: 2, declaredLength: 2n ** 62n }, 1009],
];

Deno.test("frames: what a server must not send fails the connection", async (t) => {
  for (const [what, fields, code] of FAULTS) {
    await t.step(what, async () => {
      const outcome = await outcomeOf(buildFrame(fields));
      const payload = hex(closePayload(code));
      assertEquals(outcome.frames.length, 1);
      assert(outcome.frames[0]?.startsWith(`8 ${payload}`), outcome.frames[0]);
      assertEquals([outcome.code, outcome.wasClean], [code, false]);
      assert(outcome.error instanceof ProtocolError);
    });
  }
});

Deno.test("frames: another protocol after 101 is a breach", async () => {
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]) {
    const outcome = await outcomeOf(new TextEncoder().encode(text));
    assertEquals(outcome.code, 1002);
  }
});

/** A short message, one in fragments, and a ping. */
const FIRST_FRAMES = concat(
  buildFrame({ opcode: 1, payload: "Hi" }),
  buildFrame({ opcode: 2, payload: new Uint8Array([1]), fin: false }),
  buildFrame({ opcode: 9, payload: "?" }),
  buildFrame({ opcode: 0, payload: new Uint8Array([2]) }),
);

async function expectFirstFrames(connecting: Promise<unknown>, peer: RawPeer): Promise<void> {
  const connection = await connecting as Awaited<ReturnType<typeof connect>>;
  assertEquals(await connection.receive(), "Hi");
  assertEquals(await connection.receive(), new Uint8Array([1, 2]));
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, hex(payload)], [10, "3f"]);
}

Deno.test("frames: in the same segment as 101 they come after open", async () => {
  const events: string[] = [];
  const handlers = {
    open: () => events.push("open"),
    message: (_: unknown, data: unknown) => events.push(String(data)),
  };
  await using asker = await ask({ handlers });
  const response = new TextEncoder().encode(upgradeResponse(asker.request));
  await asker.peer.write(concat(response, FIRST_FRAMES));
  await asker.opening;
  const { opcode } = await asker.peer.readFrame();
  assertEquals(opcode, 10);
  assertEquals(events, ["open", "Hi", "1,2"]);
});

Deno.test("frames: 101 and the first frames, cut anywhere", async () => {
  await using listener = await RawListener.listen();
  const attempt = async (pieces: (whole: Uint8Array) => Uint8Array[]) => {
    const opening = connect(`ws://127.0.0.1:${listener.port}/`);
    await using peer = await listener.accept();
    const request = await peer.readHead();
    const response = new TextEncoder().encode(upgradeResponse(request));
    for (const piece of pieces(concat(response, FIRST_FRAMES))) await peer.write(piece);
    await expectFirstFrames(opening, peer);
    const connection = await opening;
    connection.destroy();
    await connection.closed;
  };
  // The length of the response is the same each time: only the key differs.
  const size = 129 + FIRST_FRAMES.length;
  const ways = [...everyCut(new Uint8Array(size))].map((cut) => cut.map(({ length }) => length));
  for (const lengths of ways) {
    await attempt((whole) => {
      assertEquals(whole.length, size);
      let at = 0;
      return lengths.map((length) => whole.subarray(at, at += length));
    });
  }
});

Deno.test("frames: a lot behind 101 comes whole", async () => {
  await using asker = await ask();
  const payload = pattern(300_000);
  const response = new TextEncoder().encode(upgradeResponse(asker.request));
  await asker.peer.write(concat(response, buildFrame({ opcode: 2, payload })));
  assertEquals(await (await asker.opening).receive(), payload);
});

Deno.test("frames: a close frame in the same segment as 101", async () => {
  await using asker = await ask();
  const response = new TextEncoder().encode(upgradeResponse(asker.request));
  const frames = concat(
    buildFrame({ opcode: 1, payload: "full" }),
    buildFrame({ opcode: 8, payload: closePayload(1013, "later") }),
  );
  await asker.peer.write(concat(response, frames));
  const connection = await asker.opening;
  assertEquals(await connection.receive(), "full");
  assertEquals((await asker.peer.readFrame()).payload, closePayload(1013));
  await asker.peer.halfClose();
  assertEquals(await connection.closed, { code: 1013, reason: "later", wasClean: true });
});

Deno.test("frames: ours are masked, each with a key of its own", async () => {
  await using opened = await open();
  const keys = new Set<string>();
  for (const text of ["one", "two", "three"]) {
    opened.connection.send(text);
    const { mask, payload } = await opened.peer.readFrame();
    assert(mask !== null);
    assertEquals(new TextDecoder().decode(payload), text);
    keys.add(hex(mask));
  }
  assertNotEquals(keys.size, 1);
});

/** What a server sends before its end of the stream ends. */
const CUT: [what: string, bytes: Uint8Array][] = [
  ["at once", new Uint8Array(0)],
  ["after a message", buildFrame({ opcode: 1, payload: "Hi" })],
  ["within a header", buildFrame({ opcode: 1, payload: "x".repeat(200) }).subarray(0, 3)],
  ["within a payload", buildFrame({ opcode: 1, payload: "Hello" }).subarray(0, 4)],
  ["within a message", buildFrame({ opcode: 1, payload: "Hel", fin: false })],
  ["within a close frame", buildFrame({ opcode: 8, payload: closePayload(1000) }).subarray(0, 3)],
];

Deno.test("frames: the stream ends without a close frame", async (t) => {
  const ends = {
    "in order": [(peer: RawPeer) => peer.halfClose(), "ERR_STREAM_ENDED"],
    "with a reset": [(peer: RawPeer) => peer.reset(), "ERR_STREAM_FAILED"],
  } as const;
  for (const [how, [end, code]] of Object.entries(ends)) {
    for (const [what, bytes] of CUT) {
      await t.step(`${how}, ${what}`, async () => {
        await using opened = await open();
        await opened.peer.write(bytes);
        if (what === "after a message") assertEquals(await opened.connection.receive(), "Hi");
        await end(opened.peer);
        const failing = assertRejects(() => opened.connection.receive(), ConnectionClosedError);
        const event = await opened.connection.closed;
        assertEquals([event.code, event.reason, event.wasClean], [1006, "", false]);
        assert(event.error instanceof ConnectionError);
        assertEquals(event.error.code, code);
        await failing;
      });
    }
  }
});

Deno.test("frames: the stream ends after our close frame", async (t) => {
  const ends = {
    "in order": (peer: RawPeer) => peer.halfClose(),
    "with a reset": (peer: RawPeer) => peer.reset(),
  };
  for (const [how, end] of Object.entries(ends)) {
    await t.step(`${how}, before the server's`, async () => {
      await using opened = await open();
      const closed = opened.connection.close(4000, "done");
      assertEquals((await opened.peer.readFrame()).payload, closePayload(4000, "done"));
      await end(opened.peer);
      const { code, wasClean } = await closed;
      assertEquals([code, wasClean], [1006, false]);
    });
    await t.step(`${how}, after the server's`, async () => {
      await using opened = await open();
      const closed = opened.connection.close(4000, "done");
      await opened.peer.readFrame();
      await opened.peer.send({ opcode: 8, payload: closePayload(4000) });
      await end(opened.peer);
      const { code, wasClean } = await closed;
      // A reset may overtake the close frame.
      if (how === "in order" || code === 4000) assertEquals([code, wasClean], [4000, true]);
      else assertEquals([code, wasClean], [1006, false]);
    });
  }
});

Deno.test("frames: a server that resets during a send ends it with 1006, and nothing is thrown", async () => {
  await using opened = await open();
  const sending = opened.connection.send(new Uint8Array(8_000_000));
  await opened.peer.readBytes(1000);
  await opened.peer.reset();
  await assertRejects(async () => await sending, ConnectionClosedError);
  const { code, wasClean } = await opened.connection.closed;
  assertEquals([code, wasClean], [1006, false]);
});
