/**
 * Plain HTTP as the tests of the splice speak it, and WebSockets behind it on one connection.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { acceptOf, SAMPLE_KEY } from "../../support/raw_head.ts";
import { RawPeer } from "../../support/raw_peer.ts";
import { assertEcho, type RigOptions, ServerRig } from "../../support/server_rig.ts";

/** A request without a body. */
export const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
/** A request with a body of a stated length. */
export const LENGTH_POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde";
/** The same body in chunks. */
export const CHUNKED_POST = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3\r\nabc\r\n2; x=y\r\nde\r\n0\r\nTrailer: z\r\n\r\n";

/** A server that answers plain HTTP with the body of the request. */
export function echoRig(options: RigOptions = {}): ServerRig {
  return new ServerRig({
    fetch: async (request) => new Response(`${request.method} ${await request.text()}`),
    ...options,
  });
}

/** A connection on which one request was answered. */
export async function usedPeer({ port }: ServerRig): Promise<RawPeer> {
  const peer = await RawPeer.connect(port);
  await peer.write(GET);
  await readAnswer(peer);
  return peer;
}

/** Fails unless the answer to an upgrade comes next, and what is sent comes back. */
export async function assertOpens(peer: RawPeer): Promise<void> {
  const { text } = await peer.readHead();
  assertEquals(
    text,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptOf(SAMPLE_KEY)}\r\n\r\n`,
  );
  await assertEcho(peer);
}

/** A response as far as the tests look at it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Reads one response that says how long it is. */
export async function readAnswer(peer: RawPeer): Promise<Answer> {
  const { startLine, fields } = await peer.readHead();
  const length = Number(fields.get("content-length")?.[0] ?? 0);
  const body = new TextDecoder().decode(await peer.readBytes(length));
  return { status: Number(startLine.split(" ")[1]), body };
}
