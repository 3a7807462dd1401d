/**
 * TLS that `node:tls` speaks on a stream of the runtime, with the runtime's own TLS at the
 * other end.
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { connect } from "node:tls";
import { type ByteStream, closeQuietly } from "../../../lib/engine/codec/byte_stream.ts";
import { RuntimeStream } from "../../../lib/engine/codec/runtime_stream.ts";
import { checkTls, ServerTls } from "../../../lib/engine/codec/server_tls.ts";
import { ALPN, withinTls } from "../../../lib/engine/codec/tls_stream.ts";
import type { LinkReceiver } from "../../../lib/engine/link.ts";
import { pattern } from "../../support/hex.ts";

const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../fixtures/${name}`, import.meta.url));
const TLS = { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") };
const CA = fixture("ca.pem");
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** How much may be under way unread: the buffers of the system and of both ends, in bytes. */
const UNDER_WAY = 16 * 1024 * 1024;

/** Our end, and the runtime's. */
interface Pair extends AsyncDisposable {
  readonly ours: ByteStream;
  readonly peer: Deno.TlsConn;
}

const ROLES: Readonly<Record<string, () => Promise<Pair>>> = {
  async server() {
    using listener = Deno.listen(LOOPBACK);
    const [tcp, accepted] = await Promise.all([dial(listener), listener.accept()]);
    const ours = new ServerTls(TLS).accept(new RuntimeStream(accepted));
    const peer = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [CA] });
    return pairOf(ours, peer);
  },
  async client() {
    using listener = Deno.listenTls({ ...LOOPBACK, ...TLS });
    const [tcp, peer] = await Promise.all([dial(listener), listener.accept()]);
    const stream = new RuntimeStream(tcp);
    const outer = stream.toDuplex();
    const options = { socket: outer, servername: "localhost", ca: CA, ALPNProtocols: ALPN };
    const socket = connect(options);
    return pairOf(withinTls(socket, { outer, remoteAddress: stream.remoteAddress }), peer);
  },
};

async function dial({ addr }: Deno.Listener): Promise<Deno.TcpConn> {
  return await Deno.connect({ ...LOOPBACK, port: (addr as Deno.NetAddr).port });
}

function pairOf(ours: ByteStream, peer: Deno.TlsConn): Pair {
  return {
    ours,
    peer,
    async [Symbol.asyncDispose]() {
      ours.close();
      try {
        // The peer sees the end, so that nothing of it is left.
        while (await peer.read(new Uint8Array(65_536)) !== null);
      } catch {
        // It was cut off.
      }
      closeQuietly(peer);
    },
  };
}

/** Counts what comes, and calls nobody. */
class Counter implements LinkReceiver {
  count = 0;
  written = 0;
  readonly ended = Promise.withResolvers<void>();

  onBytes(_: Uint8Array, start: number, end: number): void {
    this.count += end - start;
  }

  onEnd(): void {
    this.ended.resolve();
  }

  onWritten(count: number): void {
    this.written += count;
  }

  onError(error: Error): void {
    this.ended.reject(error);
  }
}

/** Waits until a number has not changed for a while, and gives it. */
async function standstill(read: () => number): Promise<number> {
  while (true) {
    const before = read();
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (read() === before) return before;
  }
}

for (const [role, open] of Object.entries(ROLES)) {
  Deno.test(`TLS as a ${role}: bytes go both ways, and each direction ends by itself`, async () => {
    await using pair = await open();
    const { ours, peer } = pair;
    assertEquals(ours.remoteAddress.hostname, "127.0.0.1");
    const buffer = new Uint8Array(100);
    await Promise.all([ours.write(pattern(10)), peer.write(pattern(20))]);
    assertEquals(await ours.read(), pattern(20));
    assertEquals(await peer.read(buffer), 10);
    await peer.closeWrite();
    assertEquals(await ours.read(), null);
    await ours.write(pattern(30));
    await ours.end();
    assertEquals(await peer.read(buffer), 30);
    assertEquals(await peer.read(buffer), null);
  });

  Deno.test(`TLS as a ${role}: while it is paused the peer has to wait, and nothing is lost`, async () => {
    await using pair = await open();
    const { ours, peer } = pair;
    await Promise.all([peer.write(pattern(1)), ours.read()]);
    const link = ours.toLink();
    const counter = new Counter();
    link.start(counter, new Uint8Array(0));
    link.pause();
    let sent = 0;
    let stop = false;
    const piece = new Uint8Array(65_536);
    const sending = (async () => {
      while (!stop && sent < 2 * UNDER_WAY) sent += await peer.write(piece);
      await peer.closeWrite();
    })();
    const stalled = await standstill(() => sent);
    assertLess(stalled, UNDER_WAY);
    assertEquals(counter.count, 0);
    stop = true;
    link.resume();
    await Promise.all([sending, counter.ended.promise]);
    assertEquals(counter.count, sent);
    link.destroy();
  });

  Deno.test(`TLS as a ${role}: a peer that does not read is seen to take nothing`, async () => {
    await using pair = await open();
    const { ours, peer } = pair;
    await Promise.all([peer.write(pattern(1)), ours.read()]);
    const link = ours.toLink();
    const counter = new Counter();
    link.start(counter, new Uint8Array(0));
    const bytes = new Uint8Array(2 * UNDER_WAY);
    assertEquals(link.write(bytes), 0);
    const stalled = await standstill(() => counter.written);
    assertLess(stalled, UNDER_WAY);
    const buffer = new Uint8Array(1 << 20);
    for (let read = 0; read < bytes.length;) read += await peer.read(buffer) ?? Infinity;
    assertEquals(await standstill(() => counter.written), bytes.length);
    link.destroy();
  });

  Deno.test(`TLS as a ${role}: a peer that is gone ends reads and writes`, async () => {
    await using pair = await open();
    const { ours, peer } = pair;
    await Promise.all([peer.write(pattern(1)), ours.read()]);
    peer.close();
    // Without close_notify it may be an end or an error.
    assertEquals(await ours.read().catch(() => null), null);
    ours.close();
    await assertRejects(() => ours.write(pattern(1)));
  });
}

Deno.test("TLS as a server: what is no handshake makes a read fail, and the stream ends", async () => {
  using listener = Deno.listen(LOOPBACK);
  const [tcp, accepted] = await Promise.all([dial(listener), listener.accept()]);
  const ours = new ServerTls(TLS).accept(new RuntimeStream(accepted));
  await tcp.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  const error = await assertRejects(() => ours.read(), Error);
  assert("code" in error && error.code === "ERR_SSL_WRONG_VERSION_NUMBER", error.message);
  const buffer = new Uint8Array(100);
  // An alert, fatal (RFC 8446 §6.2), and then the end.
  assertEquals(await tcp.read(buffer), 7);
  assertEquals([buffer[0], buffer[5]], [21, 2]);
  assertEquals(await tcp.read(buffer), null);
  tcp.close();
});

Deno.test("TLS as a server: a certificate that cannot be served is told at once", () => {
  const other = fixture("ca_key.pem");
  checkTls(LOOPBACK, TLS);
  for (
    const [tls, message] of [
      [{ cert: "none", key: TLS.key }, "No certificates found"],
      [{ cert: TLS.cert, key: "none" }, "No keys found"],
      [{ cert: TLS.cert, key: other }, "KeyMismatch"],
    ] as const
  ) {
    let told = "";
    try {
      checkTls(LOOPBACK, tls);
    } catch (error) {
      told = String(error);
    }
    assert(told.includes(message), told);
  }
});
