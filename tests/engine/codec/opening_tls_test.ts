/**
 * The codec engine under TLS, over real sockets: what is no TLS, is too old, too slow, or
 * ends without saying so; and that nothing waits which need not.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ServerRig } from "../../support/server_rig.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { upgradeRequest } from "../../support/raw_head.ts";
import { buildFrame, closePayload, RawPeer, SOME_MASK } from "../../support/raw_peer.ts";
import type { Endpoint } from "../../../lib/server/endpoint.ts";
import { concat, hex, unhex } from "../../support/hex.ts";
import { RawClient } from "../../contract/raw_client.ts";

const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
const TLS = { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") };
const CA = fixture("ca.pem");

/** The ClientHello of a client that can do nothing above `version` (RFC 5246 §7.4.1.2). */
function clientHello(version: string): Uint8Array {
  const random = "5a".repeat(32);
  const suites = "0006 c013 c014 002f";
  const body = unhex(`${version} ${random} 00 ${suites} 0100`);
  const handshake = concat(unhex("0100"), length16(body), body);
  return concat(unhex("160301"), length16(handshake), handshake);
}

function length16({ length }: Uint8Array): Uint8Array {
  return Uint8Array.of(length >> 8, length & 0xff);
}

/** A client over TLS whose TCP stream the test holds in its hand. */
class TlsClient implements Disposable {
  readonly #tls: Deno.TlsConn;
  readonly #tcp: Deno.TcpConn;

  constructor(tls: Deno.TlsConn, tcp: Deno.TcpConn) {
    this.#tls = tls;
    this.#tcp = tcp;
  }

  static async connect(port: number): Promise<TlsClient> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const middle = listener.addr as Deno.NetAddr;
    const connecting = Deno.connectTls({ hostname: "127.0.0.1", port: middle.port, caCerts: [CA] });
    const inner = await listener.accept();
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    void passOn(inner, tcp);
    void passOn(tcp, inner);
    return new TlsClient(await connecting, tcp);
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    await this.#tls.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  }

  async read(): Promise<Uint8Array> {
    const buffer = new Uint8Array(4096);
    return buffer.subarray(0, await this.#tls.read(buffer) ?? 0);
  }

  /** Ends the TCP stream beneath TLS, which has said nothing of it. */
  async cutShort(): Promise<void> {
    await this.#tcp.closeWrite();
  }

  [Symbol.dispose](): void {
    this.#tls.close();
    try {
      this.#tcp.close();
    } catch {
      // The other direction has closed it.
    }
  }
}

async function passOn(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      await to.write(buffer.slice(0, count));
    }
    await to.closeWrite();
  } catch {
    // One of the two is closed.
  }
}

/** Fails unless a client over TLS opens and is echoed. */
async function assertTlsEchoes(rig: ServerRig): Promise<TlsClient> {
  const client = await TlsClient.connect(rig.port);
  await client.write(upgradeRequest());
  assert(new TextDecoder().decode(await client.read()).startsWith("HTTP/1.1 101 "));
  await client.write(buildFrame({ opcode: 1, mask: SOME_MASK, payload: "over TLS" }));
  assertEquals(hex(await client.read()), hex(buildFrame({ opcode: 1, payload: "over TLS" })));
  return client;
}

Deno.test("opening over TLS: plain HTTP and garbage are ended at once", async () => {
  await using rig = new ServerRig({ tls: TLS });
  for (const bytes of [upgradeRequest(), "GET / HTTP/1.0\r\n\r\n", "\0\0\0\0\0\0\0\0"]) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(bytes);
    const seen = await peer.readToEnd();
    assert(!new TextDecoder().decode(seen.bytes).includes("HTTP"), hex(seen.bytes));
    await peer[Symbol.asyncDispose]();
    await rig.untilPlaces(0);
  }
  using _ = await assertTlsEchoes(rig);
  assertEquals(rig.errors, []);
});

