/**
 * What all connections of a load send again and again, and how each takes the echoes.
 *
 * @module
 */

/** One batch of messages, and what must come back. */
export interface Exchange {
  /** Messages of the batch. */
  readonly inFlight: number;
  /** Bytes of a message, before it is compressed. */
  readonly bytes: number;
  /** The batch as it goes out: masked frames, one after the other. */
  readonly request: Uint8Array;
  /** The extension that is offered in the opening handshake. */
  readonly offer: string | undefined;
  /** Says what is wrong with the extension that a server agreed to. */
  agreementFault(agreed: string | undefined): string | undefined;
  /** Makes the receiver of a connection, which is numbered. */
  createReceiver(tag: number): EchoReceiver;
}

/** Takes the echoes of one connection. */
export interface EchoReceiver {
  /** Bytes of the current batch's echoes so far, with their frame headers. */
  readonly received: number;
  /** Begins a batch, whose echoes are compared or only counted. */
  start(compare: boolean): void;
  /**
   * Takes the first `length` bytes of `input`; true when the batch is complete with them.
   *
   * @throws {LoadError} when they are no echo
   */
  take(input: Uint8Array, length: number): boolean;
}
