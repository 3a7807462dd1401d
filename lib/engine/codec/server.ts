/**
 * The codec engine's server: accepts connections and opens them.
 *
 * @module
 */
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import { Backoff } from "../backoff.ts";
import type { EngineServer, Host, TlsOptions } from "../host.ts";
import { answerAndClose, type ByteStream } from "./byte_stream.ts";
import { HttpSplice } from "./http_splice.ts";
import type { StreamListener } from "./listener.ts";
import { Opening } from "./opening.ts";
import { ServerTls } from "./server_tls.ts";

/** So many connections at a time are told why there is no place; a flood beyond is cut. */
const MAX_REFUSALS = 256;

/** A server on the codec engine, or on another that brings byte streams of its own. */
export class CodecServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: StreamListener;
  readonly #host: Host;
  readonly #tls: ServerTls | undefined;
  readonly #splice: HttpSplice | undefined;
  /** What is being done for each connection, with the way to cut it. */
  readonly #work = new Map<Promise<void>, () => void>();
  readonly #backoff = new Backoff();
  /** Settles when nobody is accepted any more; a unix socket's file is gone only then. */
  readonly #accepting: Promise<void>;
  #refusals = 0;
  #stopped = false;

  /** Serves at once those who come to `listener`, which belongs to it, within TLS if asked for. */
  constructor(listener: StreamListener, host: Host, tls?: TlsOptions) {
    this.#host = host;
    this.#listener = listener;
    this.#tls = tls && new ServerTls(tls);
    this.address = listener.address;
    this.#splice = this.#openSplice();
    this.#accepting = this.#accept();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listener.close();
    this.#backoff.stop();
    await this.#accepting;
    await this.#splice?.stop();
  }

  async abort(): Promise<void> {
    this.#splice?.abort();
    for (const cut of this.#work.values()) cut();
    await Promise.all(this.#work.keys());
    await this.#listener.finished;
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
  #serve(outer: ByteStream): void {
    const place = this.#host.admit(outer.remoteAddress);
    if (place.kind === "refused") return this.#refuse(outer, place);
    const opening = new Opening(this.#secured(outer), {
      host: this.#host,
      splice: this.#splice,
      secure: this.#tls !== undefined,
    });
    const work = opening.run().finally(() => {
      this.#work.delete(work);
      place.release();
    });
    this.#work.set(work, () => opening.abort());
  }

  #secured(stream: ByteStream): ByteStream {
    return this.#tls === undefined ? stream : this.#tls.accept(stream);
  }

  #refuse(outer: ByteStream, refusal: Refusal): void {
    if (this.#refusals >= MAX_REFUSALS) return outer.close();
    this.#refusals++;
    const stream = this.#secured(outer);
    const work = answerAndClose(stream, formatRefusal(refusal)).finally(() => {
      this.#work.delete(work);
      this.#refusals--;
    });
    this.#work.set(work, () => stream.close());
  }
}

/** Whether the peer left before it was accepted. To wait then would hold up those behind it. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted;
}
