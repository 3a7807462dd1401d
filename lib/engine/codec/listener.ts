/**
 * Who accepts the byte streams that the codec's server opens WebSockets on.
 *
 * @module
 */
import type { ListenOptions } from "../host.ts";
import { type ByteStream, sendAtOnce } from "./byte_stream.ts";
import { RuntimeStream } from "./runtime_stream.ts";
import { checkTls } from "./server_tls.ts";

/** A listener that hands out fresh byte streams. */
export interface StreamListener {
  /** Where it listens. */
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  /** Settles when it is closed and all that it accepted is as well. */
  readonly finished: Promise<void>;
  /** The next stream. Rejects when the listener is closed, or has no descriptor left. */
  accept(): Promise<ByteStream>;
  /** Accepts no more. What was accepted lives on. */
  close(): void;
}

/** A listener of the runtime. */
export class RuntimeListener implements StreamListener {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly finished: Promise<void> = Promise.resolve();
  readonly #listener: Deno.Listener;

  /** Listens at once. */
  constructor(listen: ListenOptions) {
    this.#listener = openListener(listen);
    this.address = this.#listener.addr as Deno.NetAddr | Deno.UnixAddr;
  }

  async accept(): Promise<ByteStream> {
    const connection = await this.#listener.accept();
    sendAtOnce(connection);
    return new RuntimeStream(connection);
  }

  close(): void {
    this.#listener.close();
  }
}

function openListener(listen: ListenOptions): Deno.Listener {
  if ("path" in listen) return Deno.listen({ transport: "unix", path: listen.path });
  const { hostname, port, tls } = listen;
  if (tls !== undefined) checkTls({ hostname, port }, tls);
  return Deno.listen({ hostname, port });
}
