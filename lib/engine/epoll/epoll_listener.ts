/**
 * Listens on a socket that epoll watches.
 *
 * @module
 */
import type { ByteStream } from "../codec/byte_stream.ts";
import type { StreamListener } from "../codec/listener.ts";
import type { ListenOptions } from "../host.ts";
import { EpollStream } from "./epoll_stream.ts";
import { EPOLLIN, type NewSocket } from "./libc.ts";
import { openLibc } from "./open_libc.ts";
import { type Pollable, Poller } from "./poller.ts";
import { Socket } from "./socket.ts";
import { decodeAddress, encodeInternetAddress, encodeUnixAddress } from "./socket_address.ts";

/** So many are accepted in a row before others get a turn. */
const IN_A_ROW = 16;

/**
 * A listening socket, and the poller of all that it accepts.
 *
 * The sockets are unknown to the runtime. A worker that is terminated leaves them open until the
 * process ends, so a server in a worker has to be shut down first.
 */
export class EpollListener implements StreamListener, Pollable {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly finished: Promise<void>;
  readonly #poller: Poller;
  readonly #descriptor: number;
  readonly #socket: Socket;
  #inARow = 0;
  /** Lets the one who accepts go on. */
  #waiter: (() => void) | undefined;

  /**
   * Listens at once.
   *
   * @throws {TypeError} when the engine cannot serve here, or not what is asked for.
   * @throws {Deno.errors.NotCapable} when a permission is missing.
   * @throws {Deno.errors.AddrInUse} when the port or the path is taken.
   */
  constructor(listen: ListenOptions) {
    const libc = openLibc();
    if ("tls" in listen && listen.tls !== undefined) {
      throw new TypeError(
        'Cannot serve TLS on the epoll engine; use engine "codec" or "auto", or leave tls out',
      );
    }
    const encoded = encodeAddress(listen);
    this.#poller = new Poller(libc); // which ends if nothing comes of it
    const { descriptor, address } = libc.listen(encoded);
    this.#descriptor = descriptor;
    this.#socket = new Socket(this.#poller, descriptor, this);
    this.finished = this.#poller.finished;
    const { transport, hostname, port } = decodeAddress(address);
    this.address = transport === "unix"
      ? { transport, path: hostname }
      : { transport, hostname, port };
  }

  async accept(): Promise<ByteStream> {
    while (!this.#socket.closed) {
      if (this.#inARow < IN_A_ROW) {
        this.#inARow++;
        const accepted = this.#poller.libc.accept(this.#descriptor);
        if (accepted !== undefined) return this.#streamOf(accepted);
      }
      await this.#nextReport();
    }
    throw new Deno.errors.BadResource("the listener is closed");
  }

  close(): void {
    if (this.#socket.closed) return;
    this.#socket.close();
    this.#waiter?.();
    if ("path" in this.address) removeQuietly(this.address.path);
  }

  onReady(): void {
    // That there is more is of no interest until someone accepts again.
    if (this.#waiter === undefined) return this.#socket.watch(0);
    this.#waiter();
    this.#waiter = undefined;
  }

  #streamOf({ descriptor, address }: NewSocket): EpollStream {
    const remoteAddress = decodeAddress(address);
    if (remoteAddress.transport === "tcp") this.#poller.libc.sendAtOnce(descriptor);
    return new EpollStream(this.#poller, descriptor, remoteAddress);
  }

  /** Waits until there is someone to accept, also if there is already. */
  async #nextReport(): Promise<void> {
    this.#socket.watch(EPOLLIN);
    await new Promise<void>((resolve) => this.#waiter = resolve);
    this.#inARow = 0;
  }
}

/**
 * Has the runtime listen there for a moment: it resolves the name, asks for the permissions, and
 * fails with the errors that people know.
 */
function encodeAddress(listen: ListenOptions): Uint8Array<ArrayBuffer> {
  if ("path" in listen) {
    const encoded = encodeUnixAddress(listen.path);
    Deno.listen({ transport: "unix", path: listen.path }).close(); // which removes the file, too
    return encoded;
  }
  const { hostname, port } = listen;
  using listener = Deno.listen({ hostname, port });
  return encodeInternetAddress(listener.addr.hostname, port);
}

/** Removes the file of a unix socket, as the runtime does with its own. */
function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Someone else has removed it.
  }
}
