/**
 * Connecting, and what is said when that is not possible.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { connectStream } from "../../../../autobahn/suite/wire/connect.ts";
import { hex, unhex } from "../../../support/hex.ts";
import { fixture, listenTls, readBytes, withTcpPair } from "../stream_rig.ts";

/** A port where nobody listens. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

Deno.test("connect: TCP, by a name that may have several addresses", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    await stream.write(unhex("0102"));
    assertEquals(hex(await readBytes(testee, 2)), "0102");
  });
});

Deno.test("connect: TLS, where the certificate is trusted and for the host", async () => {
  const listener = listenTls();
  const { port } = listener.addr;
  const caCerts = [fixture("ca.pem")];
  const attempts: [hostname: string, caCerts: string[], words: string | undefined][] = [
    ["localhost", caCerts, undefined],
    ["localhost", [], "UnknownIssuer"],
  ];
  try {
    for (const [hostname, caCerts, words] of attempts) {
      const accepted = listener.accept();
      const connecting = connectStream({ hostname, port, secure: true, caCerts });
      if (words === undefined) {
        const stream = await connecting;
        (await accepted).close();
        stream.drop("fin");
        await stream.closed;
      } else {
        await assertRejects(() => connecting, Error, words);
        const conn = await accepted;
        await conn.handshake().catch(() => {});
        conn.close();
      }
    }
  } finally {
    listener.close();
  }
});

Deno.test("connect: TLS with a server that speaks none", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const accepted = listener.accept();
  const connecting = connectStream({ hostname: "localhost", port, secure: true });
  const conn = await accepted;
  await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await assertRejects(() => connecting, Error, `Cannot connect to localhost:${port}: `);
  conn.close();
  listener.close();
});

Deno.test("connect: an address where nobody listens is named", async () => {
  const port = freePort();
  for (const secure of [false, true]) {
    await assertRejects(
      () => connectStream({ hostname: "127.0.0.1", port, secure }),
      Error,
      `Cannot connect to 127.0.0.1:${port}: `,
    );
  }
});
