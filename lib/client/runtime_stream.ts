/**
 * A byte stream that the runtime has opened: TCP, TLS, or a unix socket.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { PeerAddress } from "../connection/transport.ts";
import { closeQuietly, writeAll } from "../engine/codec/byte_stream.ts";
import { DenoLink } from "../engine/codec/deno_link.ts";
import { peerAddress } from "../engine/host.ts";
import type { Link } from "../engine/link.ts";
import type { ByteStream } from "./byte_stream.ts";

/** How much is read at a time while a WebSocket is opened, in bytes. */
const READ_BYTES = 4096;
/** How much is read at a time by a stream of Node's, in bytes: a TLS record and its header. */
const DUPLEX_READ_BYTES = 16_640;

/** A `Deno.Conn`, which the stream owns. */
export class RuntimeStream<T extends Deno.Conn = Deno.Conn> implements ByteStream {
  /** What the runtime gave. */
  readonly connection: T;

  constructor(connection: T) {
    this.connection = connection;
  }

  get remoteAddress(): PeerAddress {
    return peerAddress(this.connection.remoteAddr);
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = new Uint8Array(READ_BYTES);
    const count = await this.connection.read(buffer);
    return count === null ? null : buffer.subarray(0, count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.connection, bytes);
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

/** A `Deno.Conn` as a stream of Node's: one read and one write at a time. */
class ConnectionDuplex extends Duplex {
  readonly #connection: Deno.Conn;

  constructor(connection: Deno.Conn) {
    super();
    this.#connection = connection;
  }

  override _read(): void {
    const buffer = new Uint8Array(DUPLEX_READ_BYTES);
    this.#connection.read(buffer).then(
      (count) => this.push(count === null ? null : buffer.subarray(0, count)),
      (error) => this.destroy(error),
    );
  }

  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error | null) => void,
  ): void {
    writeAll(this.#connection, chunk).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // The peer may have cut the stream already; then there is no direction to end.
    this.#connection.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    closeQuietly(this.#connection);
    done(error);
  }
}
