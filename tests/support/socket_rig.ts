/**
 * Sockets of the epoll engine and their other ends, for tests. On Linux only.
 *
 * @module
 */
import { Libc } from "../../lib/engine/epoll/libc.ts";
import { type Pollable, Poller } from "../../lib/engine/epoll/poller.ts";
import { Socket } from "../../lib/engine/epoll/socket.ts";
import { decodeAddress, encodeInternetAddress } from "../../lib/engine/epoll/socket_address.ts";

/** Nobody in particular. */
export const NOBODY: Pollable = { onReady: () => {} };

/** A poller, and sockets that are connected to bare TCP connections of the runtime. */
export class SocketRig implements AsyncDisposable {
  readonly libc: Libc;
  readonly poller: Poller;
  readonly #listening: number;
  readonly #port: number;
  readonly #peers: Deno.TcpConn[] = [];
  readonly #sockets: Socket[] = [];
  /** Keeps the poller at work until the end. */
  readonly #member: number;

  constructor(libc: Libc = new Libc()) {
    this.libc = libc;
    const { descriptor, address } = libc.listen(encodeInternetAddress("127.0.0.1", 0));
    this.#listening = descriptor;
    this.#port = decodeAddress(address).port;
    this.poller = libc.orClose(descriptor, () => new Poller(libc));
    this.#member = this.poller.join(NOBODY);
  }

  /** A new connection: the descriptor of our end, and the other end. */
  async connect(): Promise<{ descriptor: number; peer: Deno.TcpConn }> {
    const peer = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    this.#peers.push(peer);
    return { descriptor: this.libc.accept(this.#listening)!.descriptor, peer };
  }

  /** A new connection: our end as a socket, and the other end. */
  async open(owner: Pollable = NOBODY): Promise<{ socket: Socket; peer: Deno.TcpConn }> {
    const { descriptor, peer } = await this.connect();
    const socket = new Socket(this.poller, descriptor, owner);
    this.#sockets.push(socket);
    return { socket, peer };
  }

  /** Closes everything, and waits until the poller has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.libc.close(this.#listening);
    for (const socket of this.#sockets) socket.close();
    for (const peer of this.#peers) {
      try {
        peer.close();
      } catch {
        // The test has closed it.
      }
    }
    this.poller.leave(this.#member);
    await this.poller.finished;
  }
}
