/**
 * A link over a nonblocking socket. All links of a server read into one buffer, and a write is
 * made at once; only what finds no room waits.
 *
 * @module
 */
import type { Link, LinkReceiver } from "../link.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, NOT_NOW } from "./libc.ts";
import type { Pollable } from "./poller.ts";
import type { Socket } from "./socket.ts";

/** The byte stream of one socket, which the link owns. */
export class EpollLink implements Link, Pollable {
  readonly engine = "epoll";
  readonly #socket: Socket;
  #receiver!: LinkReceiver;
  /** What came before is delivered, and the socket is read. */
  #reading = false;
  #paused = false;
  /** The peer ended its direction. */
  #ended = false;
  /** What was borrowed and has not left. */
  #unwritten: Uint8Array | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.handOver(this);
  }

  start(receiver: LinkReceiver, first: Uint8Array): void {
    this.#receiver = receiver;
    queueMicrotask(() => this.#begin(first)); // never from within `start`
  }

  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  write(bytes: Uint8Array): number {
    let count = NOT_NOW;
    try {
      count = this.#socket.send(bytes);
    } catch {
      // The peer is gone. What it sent before is still to be read, so reading finds it out; or,
      // when nobody reads, waiting for room to write does.
    }
    if (count === bytes.length) return count;
    const written = Math.max(0, count);
    this.#unwritten = bytes.subarray(written);
    this.#watch();
    return written;
  }

  end(): void {
    this.#socket.endOutput();
  }

  destroy(): void {
    this.#socket.close();
  }

  onReady(events: number): void {
    try {
      if (events & (EPOLLIN | EPOLLERR | EPOLLHUP) && this.#wantsInput()) this.#read();
      if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) this.#writeOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  #begin(first: Uint8Array): void {
    if (this.#socket.closed) return;
    this.#reading = true;
    try {
      if (first.length > 0) this.#receiver.onBytes(first, 0, first.length);
    } catch (error) {
      this.#fail(error);
    }
    this.#watch();
  }

  #wantsInput(): boolean {
    return this.#reading && !this.#paused && !this.#ended;
  }

  #read(): void {
    const count = this.#socket.receive();
    if (count > 0) return this.#receiver.onBytes(this.#socket.input, 0, count);
    if (count === NOT_NOW) return;
    this.#ended = true;
    this.#watch();
    this.#receiver.onEnd();
  }

  #writeOn(): void {
    if (this.#unwritten === undefined || this.#socket.closed) return;
    const count = this.#socket.send(this.#unwritten);
    if (count === NOT_NOW) return;
    const rest = this.#unwritten.subarray(count);
    this.#unwritten = rest.length > 0 ? rest : undefined;
    this.#watch();
    this.#receiver.onWritten(count);
  }

  #watch(): void {
    const readable = this.#wantsInput() ? EPOLLIN : 0;
    const writable = this.#unwritten === undefined ? 0 : EPOLLOUT;
    this.#socket.watch(readable | writable);
  }

  #fail(error: unknown): void {
    if (this.#socket.closed) return;
    this.#socket.watch(0);
    this.#receiver.onError(error instanceof Error ? error : new Error(String(error)));
  }
}
