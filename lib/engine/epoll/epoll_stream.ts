/**
 * A byte stream over a nonblocking socket, for the time of the opening handshake.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../../connection/transport.ts";
import type { ByteStream } from "../codec/byte_stream.ts";
import type { Link } from "../link.ts";
import { EpollLink } from "./epoll_link.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, NOT_NOW } from "./libc.ts";
import type { Pollable, Poller } from "./poller.ts";
import { Socket } from "./socket.ts";

/** An accepted socket, which the stream owns. */
export class EpollStream implements ByteStream, Pollable {
  readonly remoteAddress: PeerAddress;
  readonly #socket: Socket;
  /** Who has taken the socket over. */
  #link: EpollLink | undefined;
  /** Who waits for something to read. */
  #reader: (() => void) | undefined;
  /** Who waits for room to write. */
  #writer: (() => void) | undefined;

  constructor(poller: Poller, descriptor: number, remoteAddress: PeerAddress) {
    this.#socket = new Socket(poller, descriptor, this);
    this.remoteAddress = remoteAddress;
  }

  /** Waits also if something has come already, so that whoever reads on and on starves nobody. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    let count: number;
    do {
      await this.#report((resolve) => this.#reader = resolve);
      count = this.#socket.receive();
    } while (count === NOT_NOW);
    return count === 0 ? null : this.#socket.input.slice(0, count);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const count = this.#socket.send(bytes.subarray(at));
      if (count !== NOT_NOW) at += count;
      else await this.#report((resolve) => this.#writer = resolve);
    }
  }

  end(): Promise<void> {
    this.#socket.endOutput();
    return Promise.resolve();
  }

  /** Those who wait go on, and meet a closed socket. */
  close(): void {
    if (this.#link !== undefined) return this.#link.cut();
    this.#socket.close();
    this.onReady(EPOLLHUP);
  }

  toLink(): Link {
    return this.#link = new EpollLink(this.#socket);
  }

  /** @throws {TypeError} always: TLS is served by the codec engine. */
  toDuplex(): Duplex {
    throw new TypeError("a socket of the epoll engine cannot be a stream of Node's");
  }

  /** Who is told tries again, and learns of a failure so. */
  onReady(events: number): void {
    const ended = (events & (EPOLLERR | EPOLLHUP)) !== 0;
    if (ended || events & EPOLLIN) {
      this.#reader?.();
      this.#reader = undefined;
    }
    if (ended || events & EPOLLOUT) {
      this.#writer?.();
      this.#writer = undefined;
    }
    this.#watch();
  }

  /** Has someone wait to be told, unless there is nothing to wait for. */
  async #report(keep: (resolve: () => void) => void): Promise<void> {
    if (this.#socket.closed) return;
    await new Promise<void>((resolve) => {
      keep(resolve);
      this.#watch();
    });
  }

  #watch(): void {
    const readable = this.#reader === undefined ? 0 : EPOLLIN;
    const writable = this.#writer === undefined ? 0 : EPOLLOUT;
    this.#socket.watch(readable | writable);
  }
}
