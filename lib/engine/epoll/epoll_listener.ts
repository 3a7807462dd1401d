/**
 * Listens on a socket that epoll watches.
 *
 * @module
 */
import type { ByteStream } from "../codec/byte_stream.ts";
import type { StreamListener } from "../codec/listener.ts";
import type { ListenOptions } from "../host.ts";
import { EpollStream } from "./epoll_stream.ts";
import { EPOLLIN, Libc } from "./libc.ts";
import { type Pollable, Poller } from "./poller.ts";
import { Socket } from "./socket.ts";
import { decodeAddress, encodeInternetAddress, encodeUnixAddress } from "./socket_address.ts";

/** A listening socket, and the poller of all that it accepts. */
export class EpollListener implements StreamListener, Pollable {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly finished: Promise<void>;
  readonly #poller: Poller;
  readonly #socket: Socket;
  readonly #descriptor: number;
  #waiter: PromiseWithResolvers<void> | undefined;

  /**
   * Listens at once.
   *
   * @throws {TypeError} when the engine cannot serve here, or not what is asked for.
   * @throws {Deno.errors.AddrInUse} when the port is taken.
   */
  constructor(listen: ListenOptions) {
    const libc = openLibc();
    if ("tls" in listen && listen.tls !== undefined) {
      throw new TypeError(
        'Cannot serve TLS on the epoll engine; use engine "codec" or "auto", or leave tls out',
      );
    }
    const encoded = "path" in listen ? encodeUnixAddress(listen.path) : resolve(listen);
    this.#descriptor = libc.listen(encoded);
    this.#poller = new Poller(libc);
    this.finished = this.#poller.finished;
    this.#socket = new Socket(this.#poller, this.#descriptor, this);
    const { transport, hostname, port } = decodeAddress(libc.localAddress(this.#descriptor));
    this.address = transport === "unix"
      ? { transport, path: hostname }
      : { transport, hostname, port };
  }

  async accept(): Promise<ByteStream> {
    while (true) {
      if (this.#socket.closed) throw new Deno.errors.BadResource("the listener is closed");
      const accepted = this.#poller.libc.accept(this.#descriptor);
      if (accepted !== undefined) {
        const { descriptor, address } = accepted;
        const remoteAddress = decodeAddress(address);
        if (remoteAddress.transport === "tcp") this.#poller.libc.sendAtOnce(descriptor);
        return new EpollStream(this.#poller, descriptor, remoteAddress);
      }
      this.#waiter = Promise.withResolvers();
      this.#socket.watch(EPOLLIN);
      await this.#waiter.promise;
    }
  }

  close(): void {
    this.#socket.close();
    this.#waiter?.resolve();
  }

  onReady(): void {
    this.#socket.watch(0); // until the next one is awaited
    this.#waiter?.resolve();
  }
}

let opened: Libc | undefined;

function openLibc(): Libc {
  if (opened !== undefined) return opened;
  if (Deno.build.os !== "linux") {
    throw new TypeError(
      `Cannot serve on the epoll engine: it needs Linux, and this is ${Deno.build.os}; ` +
        `use engine "codec" or "auto"`,
    );
  }
  return opened = new Libc();
}

/**
 * Has the runtime listen there for a moment: it resolves the name, asks for the permission, and
 * fails with the errors that people know.
 */
function resolve({ hostname, port }: { hostname: string; port: number }): Uint8Array<ArrayBuffer> {
  using listener = Deno.listen({ hostname, port });
  return encodeInternetAddress(listener.addr.hostname, port);
}