Deno.test("opening over TLS: versions below 1.2 are refused with an alert", async () => {
  await using rig = new ServerRig({ tls: TLS });
  for (const version of ["0300", "0301", "0302"]) {
    await using peer = await RawPeer.connect(rig.port);
    await peer.write(clientHello(version));
    const { bytes } = await peer.readToEnd();
    // An alert, fatal (RFC 5246 §7.2): never a ServerHello.
    assertEquals([bytes[0], bytes[5]], [21, 2], hex(bytes));
    await rig.untilPlaces(0);
  }
  using _ = await assertTlsEchoes(rig);
});

Deno.test("opening over TLS: silence, a ClientHello in drops and half of one are cut at handshakeTimeout", async () => {
  using timers = new HeldTimers();
  await using rig = new ServerRig({ tls: TLS, handshakeTimeout: HELD });
  await using silent = await RawPeer.connect(rig.port);
  await using slow = await RawPeer.connect(rig.port);
  await using stuck = await RawPeer.connect(rig.port);
  await rig.untilPlaces(3);
  const hello = clientHello("0303");
  await stuck.write(hello.subarray(0, 20));
  for (let at = 0; at < 40; at++) {
    await slow.write(hello.subarray(at, at + 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  using _ = await assertTlsEchoes(rig);
  // One for each, which nothing that came has put off.
  assertEquals([rig.places, timers.made, timers.waiting], [4, 4, 3]);
  timers.expire();
  const ends = await Promise.all([silent, slow, stuck].map((peer) => peer.readToEnd()));
  assertEquals(ends.map(({ bytes }) => bytes.length), [0, 0, 0]);
  await rig.untilPlaces(1);
  assertEquals(rig.errors, []);
});

Deno.test("opening over TLS: who leaves within the handshake gives its place back", async () => {
  await using rig = new ServerRig({ tls: TLS });
  const hello = clientHello("0303");
  for (const leave of ["reset", "halfClose"] as const) {
    for (const length of [0, 20]) {
      await using peer = await RawPeer.connect(rig.port);
      await peer.write(hello.subarray(0, length));
      await rig.untilPlaces(1);
      await peer[leave]();
      await rig.untilPlaces(0);
    }
  }
  using _ = await assertTlsEchoes(rig);
  assertEquals(rig.errors, []);
});

Deno.test("opening over TLS: a shutdown cuts who is within the handshake", async () => {
  await using rig = new ServerRig({ tls: TLS });
  await using peer = await RawPeer.connect(rig.port);
  await rig.untilPlaces(1);
  await rig.shutdown(50);
  assertEquals((await peer.readToEnd()).bytes.length, 0);
  assertEquals(rig.places, 0);
});

Deno.test("opening over TLS: http/1.1 is agreed on, and a client that has only others is refused", async () => {
  await using rig = new ServerRig({ tls: TLS });
  const dial = (alpnProtocols?: string[]) =>
    Deno.connectTls({
      hostname: "localhost",
      port: rig.port,
      caCerts: [CA],
      ...(alpnProtocols === undefined ? {} : { alpnProtocols }),
    });
  for (const [offer, agreed] of [[["h2", "http/1.1"], "http/1.1"], [undefined, null]] as const) {
    using client = await dial(offer && [...offer]);
    assertEquals((await client.handshake()).alpnProtocol, agreed);
  }
  using client = await dial(["h2"]);
  await assertRejects(
    () => client.handshake(),
    Deno.errors.InvalidData,
    "received fatal alert: NoApplicationProtocol",
  );
  await rig.untilPlaces(0);
});

/** A client over TLS whose own small writes do not wait for each other. */
async function openClient(rig: ServerRig): Promise<RawClient> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: rig.port });
  tcp.setNoDelay(true);
  const tls = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [CA] });
  const client = new RawClient(tls);
  await client.upgrade();
  return client;
}

