/**
 * What carries the bytes of a codec connection: the one interface between an engine's
 * transport and a TCP, TLS or unix stream, however that is read.
 *
 * It suits reads that are pulled (`Deno.Conn`), chunks that are pushed (a `node:http`
 * socket), and readiness (epoll), where many links share one buffer and a write is
 * synchronous and may be partial.
 *
 * @module
 */

/** A byte stream in both directions. */
export interface Link {
  /** Which engine it belongs to. */
  readonly engine: "codec" | "epoll";
  /**
   * Says who takes the bytes, and begins to read, never from within this call. `first`
   * are bytes that were read before and come first; they are the link's from now on.
   */
  start(receiver: LinkReceiver, first: Uint8Array): void;
  /** Stops reading. At most what is being read at the moment still arrives. */
  pause(): void;
  /** Reads on, never from within this call. */
  resume(): void;
  /**
   * Writes `bytes` and returns how many of them left at once. If not all, the link borrows
   * `bytes` until its calls of `onWritten` have told of the rest; until then it takes no
   * other write.
   */
  write(bytes: Uint8Array): number;
  /** Ends the outgoing direction (FIN, TLS close_notify). Nothing is being written. */
  end(): void;
  /** Cuts the stream in both directions and gives everything up. Idempotent. */
  destroy(): void;
}

/**
 * Who takes what a link brings. After `onEnd` no more bytes come; after `onError`, or once
 * the receiver called `destroy`, nothing more is called at all.
 */
export interface LinkReceiver {
  /**
   * Bytes came: `bytes[start, end)`. They are the receiver's to change during the call,
   * and the link's again after it. `bytes` is a plain array, no subclass.
   */
  onBytes(bytes: Uint8Array, start: number, end: number): void;
  /** The peer ended its direction. */
  onEnd(): void;
  /** `count` more bytes of the borrowed array have left. */
  onWritten(count: number): void;
  /** The stream failed. */
  onError(error: Error): void;
}
