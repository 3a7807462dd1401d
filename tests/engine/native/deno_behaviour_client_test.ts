/**
 * How Deno 2.9.6's own WebSocket client behaves: why our client is not built on it. See
 * `deno_behaviour_test.ts`.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import {
  buildFrame,
  closePayload,
  type FrameFields,
  type HeadChanges,
  RawListener,
  type RawPeer,
  SOME_MASK,
  upgradeResponse,
} from "../../support/raw_peer.ts";
import { RuntimeSocket } from "../../support/runtime_socket.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;

/** Connects the runtime's client to a peer in the role of server, and runs `body` with both. */
async function connecting(
  body: (peer: RawPeer, client: RuntimeSocket) => Promise<void>,
  subprotocols: string[] = [],
): Promise<void> {
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  const client = new RuntimeSocket(new WebSocket(url, subprotocols));
  {
    await using peer = await listener.accept();
    await body(peer, client);
  }
  await client.closed;
}

/** Closes from the server's side and reads the answer. */
async function farewell(peer: RawPeer, client: RuntimeSocket): Promise<void> {
  await peer.send({ opcode: CLOSE, payload: closePayload(1000) });
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  assertEquals(await client.closed, { code: 1000, reason: "", wasClean: true });
}

/** Answers that RFC 6455 §4.1 says to refuse, and that are accepted. */
const ACCEPTED: readonly [string, HeadChanges][] = [
  ["a wrong Sec-WebSocket-Accept", { fields: { "Sec-WebSocket-Accept": "AAAA" } }],
  ["no Sec-WebSocket-Accept", { fields: { "Sec-WebSocket-Accept": null } }],
  ["a subprotocol that was not offered", { fields: { "Sec-WebSocket-Protocol": "other" } }],
  ["an extension that was not offered", { fields: { "Sec-WebSocket-Extensions": "x-other" } }],
];

for (const [name, changes] of ACCEPTED) {
  Deno.test(`WebSocket of Deno: opens at ${name} (RFC 6455 §4.1 forbids it)`, async () => {
    await connecting(async (peer, client) => {
      await peer.acceptUpgrade(changes);
      await client.opened;
      await farewell(peer, client);
    }, ["offered"]);
  });
}

Deno.test("WebSocket of Deno: refuses `Connection: keep-alive, Upgrade` (RFC 6455 §4.1 allows it)", async () => {
  await connecting(async (peer, client) => {
    await peer.acceptUpgrade({ fields: { Connection: "keep-alive, Upgrade" } });
    assertEquals(await client.closed, { code: 0, reason: "", wasClean: false });
    assertEquals(client.errors, [
      "NetworkError: failed to connect to WebSocket: Invalid connection header",
    ]);
  });
});

Deno.test("WebSocket of Deno: a refusal shows only as the text of an error event", async () => {
  await connecting(async (peer, client) => {
    const seen = Promise.withResolvers<Event>();
    client.socket.addEventListener("error", seen.resolve);
    await peer.readHead();
    await peer.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nX-Why: no\r\n\r\ngone");
    const event = await seen.promise;
    const message = "failed to connect to WebSocket: Invalid status code: 401";
    assertEquals(event instanceof ErrorEvent && event.message, `NetworkError: ${message}`);
    const error: unknown = event instanceof ErrorEvent && event.error;
    assertEquals(error instanceof DOMException && error.message, message);
    assertEquals(Object.keys(error as DOMException), []);
    assertEquals(await client.closed, { code: 0, reason: "", wasClean: false });
  });
});

Deno.test("WebSocket of Deno: a frame that comes along with the 101 arrives", async () => {
  await connecting(async (peer, client) => {
    const head = upgradeResponse(await peer.readHead());
    const frame = buildFrame({ opcode: TEXT, payload: "early" });
    await peer.write(new Uint8Array([...new TextEncoder().encode(head), ...frame]));
    assertEquals(await client.next(), "early");
    await farewell(peer, client);
  });
});

Deno.test("WebSocket of Deno: a masked frame arrives with its payload still masked (RFC 6455 §5.1 forbids it)", async () => {
  await connecting(async (peer, client) => {
    await peer.acceptUpgrade();
    await peer.send({ opcode: BINARY, payload: new Uint8Array(4), mask: SOME_MASK });
    assertEquals(await client.next(), new Uint8Array(SOME_MASK));
    await farewell(peer, client);
  });
});

Deno.test("WebSocket of Deno: offers no permessage-deflate", async () => {
  await connecting(async (peer, client) => {
    const { fields } = await peer.acceptUpgrade();
    assertEquals(fields.has("sec-websocket-extensions"), false);
    assertMatch(fields.get("sec-websocket-key")?.[0] ?? "", /^[A-Za-z0-9+/]{22}==$/);
    await client.opened;
    await farewell(peer, client);
  });
});

Deno.test("WebSocket of Deno: masks what it sends, pongs too", async () => {
  await connecting(async (peer, client) => {
    await peer.acceptUpgrade();
    await client.opened;
    client.socket.send("hello");
    const text = await peer.readFrame();
    assertEquals([text.opcode, text.mask?.length], [TEXT, 4]);
    await peer.send({ opcode: 9 });
    const pong = await peer.readFrame();
    assertEquals([pong.opcode, pong.mask?.length], [PONG, 4]);
    await farewell(peer, client);
  });
});

/** Frames that RFC 6455 forbids in both roles and that are accepted, as by the server. */
const FRAMES: readonly [string, FrameFields[], string][] = [
  ["a length that is not minimal", [{ opcode: TEXT, payload: "long", lengthForm: 64 }], "long"],
  [
    "a new unfinished frame within a message",
    [
      { opcode: TEXT, fin: false, payload: "lost " },
      { opcode: TEXT, fin: false, payload: "kept " },
      { opcode: 0, payload: "end" },
    ],
    "kept end",
  ],
];

for (const [name, frames, message] of FRAMES) {
  Deno.test(`WebSocket of Deno: accepts ${name}`, async () => {
    await connecting(async (peer, client) => {
      await peer.acceptUpgrade();
      for (const frame of frames) await peer.send(frame);
      assertEquals(await client.next(), message);
      await farewell(peer, client);
    });
  });
}

Deno.test("WebSocket of Deno: close takes only 1000 and 3000 to 4999, unlike the server's", async () => {
  await connecting(async (peer, client) => {
    await peer.acceptUpgrade();
    await client.opened;
    const caught: string[] = [];
    for (const code of [1001, 1011, 2999, 5000]) {
      try {
        client.socket.close(code);
      } catch (error) {
        caught.push((error as DOMException).name);
      }
    }
    assertEquals(caught, Array(4).fill("InvalidAccessError"));
    await farewell(peer, client);
  });
});
