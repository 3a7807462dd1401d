/**
 * Binary messages that are not compressed. Their echo is known to the byte, so it is compared or
 * counted without looking for frames in it.
 *
 * @module
 */

import { EXIT, LoadError } from "./errors.ts";
import type { EchoReceiver, Exchange } from "./exchange.ts";
import { BINARY, maskedFrames, plainFrames } from "./frames.ts";

/** Binary messages, which differ from each other where their length allows it. */
export class PlainExchange implements Exchange {
  readonly inFlight: number;
  readonly bytes: number;
  readonly request: Uint8Array;
  readonly offer = undefined;
  readonly #echo: Uint8Array;

  /** Builds a batch of `inFlight` messages of `bytes` bytes. */
  constructor(inFlight: number, bytes: number) {
    const messages = Array.from({ length: inFlight }, (_, number) => makeMessage(number, bytes));
    this.inFlight = inFlight;
    this.bytes = bytes;
    this.request = maskedFrames(BINARY, messages);
    this.#echo = plainFrames(BINARY, messages);
  }

  agreementFault(agreed: string | undefined): string | undefined {
    return agreed === undefined ? undefined : `the server agreed to "${agreed}" without an offer`;
  }

  createReceiver(tag: number): EchoReceiver {
    return new PlainReceiver(tag, this.#echo);
  }
}

/** So that echoes in the wrong order are noticed, no two of a batch begin with the same byte. */
function makeMessage(number: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, k) => (k * 7 + number * 31 + (k >>> 8)) & 0xff);
}

class PlainReceiver implements EchoReceiver {
  readonly #tag: number;
  readonly #echo: Uint8Array;
  /** Bytes that were compared; all of them when they are only counted. */
  #compared = 0;
  received = 0;

  constructor(tag: number, echo: Uint8Array) {
    this.#tag = tag;
    this.#echo = echo;
  }

  start(compare: boolean): void {
    this.received = 0;
    this.#compared = compare ? 0 : this.#echo.length;
  }

  take(input: Uint8Array, length: number): boolean {
    const whole = this.#echo.length;
    if (this.#compared < whole) this.#compare(input, length);
    this.received += length;
    if (this.received > whole) throw new LoadError("Too many bytes came back", EXIT.wrongEcho);
    return this.received === whole;
  }

  #compare(input: Uint8Array, length: number): void {
    const echo = this.#echo;
    for (let i = 0; i < length && this.#compared < echo.length; i++, this.#compared++) {
      if (input[i] === echo[this.#compared]) continue;
      throw new LoadError(
        `Wrong echo on connection ${this.#tag}: byte ${this.#compared} is ${input[i]}, ` +
          `not ${echo[this.#compared]}`,
        EXIT.wrongEcho,
      );
    }
  }
}
