/**
 * A nonblocking socket and what it is watched for.
 *
 * @module
 */
import type { Pollable, Poller } from "./poller.ts";

/** A socket, connected or listening, that is owned by whoever made this. */
export class Socket {
  readonly #poller: Poller;
  readonly #descriptor: number;
  readonly #tag: number;
  #events = 0;
  #closed = false;

  /** Nothing is watched yet. */
  constructor(poller: Poller, descriptor: number, owner: Pollable) {
    this.#poller = poller;
    this.#descriptor = descriptor;
    this.#tag = poller.join(owner);
  }

  /** What is read lies here, until the next read of any socket. */
  get input(): Uint8Array<ArrayBuffer> {
    return this.#poller.input.bytes;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** From now on another one is told what it is ready for. */
  handOver(owner: Pollable): void {
    if (!this.#closed) this.#poller.replace(this.#tag, owner);
  }

  /** Reads into `input`: how many bytes came, 0 at the end of the stream, or `NOT_NOW`. */
  receive(): number {
    this.#check();
    return this.#poller.libc.receive(this.#descriptor, this.#poller.input);
  }

  /** Writes `bytes`: how many went, or `NOT_NOW`. */
  send(bytes: Uint8Array): number {
    this.#check();
    return this.#poller.libc.send(this.#descriptor, bytes);
  }

  /** Asks to be told of `events`, and of no others; 0: of nothing, not even of a failure. */
  watch(events: number): void {
    if (events === this.#events || this.#closed) return;
    this.#poller.watch(this.#descriptor, this.#tag, { from: this.#events, to: events });
    this.#events = events;
  }

  /** Ends the outgoing direction. */
  endOutput(): void {
    if (!this.#closed) this.#poller.libc.endOutput(this.#descriptor);
  }

  /** Closes it in both directions. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.watch(0);
    this.#closed = true;
    this.#poller.libc.close(this.#descriptor);
    this.#poller.leave(this.#tag);
  }

  /** The descriptor of a closed socket may be somebody else's by now. */
  #check(): void {
    if (this.#closed) throw new Deno.errors.BadResource("the socket is closed");
  }
}
