import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { Connection } from "../../../lib/connection/connection.ts";
import { ConnectionError } from "../../../lib/connection/errors.ts";
import { resolveOptions } from "../../../lib/connection/options.ts";
import { PreparedMessage } from "../../../lib/connection/prepared_message.ts";
import { NATIVE_CAPABILITIES, NativeTransport } from "../../../lib/engine/native/transport.ts";
import { ProtocolError } from "../../../lib/protocol/errors.ts";
import { closePayload, type FrameFields, RawPeer } from "../../support/raw_peer.ts";
import { NativeServer, type RecordingReceiver, type Settings } from "./native_server.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Opens a connection and runs `body` with both its ends. */
async function connected(
  body: (peer: RawPeer, far: RecordingReceiver) => Promise<void>,
  settings?: Settings,
): Promise<void> {
  await using server = new NativeServer(settings);
  await using peer = await RawPeer.open(server.port);
  await body(peer, await server.accept());
}

Deno.test("native transport: messages arrive whole, as string and as bytes", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: TEXT, fin: false, payload: "grüß" });
    await peer.sendMasked({ opcode: 0, payload: " dich" });
    await peer.sendMasked({ opcode: BINARY, payload: new Uint8Array([0, 255]) });
    await peer.sendMasked({ opcode: BINARY });
    await peer.sendMasked({ opcode: CLOSE });
    await far.closed;
    assertEquals(far.messages, ["grüß dich", new Uint8Array([0, 255]), new Uint8Array(0)]);
    assertEquals(far.calls, [
      ...["message", "received false true"],
      ...["message", "received false true"],
      ...["message", "received false true"],
      ...["closing", "closed"],
    ]);
  });
});

Deno.test("native transport: sends text and binary, and the caller may change the bytes at once", async () => {
  await connected(async (peer, { transport }) => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    transport.sendText("a\ud800b");
    transport.sendBinary(bytes.subarray(1, 3));
    bytes.fill(9);
    transport.sendBinary(new Uint8Array(0));
    const frames = [await peer.readFrame(), await peer.readFrame(), await peer.readFrame()];
    assertEquals(frames.map(({ opcode }) => opcode), [TEXT, BINARY, BINARY]);
    assertEquals(frames.map(({ payload }) => payload.toHex()), ["61efbfbd62", "0203", ""]);
  });
});

Deno.test("native transport: sends shared memory", async () => {
  await connected(async (peer, { transport }) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(4));
    bytes.set([1, 2, 3, 4]);
    transport.sendBinary(bytes.subarray(1));
    assertEquals((await peer.readFrame()).payload, new Uint8Array([2, 3, 4]));
  });
});

Deno.test("native transport: what was prepared is sent like anything else", async () => {
  await connected(async (peer, { transport }) => {
    transport.sendPrepared(new PreparedMessage("a\ud800b"));
    transport.sendPrepared(new PreparedMessage(new Uint8Array([2, 3])));
    const frames = [await peer.readFrame(), await peer.readFrame()];
    assertEquals(frames.map(({ opcode }) => opcode), [TEXT, BINARY]);
    assertEquals(frames.map(({ payload }) => payload.toHex()), ["61efbfbd62", "0203"]);
    transport.close(1000, "");
    transport.sendPrepared(new PreparedMessage("late"));
    assertEquals((await peer.readFrame()).opcode, CLOSE);
  });
});

Deno.test("native transport: bufferedAmount counts what the runtime has not passed on", async () => {
  await connected(async (_peer, { transport }) => {
    assertEquals(transport.bufferedAmount, 0);
    for (let i = 0; i < 8; i++) transport.sendBinary(new Uint8Array(1024 * 1024));
    assertEquals(transport.bufferedAmount, 8 * 1024 * 1024);
    await _peer.reset();
  });
});

Deno.test("native transport: a ping is answered by the runtime and nothing is told", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: PING, payload: "?" });
    const { opcode, payload } = await peer.readFrame();
    assertEquals([opcode, new TextDecoder().decode(payload)], [PONG, "?"]);
    assertEquals(far.calls, []);
  });
});

