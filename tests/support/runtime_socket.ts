/**
 * Deno's own WebSocket with nothing of ours above it, watched: what it says by its events,
 * in order. For the tests that pin how it behaves, and those that compare.
 *
 * @module
 */

/** What a close event said. */
export interface RuntimeClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** A `WebSocket` of the runtime and what was heard of it. */
export class RuntimeSocket {
  readonly socket: WebSocket;
  /** The messages of the error events. */
  readonly errors: string[] = [];
  /** What the close events said; there should never be two. */
  readonly closes: RuntimeClose[] = [];
  /** Fulfilled by the event open. */
  readonly opened: Promise<void>;
  /** Fulfilled by the first close event. */
  readonly closed: Promise<RuntimeClose>;
  readonly #messages: (string | Uint8Array)[] = [];
  #wake = Promise.withResolvers<void>();

  /** Listens to `socket`, which has to be a new one. */
  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<RuntimeClose>();
    this.opened = opened.promise;
    this.closed = closed.promise;
    socket.onopen = () => opened.resolve();
    socket.onmessage = ({ data }) => {
      this.#messages.push(typeof data === "string" ? data : new Uint8Array(data));
      this.#wake.resolve();
    };
    socket.onerror = (event) => {
      this.errors.push(event instanceof ErrorEvent ? event.message : "");
    };
    socket.onclose = ({ code, reason, wasClean }) => {
      this.closes.push({ code, reason, wasClean });
      closed.resolve({ code, reason, wasClean });
      this.#wake.resolve();
    };
  }

  /** How many messages came that nobody took. */
  get waiting(): number {
    return this.#messages.length;
  }

  /** The next message; `null` if the socket is closed and there are no more. */
  async next(): Promise<string | Uint8Array | null> {
    while (this.#messages.length === 0 && this.closes.length === 0) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    return this.#messages.shift() ?? null;
  }
}

/** `Deno.serve` that upgrades every request, on a free port of the loopback address. */
export class RuntimeServer implements AsyncDisposable {
  readonly port: number;
  /** What `Deno.upgradeWebSocket` threw; the request was then answered with 400. */
  readonly refusals: unknown[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #accepted: RuntimeSocket[] = [];
  #wake = Promise.withResolvers<void>();
  #taken = 0;

  /** Starts to serve; `options` go to every upgrade. */
  constructor(options: Deno.UpgradeWebSocketOptions = {}) {
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(listen, (request) => {
      try {
        const { socket, response } = Deno.upgradeWebSocket(request, options);
        this.#accepted.push(new RuntimeSocket(socket));
        this.#wake.resolve();
        return response;
      } catch (error) {
        this.refusals.push(error);
        return new Response(null, { status: 400 });
      }
    });
    this.port = this.#server.addr.port;
  }

  /** The next socket, in the order of the requests, once it is open. */
  async accept(): Promise<RuntimeSocket> {
    while (this.#accepted.length === this.#taken) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    const accepted = this.#accepted[this.#taken++] as RuntimeSocket;
    await accepted.opened;
    return accepted;
  }

  /** Stops; the runtime closes what is open. */
  shutdown(): Promise<void> {
    return this.#server.shutdown();
  }

  /** Stops and waits for every socket to be closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
    await Promise.all(this.#accepted.map((accepted) => accepted.closed));
  }
}
