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
  /** Why nothing can be written any more. */
  #writeFailure: unknown;
  /** The receiver destroyed it or was told of an error: it is told nothing more. */
  #over = false;

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
    let count = 0;
    try {
      count = Math.max(0, this.#socket.send(bytes));
    } catch (error) {
      // The peer is gone. What it sent before comes first, if anybody reads.
      this.#writeFailure = error;
    }
    if (count === bytes.length) return count;
    this.#unwritten = bytes.subarray(count);
    this.#watch();
    return count;
  }

  end(): void {
    this.#socket.endOutput();
  }

  destroy(): void {
    this.#over = true;
    this.#socket.close();
  }

  /** Closes the socket for somebody else: to the receiver the stream has failed. */
  cut(): void {
    this.#socket.close();
    queueMicrotask(() => this.#fail(closedError())); // never from within this call
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
    if (this.#socket.closed) return this.#fail(closedError());
    try {
      if (first.length > 0) this.#receiver.onBytes(first, 0, first.length);
      this.#reading = true;
      this.#watch();
    } catch (error) {
      this.#fail(error);
    }
  }

  #wantsInput(): boolean {
    return this.#reading && !this.#paused && !this.#ended && !this.#over;
  }

  #read(): void {
    const count = this.#socket.receive();
    if (count > 0) return this.#receiver.onBytes(this.#socket.input, 0, count);
    if (count === NOT_NOW) return;
    // The system tells of a failure once only; what follows looks like an end in order.
    if (this.#writeFailure !== undefined) throw this.#writeFailure;
    this.#ended = true;
    this.#watch();
    this.#receiver.onEnd();
  }

  #writeOn(): void {
    if (this.#unwritten === undefined || this.#over) return;
    if (this.#writeFailure !== undefined) throw this.#writeFailure;
    const count = this.#socket.send(this.#unwritten);
    if (count === NOT_NOW) return;
    const rest = this.#unwritten.subarray(count);
    this.#unwritten = rest.length > 0 ? rest : undefined;
    this.#watch();
    this.#receiver.onWritten(count);
  }

  #watch(): void {
    if (this.#over) return;
    const readable = this.#wantsInput() ? EPOLLIN : 0;
    const writable = this.#unwritten === undefined ? 0 : EPOLLOUT;
    try {
      this.#socket.watch(readable | writable);
    } catch (error) {
      // The system watches no more sockets than it is allowed to.
      queueMicrotask(() => this.#fail(error));
    }
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.watch(0);
    this.#receiver.onError(error instanceof Error ? error : new Error(String(error)));
  }
}

function closedError(): Error {
  return new Deno.errors.BadResource("the stream was closed");
}