Deno.test("native transport: what it lacks is refused by an error that names it", async () => {
  await connected(async (_peer, { transport }) => {
    await _peer.sendMasked({ opcode: CLOSE });
    const refused: [() => void, string][] = [
      [() => transport.ping(), "ping"],
      [() => transport.pong(), "ping"],
      [() => transport.sendFragment(), "streaming"],
    ];
    for (const [call, capability] of refused) {
      const error = assertThrows(call, ConnectionError, `the native engine lacks ${capability}`);
      assertEquals(error.code, "ERR_NOT_SUPPORTED");
    }
    assertEquals([transport.engine, transport.fragmenting], ["native", false]);
    assertEquals(transport.capabilities, NATIVE_CAPABILITIES);
    transport.pause();
    transport.resume();
    transport.trim();
  });
});

Deno.test("native transport: the peer's close frame ends it with its code and reason", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: CLOSE, payload: closePayload(3001, "why") });
    assertEquals(await far.closed, { code: 3001, reason: "why", wasClean: true });
    assertEquals(far.calls, ["closing", "closed"]);
    const { frames } = await peer.readFramesToEnd();
    assertEquals(frames.map(({ payload }) => payload), [closePayload(3001, "why")]);
  });
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: CLOSE });
    assertEquals(await far.closed, { code: 1005, reason: "", wasClean: true });
  });
});

Deno.test("native transport: close sends code and reason once, and nothing is sent behind it", async () => {
  await connected(async (peer, far) => {
    far.transport.close(1011, "no");
    far.transport.close(1000, "twice");
    far.transport.sendText("late");
    far.transport.sendBinary(new Uint8Array(1));
    const { opcode, payload } = await peer.readFrame();
    assertEquals([opcode, payload], [CLOSE, closePayload(1011, "no")]);
    await peer.sendMasked({ opcode: CLOSE, payload });
    assertEquals((await peer.readFramesToEnd()).frames, []);
    assertEquals(await far.closed, { code: 1011, reason: "no", wasClean: true });
    assertEquals(far.calls, ["closed"]);
    far.transport.close(1000, "");
    far.transport.sendText("later");
    far.transport.sendBinary(new Uint8Array(1));
    far.transport.destroy();
  });
});

Deno.test("native transport: close without a code sends an empty close frame", async () => {
  await connected(async (peer, { transport }) => {
    transport.close(undefined, "");
    const { opcode, payload } = await peer.readFrame();
    assertEquals([opcode, payload.length], [CLOSE, 0]);
  });
});

Deno.test("native transport: close refuses what must not be sent and stays open", async () => {
  await connected(async (peer, { transport }) => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN]) {
      assertThrows(() => transport.close(code, ""), RangeError, `Cannot close with code ${code}`);
    }
    assertThrows(() => transport.close(1000, "ü".repeat(62)), RangeError, "124 bytes");
    assertThrows(() => transport.close(undefined, "why"), TypeError, "a reason needs a code");
    transport.sendText("open");
    assertEquals((await peer.readFrame()).opcode, TEXT);
  });
});

/** What the peer does wrong, the error that the close event bears, and its code. */
const FAULTS: readonly [FrameFields[], string, number][] = [
  [[{ opcode: TEXT, rsv: 4 }], "ERR_RESERVED_BITS", 1006],
  [[{ opcode: 3 }], "ERR_RESERVED_OPCODE", 1006],
  [[{ opcode: PING, fin: false }], "ERR_CONTROL_FRAGMENTED", 1006],
  [[{ opcode: PING, payload: "x".repeat(126) }], "ERR_CONTROL_TOO_LONG", 1006],
  [[{ opcode: 0 }], "ERR_CONTINUATION_UNEXPECTED", 1006],
  [[{ opcode: TEXT, fin: false }, { opcode: TEXT }], "ERR_CONTINUATION_EXPECTED", 1006],
  [[{ opcode: TEXT, payload: new Uint8Array([0xff]) }], "ERR_UTF8", 1006],
  [[{ opcode: CLOSE, payload: "x" }], "ERR_CLOSE_PAYLOAD", 1006],
  [[{ opcode: CLOSE, payload: closePayload(1005) }], "ERR_CLOSE_CODE", 1002],
  [[{ opcode: BINARY, declaredLength: 1n << 26n }], "ERR_FRAME_TOO_LARGE", 1006],
];

for (const [frames, errorCode, code] of FAULTS) {
  Deno.test(`native transport: ${errorCode} is told and ends with ${code}`, async () => {
    await connected(async (peer, far) => {
      for (const frame of frames) await peer.sendMasked(frame);
      const { error, ...event } = await far.closed;
      assertEquals(event, { code, reason: "", wasClean: false });
      assertInstanceOf(error, ProtocolError);
      assertEquals(error.code, errorCode);
      assertEquals(far.calls, ["closing", "closed"]);
    });
  });
}

