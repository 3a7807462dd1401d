/**
 * The codec engine's server: accepts connections and opens them.
 *
 * @module
 */
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import { Backoff } from "../backoff.ts";
import type { EngineServer, Host, ListenOptions } from "../host.ts";
import { answerAndClose, type ByteStream, sendAtOnce } from "./byte_stream.ts";
import { HttpSplice } from "./http_splice.ts";
import { Opening } from "./opening.ts";
import { RuntimeStream } from "./runtime_stream.ts";
import { checkTls, ServerTls } from "./server_tls.ts";

/** So many connections at a time are told why there is no place; a flood beyond is cut. */
const MAX_REFUSALS = 256;

/** A server on the codec engine. */
export class CodecServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: Deno.Listener;
  readonly #host: Host;
  readonly #tls: ServerTls | undefined;
  readonly #splice: HttpSplice | undefined;
  /** What is being done for each connection, with the way to cut it. */
  readonly #work = new Map<Promise<void>, () => void>();
  readonly #backoff = new Backoff();
  #refusals = 0;
  #stopped = false;

  /** Listens at once. */
  constructor(listen: ListenOptions, host: Host) {
    this.#host = host;
    this.#listener = openListener(listen);
    const tls = "tls" in listen ? listen.tls : undefined;
    this.#tls = tls && new ServerTls(tls);
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
  #serve(connection: Deno.Conn): void {
    sendAtOnce(connection);
    const outer = new RuntimeStream(connection);
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

function openListener(listen: ListenOptions): Deno.Listener {
  if ("path" in listen) return Deno.listen({ transport: "unix", path: listen.path });
  const { hostname, port, tls } = listen;
  if (tls !== undefined) checkTls({ hostname, port }, tls);
  return Deno.listen({ hostname, port });
}
