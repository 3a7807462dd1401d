/**
 * The codec engine's server: accepts connections and opens them.
 *
 * @module
 */
import { formatRefusal } from "../../protocol/handshake/response.ts";
import { type EngineServer, type Host, type ListenOptions, peerAddress } from "../host.ts";
import { answerAndClose, sendAtOnce } from "./byte_stream.ts";
import { HttpSplice } from "./http_splice.ts";
import { Opening } from "./opening.ts";

/** After a failed accept the next one waits, in milliseconds: at first, and at most. */
const FIRST_BACKOFF = 10;
const MAX_BACKOFF = 1000;

/** A server on the codec engine. */
export class CodecServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: Deno.Listener;
  readonly #host: Host;
  readonly #secure: boolean;
  readonly #splice: HttpSplice | undefined;
  readonly #openings = new Set<Opening>();
  #stopped = false;

  /** Listens at once. */
  constructor(listen: ListenOptions, host: Host) {
    this.#host = host;
    this.#secure = "tls" in listen && listen.tls !== undefined;
    this.#listener = openListener(listen);
    this.address = this.#listener.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#splice = host.fetch === undefined
      ? undefined
      : new HttpSplice(host.fetch, (error) => host.onError(error));
    this.#accept();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listener.close();
    await this.#splice?.stop();
  }

  abort(): void {
    this.#splice?.abort();
    for (const opening of this.#openings) opening.abort();
  }

  async #accept(): Promise<void> {
    let backoff = FIRST_BACKOFF;
    while (!this.#stopped) {
      try {
        const stream = await this.#listener.accept();
        backoff = FIRST_BACKOFF;
        this.#serve(stream);
      } catch (error) {
        if (this.#stopped) return;
        // Out of descriptors, or the peer left while it was accepted: others live on.
        this.#host.onError(error);
        await new Promise((resolve) => setTimeout(resolve, backoff));
        backoff = Math.min(backoff * 2, MAX_BACKOFF);
      }
    }
  }

  async #serve(stream: Deno.Conn): Promise<void> {
    const remoteAddress = peerAddress(stream.remoteAddr);
    const place = this.#host.admit(remoteAddress);
    if (place.kind === "refused") return await answerAndClose(stream, formatRefusal(place));
    sendAtOnce(stream);
    const opening = new Opening(stream, remoteAddress, {
      host: this.#host,
      splice: this.#splice,
      secure: this.#secure,
    });
    this.#openings.add(opening);
    try {
      await opening.run();
    } finally {
      this.#openings.delete(opening);
      place.release();
    }
  }
}

function openListener(listen: ListenOptions): Deno.Listener {
  if ("path" in listen) return Deno.listen({ transport: "unix", path: listen.path });
  const { hostname, port, tls } = listen;
  if (tls === undefined) return Deno.listen({ hostname, port });
  return Deno.listenTls({ hostname, port, ...tls, alpnProtocols: ["http/1.1"] });
}
