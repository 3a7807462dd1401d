/**
 * Small operations on a `Deno.Conn`.
 *
 * @module
 */

/** How much is read at a time where bytes are passed on or thrown away, in bytes. */
const CHUNK_BYTES = 65_536;
/** How long a peer may take to end its direction after we ended ours, in milliseconds. */
export const LINGER = 2000;

/** Frames are small and must not wait for each other (no delay, as TCP calls it). */
export function sendAtOnce(connection: Deno.Conn): void {
  if ("setNoDelay" in connection) (connection as Deno.TcpConn).setNoDelay(true);
}

/** Writes all of `bytes`. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await connection.write(bytes.subarray(at));
}

/** Passes on all that comes from one connection to another, and then its end. */
export async function pump(
  from: Deno.Conn,
  to: Deno.Conn,
  onProgress: () => void,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  while (true) {
    const count = await from.read(buffer);
    if (count === null) break;
    onProgress();
    await writeAll(to, buffer.subarray(0, count));
    onProgress();
  }
  await to.closeWrite();
}

/** Closes a connection, whatever state it is in. */
export function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

/**
 * Sends a last answer and closes. What the peer still sends is read and thrown away for a
 * while: closing on unread bytes resets the stream, and the answer would be lost with it.
 */
export async function answerAndClose(connection: Deno.Conn, answer: Uint8Array): Promise<void> {
  const timer = setTimeout(() => closeQuietly(connection), LINGER);
  try {
    await writeAll(connection, answer);
    await connection.closeWrite();
    const buffer = new Uint8Array(CHUNK_BYTES);
    while (await connection.read(buffer) !== null);
  } catch {
    // The peer is gone; there is nobody to answer.
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}
