/**
 * Text messages of JSON that are compressed with permessage-deflate (RFC 7692), once and in
 * advance. Servers compress their echoes as they like, so the frames are counted, and an echo that
 * is looked at is inflated first.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { EXIT, LoadError } from "./errors.ts";
import type { EchoReceiver, Exchange } from "./exchange.ts";
import { COMPRESSED_TEXT, maskedFrames } from "./frames.ts";
import { jsonMessage } from "./json_message.ts";

/** What ends each message and is not sent (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const { Z_SYNC_FLUSH } = constants;
const NO_TAKEOVER = ["server_no_context_takeover", "client_no_context_takeover"];

/** A batch of messages, and whether the server may compress one with the help of another. */
export interface DeflateExchangeOptions {
  /** Messages of a batch. */
  inFlight: number;
  /** Bytes of a message, before it is compressed. */
  bytes: number;
  /**
   * Whether contexts last. If so, the first batch of a connection is compared and no later one,
   * because that would need all bytes between them.
   */
  takeover: boolean;
}

/** Compressed text messages, which differ from each other. */
export class DeflateExchange implements Exchange {
  readonly inFlight: number;
  readonly bytes: number;
  readonly takeover: boolean;
  readonly request: Uint8Array;
  readonly offer: string;
  /** What the echoes inflate to. */
  readonly messages: readonly Uint8Array[];

  /** Compresses the messages. None refers to another, which is allowed with takeover too. */
  constructor({ inFlight, bytes, takeover }: DeflateExchangeOptions) {
    const encoder = new TextEncoder();
    this.inFlight = inFlight;
    this.bytes = bytes;
    this.takeover = takeover;
    this.offer = ["permessage-deflate", ...(takeover ? [] : NO_TAKEOVER)].join("; ");
    this.messages = Array.from(
      { length: inFlight },
      (_, number) => encoder.encode(jsonMessage(number, bytes)),
    );
    const payloads = this.messages.map((message) =>
      deflateRawSync(message, { finishFlush: Z_SYNC_FLUSH }).subarray(0, -TAIL.length)
    );
    this.request = maskedFrames(COMPRESSED_TEXT, payloads);
  }

  agreementFault(agreed: string | undefined): string | undefined {
    const [name, ...parameters] = agreed?.split(";").map((part) => part.trim()) ?? [];
    const right = name === "permessage-deflate" &&
      NO_TAKEOVER.every((parameter) => parameters.includes(parameter) === !this.takeover);
    return right
      ? undefined
      : `"${this.offer}" was offered, the server agreed to "${agreed ?? ""}"`;
  }

  createReceiver(tag: number): EchoReceiver {
    return new DeflateReceiver(tag, this);
  }
}

class DeflateReceiver implements EchoReceiver {
  readonly #tag: number;
  readonly #exchange: DeflateExchange;
  /** Echoes of the batch that are still to come. */
  #missing = 0;
  /** Header bytes of the frame at hand that were read, then how many bytes of its body come. */
  #headerBytes = 0;
  #body = 0;
  #begun = false;
  #compares = false;
  /** What was kept for the next comparison. */
  #kept: Uint8Array[] = [];
  received = 0;

  constructor(tag: number, exchange: DeflateExchange) {
    this.#tag = tag;
    this.#exchange = exchange;
  }

  start(compare: boolean): void {
    this.received = 0;
    this.#missing = this.#exchange.inFlight;
    this.#compares = compare && !(this.#exchange.takeover && this.#begun);
    this.#begun = true;
  }

  take(input: Uint8Array, length: number): boolean {
    this.received += length;
    for (let at = 0; at < length;) {
      if (this.#missing === 0) throw this.#fault("more came back than was sent");
      if (!this.#inBody) {
        this.#takeHeader(input[at++]!);
        continue;
      }
      const end = Math.min(length, at + this.#body);
      if (this.#compares) this.#kept.push(input.slice(at, end));
      this.#body -= end - at;
      at = end;
      if (this.#body === 0) this.#endMessage();
    }
    return this.#missing === 0;
  }

  get #inBody(): boolean {
    return this.#headerBytes === 4;
  }

  /** Takes the next byte of a header: with 2 bytes of length or without (RFC 6455 §5.2). */
  #takeHeader(byte: number): void {
    switch (this.#headerBytes++) {
      case 0:
        if (byte === COMPRESSED_TEXT) return;
        throw this.#fault(`a frame begins with 0x${byte.toString(16)}: no compressed text message`);
      case 1:
        if (byte === 0 || byte > 126) throw this.#fault("a frame is empty, masked or too long");
        if (byte === 126) return;
        this.#body = byte;
        this.#headerBytes = 4;
        return;
      case 2:
        this.#body = byte << 8;
        return;
      case 3:
        this.#body |= byte;
    }
  }

  #endMessage(): void {
    const { inFlight, messages, takeover } = this.#exchange;
    this.#headerBytes = 0;
    const number = inFlight - this.#missing--;
    if (!this.#compares) return;
    this.#kept.push(TAIL);
    // With takeover an echo cannot be inflated without those before it.
    if (!takeover) this.#compare(messages[number]!);
    else if (this.#missing === 0) this.#compare(Buffer.concat(messages));
  }

  #compare(expected: Uint8Array): void {
    const payload = Buffer.concat(this.#kept);
    this.#kept = [];
    let inflated: Uint8Array;
    try {
      inflated = inflateRawSync(payload, { finishFlush: Z_SYNC_FLUSH });
    } catch (error) {
      throw this.#fault(`it does not inflate: ${error instanceof Error ? error.message : error}`);
    }
    if (Buffer.compare(inflated, expected) !== 0) throw this.#fault("it inflates to another text");
  }

  #fault(what: string): LoadError {
    return new LoadError(`Wrong echo on connection ${this.#tag}: ${what}`, EXIT.wrongEcho);
  }
}
