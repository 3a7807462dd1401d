/**
 * One message as it comes in, piece by piece.
 *
 * @module
 */
import type { MessageType } from "../protocol/opcodes.ts";
import { ConnectionClosedError } from "./errors.ts";

/**
 * What a piece costs beside its bytes, which have a buffer of their own, so that fragments of
 * one byte are bounded too.
 */
export const PIECE_BYTES = 256;

/** Who is told how much of a message waits and how much was consumed. */
export interface FlowAccount {
  /** `bytes` more wait; false when there is no room for them. */
  hold(bytes: number): boolean;
  /** `bytes` were consumed. */
  release(bytes: number): void;
}

/**
 * A message that arrives as a stream. While its body is not read, the connection stops
 * reading its socket, so the peer waits.
 */
export class IncomingMessage {
  /** Text or binary. */
  readonly type: MessageType;
  /** The payload. Of a text message: valid UTF-8, whose pieces may cut a character. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Made by the connection. */
  constructor(type: MessageType, body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.type = type;
    this.body = body;
  }

  /** The whole body, in memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await new Response(this.body).arrayBuffer());
  }

  /** The whole body as text, in memory. */
  async text(): Promise<string> {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await this.bytes());
  }
}

/** The end of an {@linkcode IncomingMessage} into which its connection puts pieces. */
export class MessageFeed {
  readonly #account: FlowAccount;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #wanted = false;
  #ended = false;

  constructor(account: FlowAccount) {
    this.#account = account;
  }

  /** Opens the message to which this feeds. */
  open(type: MessageType): IncomingMessage {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
    return new IncomingMessage(type, body);
  }

  /** Puts the next piece in. */
  push(piece: Uint8Array<ArrayBuffer>): void {
    if (this.#controller === undefined) return;
    if (this.#wanted) {
      this.#wanted = false;
      this.#controller.enqueue(piece);
      return;
    }
    if (this.#account.hold(costOf(piece))) this.#pieces.push(piece);
    else this.fail(new ConnectionClosedError());
  }

  /** The message is complete. */
  end(): void {
    this.#ended = true;
    if (this.#pieces.length === 0) this.#controller?.close();
  }

  /** The message will never be complete. */
  fail(error: Error): void {
    this.#controller?.error(error);
    this.#cancel();
  }

  #pull(): void {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      this.#wanted = true;
      return;
    }
    this.#controller?.enqueue(piece);
    if (this.#ended && this.#pieces.length === 0) this.#controller?.close();
    this.#account.release(costOf(piece));
  }

  /** Nobody reads on: what waits and what still comes is dropped. */
  #cancel(): void {
    this.#controller = undefined;
    for (const piece of this.#pieces.splice(0)) this.#account.release(costOf(piece));
  }
}

function costOf(piece: Uint8Array): number {
  return piece.length + PIECE_BYTES;
}
