/**
 * The stream within TLS that `node:tls` speaks on another, in either role.
 *
 * @module
 */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { PeerAddress } from "../../connection/transport.ts";
import type { ByteStream } from "./byte_stream.ts";
import { NodeStream } from "./node_stream.ts";

/** What is spoken within TLS (RFC 7301): HTTP/2 opens WebSockets in another way. */
export const ALPN: string[] = ["http/1.1"];

/** Takes the socket of `node:tls`, and the stream beneath it. */
export function withinTls(
  socket: TLSSocket,
  { outer, remoteAddress }: { outer: Duplex; remoteAddress: PeerAddress },
): ByteStream {
  // What is paused must not take bytes without end. On a socket of its own `node:tls` sees to
  // that; any other stream the runtime's goes on to read.
  if (!(outer instanceof Socket)) {
    socket.on("pause", () => outer.pause());
    socket.on("resume", () => outer.resume());
  }
  return new NodeStream(socket, remoteAddress);
}
