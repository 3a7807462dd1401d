/**
 * The two streams of a {@linkcode WebSocketStream}, and how they end together.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import { ConnectionClosedError } from "../../connection/errors.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { checkClose, type CloseArguments } from "./close_rules.ts";
import { aloneInBuffer, bytesOf } from "./payload.ts";
import { errorOf, type WebSocketCloseInfo, WebSocketError } from "./websocket_error.ts";

/** A message that came. */
type Incoming = string | Uint8Array<ArrayBuffer>;

const NO_BODY: CloseArguments = { code: undefined, reason: "" };

/** The streams over one open connection. */
export class MessageStreams {
  /** The messages that come. */
  readonly readable: ReadableStream<Incoming>;
  /** Takes the messages to send. */
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  /** How the connection ended; rejects when it did not end cleanly. Nobody has to wait for it. */
  readonly closed: Promise<WebSocketCloseInfo>;

  readonly #connection: Connection;
  /** Begins to close the connection, unless that was done. */
  readonly #close: (closing: CloseArguments) => void;
  #reader!: ReadableStreamDefaultController<Incoming>;
  #writer!: WritableStreamDefaultController;
  /** What comes from now on is dropped. */
  #discarding = false;
  /** The readable stream has ended, or nobody reads it any more. */
  #readingEnded = false;
  /** What whoever writes is told at the end. */
  #writeError: Error | undefined;

  constructor(connection: Connection, close: (closing: CloseArguments) => void) {
    this.#connection = connection;
    this.#close = close;
    this.readable = new ReadableStream<Incoming>({
      start: (controller) => void (this.#reader = controller),
      pull: () => this.#pull(),
      cancel: (reason) => {
        this.#readingEnded = true;
        this.#closeWith(reason);
      },
    });
    this.writable = new WritableStream<string | ArrayBuffer | ArrayBufferView>({
      start: (controller) => this.#startWriting(controller),
      write: (chunk) => this.#write(chunk),
      close: async () => {
        this.#close(NO_BODY);
        await this.closed;
      },
    });
    this.closed = this.#awaitEnd();
    this.closed.catch(() => {});
  }

  /** Drops all messages from now on, so that none of them is in the way of the end. */
  discard(): void {
    this.#discarding = true;
    this.#pull();
  }

  /** Hands out the next message, or the end behind the last one. */
  async #pull(): Promise<void> {
    const message = await this.#next();
    if (message !== undefined) {
      this.#reader.enqueue(typeof message === "string" ? message : aloneInBuffer(message));
      return;
    }
    const error = await this.closed.then(() => undefined, (error) => error);
    if (this.#readingEnded) return;
    this.#readingEnded = true;
    if (error === undefined) this.#reader.close();
    else this.#reader.error(error);
  }

  /** The next message; `undefined` at the end, however it came. */
  async #next(): Promise<Incoming | undefined> {
    try {
      let message = await this.#connection.receive();
      while (message !== undefined && this.#discarding) message = await this.#connection.receive();
      return message;
    } catch {
      return undefined; // why, `closed` tells
    }
  }

  #startWriting(controller: WritableStreamDefaultController): void {
    this.#writer = controller;
    const { signal } = controller;
    // The `abort` of a sink is not called before its `write` has settled, which can take long.
    signal.addEventListener("abort", () => this.#closeWith(signal.reason), { once: true });
  }

  async #write(chunk: unknown): Promise<void> {
    const message = messageOf(chunk);
    try {
      await this.#connection.send(message);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) throw error;
      await this.#connection.closed;
      throw this.#writeError ?? error;
    }
  }

  async #awaitEnd(): Promise<WebSocketCloseInfo> {
    const { code, reason, wasClean, error } = await this.#connection.closed;
    if (wasClean) {
      const message = "Cannot write: the connection is closed";
      this.#endWriting(new DOMException(message, "InvalidStateError"));
      return { closeCode: code, reason };
    }
    const failure = errorOf(error?.message ?? "the connection did not end cleanly", {
      // Without a close frame of the server's it is 1006, whatever we told it (RFC 6455 §7.1.5).
      closeCode: error instanceof ProtocolError ? CloseCode.ABNORMAL : code,
      reason,
      cause: error,
    });
    this.#endWriting(failure);
    throw failure;
  }

  #endWriting(error: Error): void {
    this.#writeError = error;
    this.#writer.error(error);
  }

  /** Closes with what a {@linkcode WebSocketError} says, if that may be sent, or with nothing. */
  #closeWith(reason: unknown): void {
    if (!(reason instanceof WebSocketError)) return this.#close(NO_BODY);
    const closing = { code: reason.closeCode ?? undefined, reason: reason.reason };
    this.#close(isAllowed(closing) ? closing : NO_BODY);
  }
}

function isAllowed(closing: CloseArguments): boolean {
  try {
    checkClose(closing);
    return true;
  } catch {
    return false;
  }
}

/**
 * The message that `chunk` becomes: bytes as they are, all else as a string.
 *
 * @throws {TypeError} when the bytes can change their number or are shared, when it is a `Blob`,
 * which has to be read first, or when there is no string for it.
 */
function messageOf(chunk: unknown): string | Uint8Array {
  if (typeof chunk === "string") return chunk;
  if (chunk instanceof Blob) {
    throw new TypeError("Cannot write a Blob: write its bytes, as with await blob.bytes()");
  }
  const bytes = bytesOf(chunk);
  if (bytes?.buffer.resizable === true) {
    throw new TypeError("Cannot write a resizable buffer: copy the bytes first");
  }
  return bytes ?? `${chunk}`;
}
