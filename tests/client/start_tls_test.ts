import { assert, assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { ClientTlsOptions } from "../../lib/client/tls_options.ts";
import { serve } from "../../lib/server/serve.ts";
import { parseHead, upgradeResponse } from "../support/raw_head.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, CERT, KEY, TlsServer } from "./tls_server.ts";

/** What a server that asks for certificates saw of a client. */
async function seenByServer(tls: ClientTlsOptions): Promise<{ name: unknown; sni: unknown }> {
  const options = { cert: CERT, key: KEY, ca: [CA], requestCert: true, rejectUnauthorized: true };
  const server = createServer({ ...options, minVersion: "TLSv1.3" });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const opening = connect(`wss://127.0.0.1:${port}/`, { tls: { caCerts: [CA], ...tls } });
  try {
    const [socket]: TLSSocket[] = await Promise.race([
      once(server, "secureConnection"),
      once(server, "tlsClientError").then(([error]) => Promise.reject(error)),
    ]);
    if (socket === undefined) throw new Error("no socket");
    const seen = {
      name: socket.getPeerCertificate().subject.CN,
      sni: Reflect.get(socket, "servername"),
    };
    const [head] = await once(socket, "data");
    socket.write(upgradeResponse(parseHead(String(head))));
    const connection = await opening;
    connection.destroy();
    await connection.closed;
    socket.destroy();
    return seen;
  } finally {
    await opening.catch(() => {});
    server.close();
  }
}

Deno.test("tls: a client certificate reaches the server, and proves what it says", async () => {
  const seen = await seenByServer({ cert: CERT, key: KEY });
  assertEquals(seen.name, "localhost");
  const named = await seenByServer({ cert: CERT, key: KEY, serverName: "localhost" });
  assertEquals(named.sni, "localhost");
});

/** Certificates that are held against another name than the host of the URL. */
const NAMED: [certificate: string, serverName: string, own: boolean, opens: boolean][] = [
  ["wrong_host", "other.example", false, true],
  ["wrong_host", "localhost", false, false],
  ["localhost", "other.example", false, false],
  ["localhost", "::1", false, true],
  ["wrong_host", "other.example", true, true],
  ["wrong_host", "localhost", true, false],
  ["localhost", "127.0.0.2", true, false],
  ["localhost", "::1", true, true],
];

Deno.test("tls: serverName is what the certificate must be for, by either way of TLS", async (t) => {
  for (const [certificate, serverName, own, opens] of NAMED) {
    await t.step(
      `${certificate} for ${serverName}${own ? " with a certificate" : ""}`,
      async () => {
        await using server = new TlsServer(certificate);
        const opening = connect(`wss://127.0.0.1:${server.port}/`, {
          tls: { caCerts: [CA], serverName, ...(own ? { cert: CERT, key: KEY } : {}) },
        });
        const result = opening.then(() => "open", (error) => error.code);
        if (opens) {
          const { request } = await server.acceptUpgrade();
          assertEquals(request.fields.get("host"), [`127.0.0.1:${server.port}`]);
          const connection = await opening;
          connection.destroy();
          await connection.closed;
        } else {
          assertEquals((await server.readToEnd()).count, 0);
        }
        assertEquals(await result, opens ? "open" : "ERR_TLS");
      },
    );
  }
});

Deno.test("tls: with a client certificate, one that proves nothing is refused all the same", async (t) => {
  for (const certificate of ["wrong_host", "expired", "self_signed"]) {
    await t.step(certificate, async () => {
      await using server = new TlsServer(certificate);
      const failing = assertRejects(() =>
        connect(`wss://localhost:${server.port}/`, {
          tls: { caCerts: [CA], cert: CERT, key: KEY },
        }), ConnectError);
      assertEquals((await server.readToEnd()).count, 0);
      const { code, cause, message } = await failing;
      assertEquals(code, "ERR_TLS");
      assert(cause instanceof Deno.errors.InvalidData, message);
    });
  }
  await using listener = await RawListener.listen();
  const failing = assertRejects(
    () => connect(`wss://127.0.0.1:${listener.port}/`, { tls: { cert: CERT, key: KEY } }),
    ConnectError,
  );
  await using peer = await listener.accept();
  await peer.readBytes(1);
  await peer.reset();
  const { code, cause } = await failing;
  assertEquals([code, cause instanceof Deno.errors.InvalidData], ["ERR_TLS", false]);
});

Deno.test("tls: what speaks no TLS is told, whether certificates count or not, and the proxy too", async (t) => {
  const rows: [what: string, options: (port: number) => ConnectOptions, advice: RegExp][] = [
    ["a server", () => ({}), /the server seems to speak no TLS.* ws instead of wss$/],
    [
      "a server whose certificate does not count",
      () => ({ tls: { insecure: true } }),
      /the server seems to speak no TLS.* ws instead of wss$/,
    ],
    [
      "a proxy",
      (port) => ({ proxy: `https://127.0.0.1:${port}` }),
      /the proxy seems to speak no TLS there, so try http instead of https$/,
    ],
  ];
  for (const [what, options, advice] of rows) {
    await t.step(what, async () => {
      await using listener = await RawListener.listen();
      const { port } = listener;
      const url = `wss://127.0.0.1:${port}/`;
      const failing = assertRejects(() => connect(url, options(port)), ConnectError);
      await using peer = await listener.accept();
      await peer.readBytes(1);
      await peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
      const { code, message } = await failing;
      assertEquals(code, "ERR_TLS");
      assert(advice.test(message), message);
    });
  }
});

Deno.test("tls: insecure takes any certificate, and only if it is asked for", async (t) => {
  for (const certificate of ["wrong_host", "expired", "self_signed", "localhost"]) {
    await t.step(certificate, async () => {
      await using server = new TlsServer(certificate);
      const opening = connect(`wss://localhost:${server.port}/`, { tls: { insecure: true } });
      await server.acceptUpgrade();
      const connection = await opening;
      assertEquals(connection.remoteAddress.port, server.port);
      connection.destroy();
      await connection.closed;
      await using strict = new TlsServer(certificate);
      const failing = assertRejects(
        () => connect(`wss://localhost:${strict.port}/`, { tls: { insecure: false } }),
        ConnectError,
      );
      assertEquals((await strict.readToEnd()).count, 0);
      assertEquals((await failing).code, "ERR_TLS");
    });
  }
});

Deno.test("tls: many and large messages go through node:tls as they are", async () => {
  const limits = { maxMessageBytes: 32 * 1024 * 1024 };
  await using server = serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: CERT, key: KEY },
    websocket: { ...limits, message: (connection, data) => connection.send(data) },
  });
  const { port } = new URL(server.url);
  await using connection = await connect(`wss://localhost:${port}/`, {
    ...limits,
    tls: { insecure: true },
    compression: false,
  });
  const large = new Uint8Array(8 * 1024 * 1024 + 5).map((_, i) => i * 31 >> 3);
  connection.send(large);
  for (let i = 0; i < 500; i++) connection.send(`message ${i}`);
  assertEquals(await connection.receive(), large);
  for (let i = 0; i < 500; i++) assertEquals(await connection.receive(), `message ${i}`);
  await connection.close(1000, "bye");
  const { code, wasClean } = await connection.closed;
  assertEquals([code, wasClean], [1000, true]);
});
