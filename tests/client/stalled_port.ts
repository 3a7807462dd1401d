/**
 * A port at which connecting takes for ever, for the tests of what cuts that short.
 *
 * @module
 */

/** More connections than any queue of a listener that is made here. */
const PATIENCE = 5000;

/** Where the port is. */
export interface StalledPortOptions {
  /** The loopback address. @default "127.0.0.1" */
  readonly hostname?: string;
  /** The port. @default any that is free */
  readonly port?: number;
}

/** A port of a loopback address whose listener accepts nothing and whose queue is full. */
export class StalledPort implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #queued: readonly Deno.Conn[];

  private constructor(listener: Deno.TcpListener, queued: readonly Deno.Conn[]) {
    this.port = listener.addr.port;
    this.#listener = listener;
    this.#queued = queued;
  }

  /** Fills the queue of a new listener until one connection has to wait. */
  static async create(options: StalledPortOptions = {}): Promise<StalledPort> {
    const { hostname = "127.0.0.1" } = options;
    const listener = Deno.listen({ hostname, port: options.port ?? 0 });
    const { port } = listener.addr;
    const queued: Deno.Conn[] = [];
    while (queued.length < PATIENCE) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), 200);
      try {
        queued.push(await Deno.connect({ hostname, port, signal: stop.signal }));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        return new StalledPort(listener, queued);
      } finally {
        clearTimeout(timer);
      }
    }
    throw new Error(`Cannot fill the queue of a listener with ${PATIENCE} connections`);
  }

  /** Gives the port back. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#queued) connection.close();
    this.#listener.close();
    await undefined;
  }
}
