/**
 * A server on a unix socket, for the tests of clients.
 *
 * @module
 */
import { parseHead, type RawHead, upgradeResponse } from "../support/raw_head.ts";

/** A server at the one path that the tests may use. It takes one connection after the other. */
export class UnixServer implements AsyncDisposable {
  /** The path that the tests may use. */
  static readonly path: string = new URL("../../.cache/test.sock", import.meta.url).pathname;
  readonly path: string = UnixServer.path;
  readonly #listener: Deno.UnixListener;
  readonly #streams: Deno.Conn[] = [];
  readonly #asked = Promise.withResolvers<void>();

  /** Begins to listen. */
  constructor() {
    remove(this.path);
    this.#listener = Deno.listen({ transport: "unix", path: this.path });
  }

  /** Settles once a request was read. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Accepts the next connection, reads the head of its request and agrees. */
  async acceptUpgrade(): Promise<RawHead> {
    const stream = await this.#accept();
    const request = await readHead(stream);
    await stream.write(new TextEncoder().encode(upgradeResponse(request)));
    return request;
  }

  /** Accepts the next connection, answers its request, and waits for its end. */
  async answer(response: string): Promise<void> {
    const stream = await this.#accept();
    await readHead(stream);
    this.#asked.resolve();
    if (response !== "") await stream.write(new TextEncoder().encode(response));
    while (await stream.read(new Uint8Array(4096)) !== null);
  }

  /** Accepts the next connection, and passes on all between it and a port, until one ends. */
  async splice(port: number): Promise<void> {
    const stream = await this.#accept();
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#streams.push(server);
    const pump = (from: Deno.Conn, to: Deno.Conn) => from.readable.pipeTo(to.writable);
    await Promise.race([pump(stream, server), pump(server, stream)]).catch(() => {});
  }

  /** Cuts everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const stream of this.#streams) close(stream);
    remove(this.path);
    await undefined;
  }

  async #accept(): Promise<Deno.Conn> {
    const stream = await this.#listener.accept();
    this.#streams.push(stream);
    return stream;
  }
}

async function readHead(stream: Deno.Conn): Promise<RawHead> {
  const buffer = new Uint8Array(4096);
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    const count = await stream.read(buffer) ?? 0;
    if (count === 0) throw new Error(`the request ended after ${JSON.stringify(text)}`);
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return parseHead(text);
}

function close(stream: Deno.Conn): void {
  try {
    stream.close();
  } catch {
    // It is closed already.
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
