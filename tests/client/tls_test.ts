import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { ClientTlsOptions } from "../../lib/client/tls_options.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, CERT, fixture, KEY, TlsServer } from "./tls_server.ts";

Deno.test("tls: an authority that is trusted opens the connection, by name and by address", async (t) => {
  for (
    const [host, hostname] of [["localhost", "127.0.0.1"], ["127.0.0.1", "127.0.0.1"], [
      "[::1]",
      "::1",
    ]]
  ) {
    await t.step(`${host}`, async () => {
      await using server = new TlsServer("localhost", hostname);
      const url = `wss://${host}:${server.port}/chat`;
      const opening = connect(url, { tls: { caCerts: [CA] } });
      const { request, alpnProtocol } = await server.acceptUpgrade();
      const connection = await opening;
      assertEquals(alpnProtocol, "http/1.1");
      assertEquals(request.startLine, "GET /chat HTTP/1.1");
      assertEquals(request.fields.get("host"), [`${host}:${server.port}`]);
      assertEquals(connection.url, url);
      assertEquals(connection.remoteAddress, {
        transport: "tcp",
        hostname: hostname ?? "",
        port: server.port,
      });
      connection.send("secret");
      connection.destroy();
      await connection.closed;
    });
  }
});

/** Certificates that must be refused, and what is said of them. */
const REFUSED: [what: string, certificate: string, tls: ClientTlsOptions, message: RegExp][] = [
  [
    "for another host",
    "wrong_host",
    { caCerts: [CA] },
    /Host: localhost\. is not in the cert's altnames/,
  ],
  ["that has expired", "expired", { caCerts: [CA] }, /unable to verify .* or it has expired/],
  [
    "that is self-signed",
    "self_signed",
    { caCerts: [CA] },
    /self-signed certificate; its authority is not/,
  ],
  ["of an unknown authority", "localhost", {}, /unable to verify .* trusted \(see tls\.caCerts\)/],
  [
    "of another authority than the one given",
    "localhost",
    { caCerts: [fixture("wrong_host")] },
    /unable to verify/,
  ],
];

Deno.test("tls: a certificate that proves nothing is refused, and no request is sent", async (t) => {
  for (const [what, certificate, tls, message] of REFUSED) {
    await t.step(what, async () => {
      await using server = new TlsServer(certificate);
      const url = `wss://localhost:${server.port}/`;
      const error = await assertRejects(() => connect(url, { tls }), ConnectError, `TLS with `);
      assertEquals(error.code, "ERR_TLS");
      assert(message.test(error.message), error.message);
      // No byte of the request, and no second try without TLS or without the check.
      const { count, error: alert } = await server.readToEnd();
      assertEquals(count, 0);
      // The name is compared when the handshake is over, too late for an alert.
      const expected = what === "for another host" ? "UnexpectedEof" : "InvalidData";
      assertEquals(alert instanceof Error && alert.name, expected, String(alert));
    });
  }
});

Deno.test("tls: with a client certificate it connects in the same way", async () => {
  const handshake = connect("wss://127.0.0.1:1/", { tls: { cert: CERT, key: KEY } });
  const unreachable = await assertRejects(() => handshake, ConnectError);
  assertEquals(unreachable.code, "ERR_UNREACHABLE");

  await using server = new TlsServer("localhost");
  const opening = connect(`wss://localhost:${server.port}/`, {
    tls: { caCerts: [CA], cert: CERT, key: KEY },
  });
  await server.acceptUpgrade();
  const connection = await opening;
  connection.destroy();
  await connection.closed;
});

Deno.test("tls: a server that speaks none is told apart from one that is not there", async () => {
  const answers = ["HTTP/1.1 400 Bad Request\r\n\r\n", ""];
  for (const answer of answers) {
    await using listener = await RawListener.listen();
    const url = `wss://127.0.0.1:${listener.port}/`;
    const failing = assertRejects(() => connect(url), ConnectError);
    await using peer = await listener.accept();
    await peer.readBytes(1);
    if (answer !== "") await peer.write(answer);
    await peer.halfClose();
    const { code, message } = await failing;
    assertEquals(code, "ERR_TLS");
    if (answer !== "") assert(message.endsWith("so try ws instead of wss"), message);
  }
});

