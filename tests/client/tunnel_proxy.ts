/**
 * A small HTTP proxy that knows nothing but CONNECT, for the tests of tunnels.
 *
 * @module
 */
import { parseHead, type RawHead } from "../support/raw_head.ts";

/** How a proxy behaves. */
export interface TunnelProxyOptions {
  /** Certificate and key, for a proxy that is spoken to over TLS. @default none */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What it answers instead of making a tunnel; `null`: nothing at all. @default a tunnel */
  readonly answer?: string | null;
}

/** A proxy on a port of the loopback address. It makes tunnels to ports of that address only. */
export class TunnelProxy implements AsyncDisposable {
  /** The heads of the requests, in the order they came. */
  readonly requests: RawHead[] = [];
  readonly #listener: Deno.Listener<Deno.Conn, Deno.NetAddr>;
  readonly #answer: string | null | undefined;
  readonly #streams = new Set<Deno.Conn>();
  readonly #work: Promise<void>[] = [];
  readonly #asked = Promise.withResolvers<void>();

  /** Begins to listen. */
  constructor({ tls, answer }: TunnelProxyOptions = {}) {
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#listener = tls === undefined
      ? Deno.listen(address)
      : Deno.listenTls({ ...address, ...tls });
    this.#answer = answer;
    this.#work.push(this.#accept());
  }

  /** The port it listens at. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Settles once the first request was read. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Settles when every client has left and every tunnel is down. */
  async idle(): Promise<void> {
    await Promise.all(this.#work.slice(1));
  }

  /** Cuts everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const stream of this.#streams) close(stream);
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) this.#work.push(this.#serve(client));
    } catch (error) {
      // A client that gave up within the handshake, or the end of listening.
      if (!(error instanceof Deno.errors.BadResource)) this.#work.push(this.#accept());
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    this.#streams.add(client);
    try {
      const request = await readHead(client);
      this.requests.push(request);
      this.#asked.resolve();
      if (this.#answer === undefined) await this.#tunnel(client, request);
      else await this.#refuse(client, this.#answer);
    } catch {
      // One side is gone; that ends the tunnel.
    } finally {
      close(client);
      this.#streams.delete(client);
    }
  }

  /** Answers, and waits until the client leaves. */
  async #refuse(client: Deno.Conn, answer: string | null): Promise<void> {
    if (answer !== null) await writeAll(client, new TextEncoder().encode(answer));
    while (await client.read(new Uint8Array(4096)) !== null);
  }

  async #tunnel(client: Deno.Conn, { startLine }: RawHead): Promise<void> {
    const port = Number(/^CONNECT \S+:(\d+) HTTP\/1\.1$/.exec(startLine)?.[1]);
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#streams.add(server);
    try {
      await writeAll(
        client,
        new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"),
      );
      await Promise.race([pump(client, server), pump(server, client)]);
    } finally {
      close(server);
      this.#streams.delete(server);
    }
  }
}

async function readHead(stream: Deno.Conn): Promise<RawHead> {
  const byte = new Uint8Array(1);
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    if (await stream.read(byte) === null) throw new Error("the request ended early");
    text += String.fromCharCode(byte[0] ?? 0);
  }
  return parseHead(text);
}

async function pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
    await writeAll(to, buffer.subarray(0, n));
  }
}

async function writeAll(stream: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

function close(stream: Deno.Conn): void {
  try {
    stream.close();
  } catch {
    // It is closed already.
  }
}