Deno.test("native transport: the end of the stream and a reset end with 1006", async () => {
  await connected(async (peer, far) => {
    await peer.halfClose();
    const { error, ...event } = await far.closed;
    assertEquals(event, { code: 1006, reason: "", wasClean: false });
    assertEquals((error as ConnectionError).code, "ERR_STREAM_ENDED");
    assertEquals(far.calls, ["closed"]);
  });
  await connected(async (peer, far) => {
    await peer.reset();
    const { error, ...event } = await far.closed;
    assertEquals(event, { code: 1006, reason: "", wasClean: false });
    assertEquals((error as ConnectionError).code, "ERR_STREAM_FAILED");
    assertEquals(far.calls, ["closed"]);
  });
});

Deno.test("native transport: a message that meets our close frame ends it with 1006", async () => {
  await connected(async (peer, far) => {
    far.transport.close(1000, "");
    await peer.readFrame();
    await peer.sendMasked({ opcode: TEXT, payload: "on its way" });
    const { error, ...event } = await far.closed;
    assertEquals(event, { code: 1006, reason: "", wasClean: false });
    assertEquals((error as ConnectionError).code, "ERR_STREAM_FAILED");
    assertEquals(far.messages, []);
  });
});

Deno.test("native transport: a peer that answers no ping is gone after both halves of the heartbeat, once", async () => {
  await connected(async (peer, far) => {
    const { frames } = await peer.readFramesToEnd();
    assertEquals(frames.map(({ opcode }) => opcode), [PING, CLOSE]);
    const { error, ...event } = await far.closed;
    assertEquals(event, { code: 1006, reason: "", wasClean: false });
    assertEquals((error as ConnectionError).code, "ERR_HEARTBEAT_TIMEOUT");
    assertEquals(far.calls, ["closed"]);
  }, { heartbeat: { interval: 100, timeout: 100 } });
});

Deno.test("native transport: destroy lets go at once and says 1001 to the peer", async () => {
  await connected(async (peer, far) => {
    const error = new ConnectionError("ERR_CLOSE_TIMEOUT");
    far.transport.destroy(error);
    assertEquals(far.calls, ["closed"]);
    assertEquals(await far.closed, { code: 1006, reason: "", wasClean: false, error });
    assertEquals((await peer.readFrame()).payload, closePayload(1001));
    far.transport.destroy();
    await peer.sendMasked({ opcode: CLOSE, payload: closePayload(1001) });
    await peer.readToEnd();
    assertEquals(far.calls, ["closed"]);
  });
});

Deno.test("native transport: nothing is told after a message whose handling lets go", async () => {
  await connected(async (peer, far) => {
    far.onMessage = () => far.transport.destroy();
    await peer.sendMasked({ opcode: TEXT, payload: "last" });
    await peer.sendMasked({ opcode: TEXT, payload: "later" });
    await far.closed;
    await peer.readToEnd();
    assertEquals(far.calls, ["closed"]);
  });
});

Deno.test("native transport: destroy after close sends no second close frame", async () => {
  await connected(async (peer, far) => {
    far.transport.close(1000, "");
    far.transport.destroy();
    assertEquals(await far.closed, { code: 1006, reason: "", wasClean: false });
    assertEquals((await peer.readFrame()).payload, closePayload(1000));
    await peer.sendMasked({ opcode: CLOSE, payload: closePayload(1000) });
    assertEquals((await peer.readFramesToEnd()).frames, []);
  });
});

Deno.test("native transport: carries a connection that echoes and closes", async () => {
  const connection = Promise.withResolvers<Connection>();
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(listen, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      connection.resolve(
        new Connection({
          transport: new NativeTransport(socket),
          info: {
            role: "server",
            url: "ws://127.0.0.1/",
            subprotocol: "",
            extensions: "",
            remoteAddress: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
          },
          options: resolveOptions({ closeTimeout: 50 }),
          handlers: { message: (connection, data) => connection.send(data) },
        }),
      );
    };
    return response;
  });
  await using peer = await RawPeer.open(server.addr.port);
  const { closed } = await connection.promise;
  await peer.sendMasked({ opcode: TEXT, payload: "hello" });
  assertEquals((await peer.readFrame()).payload, new TextEncoder().encode("hello"));
  await peer.sendMasked({ opcode: CLOSE, payload: closePayload(1000) });
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  assertEquals(await closed, { code: 1000, reason: "", wasClean: true });
  await server.shutdown();
});