Deno.test("tls: a server that resets in the handshake", async () => {
  await using listener = await RawListener.listen();
  const failing = assertRejects(() => connect(`wss://127.0.0.1:${listener.port}/`), ConnectError);
  await using peer = await listener.accept();
  await peer.readBytes(1);
  await peer.reset();
  assertEquals((await failing).code, "ERR_TLS");
});

Deno.test("tls: ws to a server that wants TLS fails, and does not wait", async () => {
  await using server = new TlsServer("localhost");
  const error = await assertRejects(
    () => Promise.all([connect(`ws://127.0.0.1:${server.port}/`), server.readToEnd()]),
    ConnectError,
  );
  assert(["ERR_HANDSHAKE", "ERR_STREAM"].includes(error.code), error.code);
});

/** TLS options that are wrong in themselves. */
const WRONG: [tls: Record<string, unknown>, message: string][] = [
  [{ caCerts: CA }, "tls.caCerts must be an array of strings"],
  [{ caCerts: [1] }, "tls.caCerts must be PEM, which is text; got number"],
  [{ caCerts: ["ca.pem"] }, "tls.caCerts must be PEM, with a line -----BEGIN CERTIFICATE-----"],
  [{ cert: CERT }, "tls.cert and tls.key must be given together"],
  [{ key: KEY }, "tls.cert and tls.key must be given together"],
  [{ cert: KEY, key: KEY }, "tls.cert must be PEM, with a line -----BEGIN CERTIFICATE-----"],
  [{ cert: CERT, key: CERT }, "tls.key must be PEM, with a line -----BEGIN PRIVATE KEY-----"],
  [{ serverName: 5 }, "tls.serverName must be a string; got number"],
  [{ serverName: "" }, "tls.serverName must be a host name in ASCII or an IP address"],
  [{ serverName: "a\0b" }, "tls.serverName must be a host name in ASCII or an IP address"],
  [{ insecure: "yes" }, "tls.insecure must be a boolean; got string"],
  ["ca.pem" as unknown as Record<string, unknown>, "tls must be an object; got string"],
];

Deno.test("tls: a wrong option throws before anything is connected", async () => {
  for (const [tls, message] of WRONG) {
    await assertRejects(() => connect("wss://127.0.0.1:1/", { tls }), TypeError, message);
  }
});

Deno.test("tls: ws with TLS options is refused, unless a redirect may lead to wss", async () => {
  const options: ClientTlsOptions[] = [
    { caCerts: [CA] },
    { cert: CERT, key: KEY },
    { insecure: true },
    { serverName: "a" },
  ];
  for (const tls of options) {
    const message = "tls is for wss, and this URL is ws";
    await assertRejects(() => connect("ws://127.0.0.1:1/", { tls }), TypeError, message);
    const following = () => connect("ws://127.0.0.1:1/", { tls, redirects: 1 });
    await assertRejects(following, ConnectError, "cannot be reached");
  }
  // Nothing is set, so nothing is ignored.
  for (const tls of [{}, { caCerts: [] }, { insecure: false }]) {
    await assertRejects(() => connect("ws://127.0.0.1:1/", { tls }), ConnectError);
  }
});

/** A certificate that is none, whole or cut off. */
const GARBAGE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const CUT_OFF = CA.slice(0, CA.length / 2);

Deno.test("tls: an authority that cannot be read is told, wherever it stands", async () => {
  await using listener = await RawListener.listen();
  const url = `wss://127.0.0.1:${listener.port}/`;
  for (const caCerts of [[GARBAGE], [CA + GARBAGE], [CA, GARBAGE], [CUT_OFF], [CA + CUT_OFF]]) {
    const error = await assertRejects(() => connect(url, { tls: { caCerts } }), ConnectError);
    assertEquals(error.code, "ERR_TLS");
    assert(error.message.includes("a certificate in caCerts cannot be read"), error.message);
  }
});

Deno.test("tls: several authorities may stand in one text", async () => {
  await using server = new TlsServer("localhost");
  const tls = { caCerts: [`${fixture("self_signed")}\n${CA}`] };
  const opening = connect(`wss://localhost:${server.port}/`, { tls });
  await server.acceptUpgrade();
  const connection = await opening;
  connection.destroy();
  await connection.closed;
});
