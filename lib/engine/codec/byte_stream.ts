/**
 * The byte stream on which a WebSocket is opened, by either role and whoever makes it, and small
 * operations on it and on what the runtime makes it of.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../../connection/transport.ts";
import type { Link } from "../link.ts";

/** How long a peer may take to end its direction after we ended ours, in milliseconds. */
export const LINGER = 2000;

/** A byte stream that is read by nobody else. */
export interface ByteStream {
  /** The other end. */
  readonly remoteAddress: PeerAddress;
  /** The next bytes, at least one, which are the caller's; `null` at the end of the stream. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends our direction (FIN, TLS close_notify), behind all that was written. */
  end(): Promise<void>;
  /** Cuts the stream in both directions. Idempotent, never throws. */
  close(): void;
  /** Hands the stream over to a connection; it is used in no other way from then on. */
  toLink(): Link;
  /** Hands the stream over as one of Node's. */
  toDuplex(): Duplex;
}

/**
 * Sends a last answer and closes. What the peer still sends is read and thrown away for a
 * while: closing on unread bytes resets the stream, and the answer would be lost with it.
 */
export async function answerAndClose(stream: ByteStream, answer: Uint8Array): Promise<void> {
  const timer = setTimeout(() => stream.close(), LINGER);
  try {
    await stream.write(answer);
    await stream.end();
    while (await stream.read() !== null);
  } catch {
    // The peer is gone; there is nobody to answer.
  } finally {
    clearTimeout(timer);
    stream.close();
  }
}

/** Frames are small and must not wait for each other (no delay, as TCP calls it). */
export function sendAtOnce(connection: Deno.Conn): void {
  if (!("setNoDelay" in connection)) return;
  try {
    (connection as Deno.TcpConn).setNoDelay(true);
  } catch {
    // The peer is gone already, as some systems say here; who reads is told of it.
  }
}

/** Writes all of `bytes`. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await connection.write(bytes.subarray(at));
}

/** Closes a connection, whatever state it is in. */
export function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
