/**
 * The byte stream on which a client opens a WebSocket, whoever makes it: the runtime, or
 * `node:tls` where the runtime's own TLS is not enough.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../connection/transport.ts";
import type { Link } from "../engine/link.ts";

/** A byte stream that is read by nobody else. */
export interface ByteStream {
  /** The other end. */
  readonly remoteAddress: PeerAddress;
  /** The next bytes, at least one; `null` at the end of the stream. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Cuts the stream in both directions. Idempotent, never throws. */
  close(): void;
  /** Hands the stream over to a connection; it is used in no other way from then on. */
  toLink(): Link;
  /** Hands the stream over as one of Node's. */
  toDuplex(): Duplex;
}
