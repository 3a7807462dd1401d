/**
 * A byte stream to a testee. It pushes what comes, and its writes end when the network has taken
 * them. TCP goes over the sockets of `node:net`: they alone can be reset.
 *
 * @module
 */
import type { Socket } from "node:net";

/** Who is told what a stream brings. */
export interface StreamSink {
  /** Bytes came; they are the sink's from then on. */
  data(bytes: Uint8Array): void;
  /** Nothing more comes. `failure` says what broke it; `undefined`: the testee ended it. */
  end(failure: string | undefined): void;
}

/** A stream of bytes in both directions. */
export interface ByteStream {
  /** Who is told from now on. What came while nobody was is told at once. */
  attach(sink: StreamSink): void;
  /** Writes all; false when the stream is broken. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Stops or resumes reading. */
  pause(paused: boolean): void;
  /** Sends a FIN after what was written; reading goes on. */
  endWriting(): void;
  /**
   * Ends it at once: `"fin"` sends what was written, and a FIN; `"reset"` sends a RST (a FIN where
   * TLS does not allow one).
   */
  drop(how: "fin" | "reset"): void;
  /** Resolves when the stream is gone in both directions. */
  readonly closed: Promise<void>;
}

/** How long a testee may take to end its direction after a FIN, in milliseconds. */
export const LINGER = 250;

/** A byte stream over a socket. */
export class SocketStream implements ByteStream {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #sink: StreamSink | undefined;
  #waiting: Uint8Array[] = [];
  #ended: { failure: string | undefined } | undefined;
  #failure: string | undefined;
  #broken = false;
  #dropped = false;

  /** Takes a socket that is connected. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#keepReading(socket);
    socket.on("data", (bytes: Uint8Array) => this.#data(bytes));
    socket.on("end", () => this.#end(undefined));
    socket.on("error", (error: Error) => {
      this.#failure ??= error.message;
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#end(this.#failure);
        resolve();
      });
    });
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
    for (const bytes of this.#waiting.splice(0)) sink.data(bytes);
    if (this.#ended) sink.end(this.#ended.failure);
  }

  write(bytes: Uint8Array): Promise<boolean> {
    if (this.#broken || this.#socket.destroyed || this.#socket.writableEnded) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      this.#socket.write(bytes, (error) => resolve(!error));
    });
  }

  pause(paused: boolean): void {
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }

  endWriting(): void {
    this.#socket.end();
  }

  drop(how: "fin" | "reset"): void {
    if (this.#socket.destroyed) return;
    this.#dropped = true;
    if (how === "reset") {
      this.#socket.resetAndDestroy();
      return;
    }
    // What comes still is read, and lost: closing with bytes unread would be a reset.
    this.#socket.resume();
    this.#socket.end();
    if (this.#ended || this.#broken) this.#finish();
    // The end of the other side may never come, nor that of a write.
    const timer = setTimeout(() => this.#socket.destroy(), LINGER);
    this.#socket.on("close", () => clearTimeout(timer));
  }

  #data(bytes: Uint8Array): void {
    if (this.#dropped) return;
    // A view of its own: a Buffer's slice() would not copy.
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.#sink) this.#sink.data(view);
    else this.#waiting.push(view);
  }

  #end(failure: string | undefined): void {
    if (this.#ended) return;
    this.#ended = { failure };
    this.#sink?.end(failure);
    if (this.#socket.writableEnded) this.#finish();
  }

  /** Ends what is left of the socket. */
  #finish(): void {
    if (this.#broken) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  /**
   * A write that fails would destroy the socket, and with it what the testee sent before it ended
   * the connection: an answer, a close frame. So it only ends writing here.
   */
  #keepReading(socket: Socket): void {
    const destroy = socket.destroy.bind(socket);
    // The reading side is told of the failure, too, and would give nothing any more.
    const { _readableState: reading } = socket as unknown as {
      _readableState?: { errored: Error | null };
    };
    socket.destroy = (error?: Error): Socket => {
      if ((error as { syscall?: unknown } | undefined)?.syscall !== "write") return destroy(error);
      this.#failure ??= error!.message;
      this.#broken = true;
      if (reading) reading.errored = null;
      return socket;
    };
  }
}
