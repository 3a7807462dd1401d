/**
 * The outgoing side of the WHATWG class: messages and the close frame leave in the order in
 * which the program asked for them, although a `Blob` has to be read first.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { BufferedAmount } from "./buffered_amount.ts";
import { beginClosing, type CloseArguments } from "./close_rules.ts";
import { type Payload, sizeOf } from "./payload.ts";

/** What a {@linkcode Sender} needs of the WebSocket around it. */
export interface SenderParts {
  /** Where messages go. */
  readonly connection: Connection;
  /** Where they are counted. */
  readonly buffered: BufferedAmount;
  /** A `Blob` could not be read; what waits behind it will not be done, and tells the same. */
  readonly onFailure: (error: unknown) => void;
}

/** Sends over one connection. */
export class Sender {
  readonly #parts: SenderParts;
  /** Settles when all that waits behind a `Blob` is done; `undefined` when nothing waits. */
  #last: Promise<void> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Sends a message; bytes are copied. On a connection that is closing it is only counted. */
  send(payload: Payload): void {
    const bytes = sizeOf(payload);
    this.#parts.buffered.add(bytes);
    if (payload instanceof Blob) {
      this.#later(async () => this.#handOver(new Uint8Array(await payload.arrayBuffer()), bytes));
    } else if (this.#last === undefined) {
      this.#handOver(payload, bytes);
    } else {
      const own = typeof payload === "string" ? payload : payload.slice();
      this.#later(() => this.#handOver(own, bytes));
    }
  }

  /** Begins the closing handshake, behind all that waits. */
  close(closing: CloseArguments): void {
    const { connection, buffered } = this.#parts;
    const begin = () => {
      buffered.update();
      beginClosing(connection, closing);
    };
    if (this.#last === undefined) begin();
    else this.#later(begin);
  }

  #handOver(message: string | Uint8Array, bytes: number): void {
    const { connection, buffered } = this.#parts;
    if (connection.state !== "open") return;
    buffered.handOver(connection, bytes, () => connection.send(message));
  }

  #later(step: () => void | Promise<void>): void {
    const last = (this.#last ?? Promise.resolve()).then(step);
    this.#last = last;
    // When a step fails, those that wait behind it fail with it.
    last.then(() => {
      if (this.#last === last) this.#last = undefined;
    }, this.#parts.onFailure);
  }
}
