/**
 * TLS as a server, on streams that the runtime has accepted.
 *
 * It is done by `node:tls`: the runtime's own TLS streams let small writes wait for each other
 * (Nagle's algorithm), so that an echo of two records takes as long as the peer delays its ACK,
 * 40 ms; and one that is closed within its handshake lives until the client leaves. The
 * runtime's listener stays, for `node:net`'s accepts no more connections once it was short of
 * descriptors.
 *
 * @module
 */
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { TlsOptions } from "../host.ts";
import type { ByteStream } from "./byte_stream.ts";
import { ALPN, withinTls } from "./tls_stream.ts";

/** A server's side of TLS. */
export class ServerTls {
  readonly #context: SecureContext;

  /** The certificate is not checked before the first handshake; see {@linkcode checkTls}. */
  constructor({ cert, key }: TlsOptions) {
    this.#context = createSecureContext({ cert, key, minVersion: "TLSv1.2" });
  }

  /**
   * The stream within TLS on `stream`, which belongs to it. The handshake goes on by itself; a
   * read waits for it, and fails when it does.
   */
  accept(stream: ByteStream): ByteStream {
    const outer = stream.toDuplex();
    const socket = new TLSSocket(outer, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ALPN,
    });
    return withinTls(socket, { outer, remoteAddress: stream.remoteAddress });
  }
}

/**
 * Checks that a certificate and a key can be served.
 *
 * @throws {Deno.errors.InvalidData} when one of them cannot be read; another error when they
 * do not belong together.
 */
export function checkTls(
  { hostname, port }: { hostname: string; port: number },
  { cert, key }: TlsOptions,
): void {
  // Only the runtime says at once, and nowhere but on the address that is to be listened on:
  // permission may be given for no other.
  Deno.listenTls({ hostname, port, cert, key }).close();
}