/** The median time of 20 exchanges, in milliseconds. */
async function medianTime(exchange: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    await exchange();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length / 2]!;
}

// With Nagle's algorithm at work, the second of two small segments waits for the ACK of the
// first, which the client delays by 40 ms.
Deno.test("echo over TLS: the second record of a message does not wait", async () => {
  await using rig = new ServerRig({ tls: TLS });
  using client = await openClient(rig);
  const payload = new Uint8Array(20_000).fill(7);
  const frame = buildFrame({ opcode: 2, mask: SOME_MASK, payload });
  const echo = buildFrame({ opcode: 2, payload });
  const median = await medianTime(async () => {
    await client.write(frame);
    assertEquals(await client.readBytes(echo.length), echo);
  });
  assert(median < 20, `${median} ms`);
});

Deno.test("echo over TLS: the second of two messages does not wait", async () => {
  const endpoint: Endpoint = {
    message(connection, data) {
      connection.send(data);
      // Not in the same write.
      setTimeout(() => connection.send(data), 1);
    },
  };
  await using rig = new ServerRig({ tls: TLS, endpoint });
  using client = await openClient(rig);
  const frame = buildFrame({ opcode: 1, mask: SOME_MASK, payload: "twice" });
  const echo = buildFrame({ opcode: 1, payload: "twice" });
  const median = await medianTime(async () => {
    await client.write(frame);
    assertEquals(await client.readBytes(2 * echo.length), concat(echo, echo));
  });
  assert(median < 20, `${median} ms`);
});

Deno.test("opening over TLS: a handshake done and then silence is cut as well", async () => {
  // The handshake has to be done within that, also on a machine that stands still for a moment.
  await using rig = new ServerRig({ tls: TLS, handshakeTimeout: 1500 });
  const start = performance.now();
  using client = await TlsClient.connect(rig.port);
  await client.write("GET / HT");
  assertEquals((await client.read().catch(() => new Uint8Array(0))).length, 0);
  const took = performance.now() - start;
  assert(took > 1450 && took < 5000, `${took} ms`);
  await rig.untilPlaces(0);
});

Deno.test("opening over TLS: the end without close_notify is 1006", async () => {
  await using rig = new ServerRig({ tls: TLS });
  using client = await assertTlsEchoes(rig);
  await client.cutShort();
  const { code, wasClean } = await rig.nextClose();
  assertEquals([code, wasClean], [1006, false]);
  await rig.untilPlaces(0);
});

Deno.test("opening over TLS: after both close frames close_notify is not missed", async () => {
  await using rig = new ServerRig({ tls: TLS });
  using client = await assertTlsEchoes(rig);
  await client.write(buildFrame({ opcode: 8, mask: SOME_MASK, payload: closePayload(1000) }));
  assertEquals(hex(await client.read()), "880203e8");
  await client.cutShort();
  assertEquals(await rig.nextClose(), { code: 1000, wasClean: true, error: undefined });
  await rig.untilPlaces(0);
});

Deno.test("opening over TLS: what is refused before a word is told so", async () => {
  await using rig = new ServerRig({ tls: TLS, maxConnections: 1 });
  using _ = await assertTlsEchoes(rig);
  using second = await TlsClient.connect(rig.port);
  const text = new TextDecoder().decode(await second.read());
  assert(text.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), text);
});

Deno.test("opening over TLS: plain HTTP within TLS sees https", async () => {
  await using rig = new ServerRig({
    tls: TLS,
    fetch: async (request, { secure }) =>
      Response.json([request.method, request.url, secure, await request.text()]),
  });
  const client = Deno.createHttpClient({ caCerts: [CA] });
  const url = `https://localhost:${rig.port}/path?query`;
  const response = await fetch(url, { method: "POST", body: "a body", client });
  assertEquals(await response.json(), ["POST", url, true, "a body"]);
  client.close();
  await rig.untilPlaces(0);
});
