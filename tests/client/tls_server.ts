/**
 * A TLS server for the tests of clients, which agrees to one WebSocket.
 *
 * @module
 */
import { parseHead, type RawHead, upgradeResponse } from "../support/raw_head.ts";

/** A certificate or key of the tests. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(new URL(`../fixtures/${name}.pem`, import.meta.url));
}

/** The authority that has signed the certificates. */
export const CA: string = fixture("ca");
/** A certificate for the loopback addresses, good for a server and for a client. */
export const CERT: string = fixture("localhost");
/** Its key, which is also that of all others but the authority. */
export const KEY: string = fixture("localhost_key");

/** A server that accepts one connection; what its handshake says is kept. */
export class TlsServer implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.TlsListener;
  readonly #accepted: Promise<Deno.TlsConn>;

  constructor(certificate: string, hostname = "127.0.0.1") {
    this.#listener = Deno.listenTls({
      hostname,
      port: 0,
      cert: fixture(certificate),
      key: KEY,
      alpnProtocols: ["h2", "http/1.1"],
    });
    this.port = this.#listener.addr.port;
    this.#accepted = this.#listener.accept();
    this.#accepted.catch(() => {}); // nobody came
  }

  /** Reads the head of the request and agrees. */
  async acceptUpgrade(): Promise<{ request: RawHead; alpnProtocol: string | null }> {
    const stream = await this.#accepted;
    const { alpnProtocol } = await stream.handshake();
    const request = await readHead(stream);
    await stream.write(new TextEncoder().encode(upgradeResponse(request)));
    return { request, alpnProtocol };
  }

  /** Reads the head of the request and answers it. */
  async answer(response: string): Promise<RawHead> {
    const stream = await this.#accepted;
    const request = await readHead(stream);
    await stream.write(new TextEncoder().encode(response));
    return request;
  }

  /** All that comes until the client ends the stream. */
  async readToEnd(): Promise<{ count: number; error: unknown }> {
    const stream = await this.#accepted;
    let count = 0;
    try {
      const buffer = new Uint8Array(4096);
      for (let n = await stream.read(buffer); n !== null; n = await stream.read(buffer)) count += n;
      return { count, error: undefined };
    } catch (error) {
      return { count, error };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    const stream = await this.#accepted.catch(() => undefined);
    stream?.close();
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
