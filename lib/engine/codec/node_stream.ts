/**
 * Small operations on a stream of `node:http`: a `net.Socket`, or any other duplex.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { RequestInfo } from "../host.ts";

/** How long a peer may take to end its direction after we ended ours, in milliseconds. */
const LINGER = 2000;

/**
 * Takes a stream over from the HTTP server: what fails on it must not end the process, it is
 * not cut for being idle, and frames do not wait for each other.
 */
export function takeOver(stream: Duplex): void {
  stream.on("error", () => {});
  if ("setTimeout" in stream) (stream as Socket).setTimeout(0);
  if ("setNoDelay" in stream) (stream as Socket).setNoDelay(true);
}

/** Where a stream comes from. What has no IP address counts as a unix socket. */
export function infoOf(stream: Duplex): RequestInfo {
  const { remoteAddress, remotePort = 0 } = stream as Partial<Socket>;
  return {
    remoteAddress: remoteAddress === undefined
      ? { transport: "unix", hostname: "", port: 0 }
      : { transport: "tcp", hostname: remoteAddress, port: remotePort },
    secure: "encrypted" in stream && stream.encrypted === true,
  };
}

/** The bytes of a chunk, which may be a `Buffer`, as a plain array over the same memory. */
export function plainBytes(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Writes all of `bytes`; rejects when the stream fails or is closed before. */
export async function writeAll(stream: Duplex, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error("the stream was closed"));
  stream.once("close", onClose);
  stream.write(bytes, (error) => error ? reject(error) : resolve());
  try {
    await promise;
  } finally {
    stream.off("close", onClose);
  }
}

/**
 * Sends a last answer and closes. What the peer still sends is thrown away for a while:
 * closing on unread bytes resets the stream, and the answer would be lost with it.
 */
export async function answerAndEnd(stream: Duplex, answer: Uint8Array): Promise<void> {
  if (stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), LINGER);
  const closed = new Promise((resolve) => stream.once("close", resolve));
  stream.resume();
  stream.end(answer);
  await closed;
  clearTimeout(timer);
}
