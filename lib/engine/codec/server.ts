/**
 * The codec engine's server: accepts connections and opens them.
 *
 * @module
 */
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import { Backoff } from "../backoff.ts";
import { type EngineServer, type Host, type ListenOptions, peerAddress } from "../host.ts";
import { answerAndClose, closeQuietly } from "./byte_stream.ts";
import { HttpSplice } from "./http_splice.ts";
import { Opening } from "./opening.ts";

/** So many connections at a time are told why there is no place; a flood beyond is cut. */
const MAX_REFUSALS = 256;

/** A server on the codec engine. */
export class CodecServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: Deno.Listener;
  readonly #host: Host;
  readonly #secure: boolean;
  readonly #splice: HttpSplice | undefined;
  /** What is being done for each connection, with the way to cut it. */
  readonly #work = new Map<Promise<void>, () => void>();
  readonly #backoff = new Backoff();
  #refusals = 0;
  #stopped = false;

  /** Listens at once. */
  constructor(listen: ListenOptions, host: Host) {
    this.#host = host;
    this.#secure = "tls" in listen && listen.tls !== undefined;
    this.#listener = openListener(listen);
    this.address = this.#listener.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#splice = this.#openSplice();
    this.#accept();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listener.close();
    this.#backoff.stop();
    await this.#splice?.stop();
  }

  async abort(): Promise<void> {
    this.#splice?.abort();
    for (const cut of this.#work.values()) cut();
    await Promise.all(this.#work.keys());
  }

  #openSplice(): HttpSplice | undefined {
    const host = this.#host;
    if (host.fetch === undefined) return undefined;
    try {
      return new HttpSplice(host.fetch, (error) => host.onError(error));
    } catch (error) {
      this.#listener.close();
      throw error;
    }
  }

  async #accept(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#serve(await this.#listener.accept());
        this.#backoff.reset();
      } catch (error) {
        if (this.#stopped) return;
        if (isGone(error)) continue;
        // Out of descriptors, probably: those who are here live on, and some will leave.
        this.#host.onError(error);
        await this.#backoff.wait();
      }
    }
  }

  /** Never throws: what fails here is one connection. */
  #serve(stream: Deno.Conn): void {
    const remoteAddress = peerAddress(stream.remoteAddr);
    const place = this.#host.admit(remoteAddress);
    if (place.kind === "refused") return this.#refuse(stream, place);
    const opening = new Opening(stream, remoteAddress, {
      host: this.#host,
      splice: this.#splice,
      secure: this.#secure,
    });
    const work = opening.run().finally(() => {
      this.#work.delete(work);
      place.release();
    });
    this.#work.set(work, () => opening.abort());
  }

  #refuse(stream: Deno.Conn, refusal: Refusal): void {
    if (this.#refusals >= MAX_REFUSALS) return closeQuietly(stream);
    this.#refusals++;
    const work = answerAndClose(stream, formatRefusal(refusal)).finally(() => {
      this.#work.delete(work);
      this.#refusals--;
    });
    this.#work.set(work, () => closeQuietly(stream));
  }
}

/** Whether the peer left before it was accepted. To wait then would hold up those behind it. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted;
}

function openListener(listen: ListenOptions): Deno.Listener {
  if ("path" in listen) return Deno.listen({ transport: "unix", path: listen.path });
  const { hostname, port, tls } = listen;
  if (tls === undefined) return Deno.listen({ hostname, port });
  return Deno.listenTls({ hostname, port, ...tls, alpnProtocols: ["http/1.1"] });
}
