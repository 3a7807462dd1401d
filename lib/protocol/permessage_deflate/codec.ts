/**
 * What the protocol core asks of a compressor: DEFLATE as RFC 7692 §7.2 uses it, message by
 * message, at once and without waiting. The core never touches zlib itself.
 *
 * @module
 */
import type { ProtocolErrorCode } from "../errors.ts";

/** Takes what is inflated; a fault it answers with ends the inflating. */
export interface InflatedSink {
  /**
   * How many more bytes may come before the message is too large. No more than one byte
   * beyond it is ever inflated.
   */
  readonly inflatedRoom: number;
  /** `bytes[start, end)` is the next piece, valid during the call only, never empty. */
  onInflated(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined;
}

/** Inflates the messages of one connection, one after the other. */
export interface MessageInflater {
  /** Takes the next piece of a message's compressed payload. */
  push(
    bytes: Uint8Array,
    start: number,
    end: number,
    sink: InflatedSink,
  ): ProtocolErrorCode | undefined;
  /** The payload is complete: gives what is left, and finds what was cut short. */
  finish(sink: InflatedSink): ProtocolErrorCode | undefined;
  /**
   * Frees all memory. Idempotent. A sink may call it while it is given something: that ends
   * the call under way, without a fault. Nothing else may be called afterwards.
   */
  close(): void;
}

/** Deflates the messages of one connection, one after the other. */
export interface MessageDeflater {
  /**
   * Whether each message is compressed for itself, so that one which does not shrink may be
   * sent as it is, and one may be compressed for many connections.
   */
  readonly independent: boolean;
  /** Which results are the same: deflaters of one group make the same bytes of a message. */
  readonly group: string;
  /**
   * Compresses the next piece of a message, the last one with `fin`. What it gives is valid
   * until the next call of any deflater.
   */
  push(bytes: Uint8Array, fin: boolean): Uint8Array;
  /** Frees all memory. Idempotent; nothing may be called afterwards. */
  close(): void;
}

/** Both directions of one connection that agreed on permessage-deflate. */
export interface MessageCompression {
  /** For what comes. */
  readonly inflater: MessageInflater;
  /** For what goes; `undefined` where it goes as it is. */
  readonly deflater: MessageDeflater | undefined;
}
