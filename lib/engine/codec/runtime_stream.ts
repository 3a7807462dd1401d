/**
 * A byte stream that the runtime has opened or accepted: TCP, TLS, or a unix socket.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../../connection/transport.ts";
import { peerAddress } from "../host.ts";
import type { Link } from "../link.ts";
import { type ByteStream, closeQuietly, writeAll } from "./byte_stream.ts";
import { ConnectionDuplex } from "./connection_duplex.ts";
import { DenoLink } from "./deno_link.ts";

/** How much is read at a time, in bytes: the head of a request or of a response. */
const SMALL_BYTES = 4096;
/** How much is read at a time when there was more than that, in bytes: a body. */
const LARGE_BYTES = 65_536;

/** A `Deno.Conn`, which the stream owns. */
export class RuntimeStream<T extends Deno.Conn = Deno.Conn> implements ByteStream {
  /** What the runtime gave. */
  readonly connection: T;
  #readBytes = SMALL_BYTES;

  constructor(connection: T) {
    this.connection = connection;
  }

  get remoteAddress(): PeerAddress {
    return peerAddress(this.connection.remoteAddr);
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = new Uint8Array(this.#readBytes);
    const count = await this.connection.read(buffer);
    if (count === null) return null;
    this.#readBytes = count < SMALL_BYTES ? SMALL_BYTES : LARGE_BYTES;
    return buffer.subarray(0, count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.connection, bytes);
  }

  async end(): Promise<void> {
    await this.connection.closeWrite();
  }

  close(): void {
    closeQuietly(this.connection);
  }

  toLink(): Link {
    return new DenoLink(this.connection);
  }

  toDuplex(): Duplex {
    return new ConnectionDuplex(this.connection);
  }
}
