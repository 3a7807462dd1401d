/**
 * The connections of a load generator: all of them on one thread, driven by epoll, reading into
 * one buffer.
 *
 * @module
 */

import { EXIT, LoadError } from "./errors.ts";
import type { EchoReceiver, Exchange } from "./exchange.ts";
import { agreedExtension, handshakeFault, handshakeRequest } from "./frames.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, Libc, PinnedBytes } from "./libc.ts";
import { type EchoOptions, type EchoResult, Measurement } from "./measurement.ts";

interface LoadConnection {
  readonly socket: number;
  readonly tag: number;
  readonly receiver: EchoReceiver;
  /** Bytes of the current batch that the kernel has taken. */
  written: number;
  /** Batches that were started. */
  batches: number;
  waitsForRoom: boolean;
  startedAt: number;
  /** The response head so far. */
  head: string;
}

const READ_SIZE = 1 << 20;
const HEAD_MAX = 4096;
/** Opening handshakes under way at once; below every server's accept backlog. */
const OPENING_MAX = 64;
/** The first batch of a connection is compared, and after it one in so many. */
const COMPARE_EVERY = 64;
const STALL_MILLISECONDS = 10_000;

/** The connections to one server, and the buffer that all of them read into. */
export class Load {
  readonly #libc = new Libc();
  readonly #input = new PinnedBytes(READ_SIZE);
  readonly #inputPointer = this.#input.pointerAt(0);
  readonly #connections: LoadConnection[] = [];
  readonly #port: number;
  readonly #exchange: Exchange;
  readonly #batch: PinnedBytes;

  /** Opens nothing yet; all connections will go to `port` of 127.0.0.1. */
  constructor(port: number, exchange: Exchange) {
    this.#port = port;
    this.#exchange = exchange;
    this.#batch = new PinnedBytes(exchange.request);
  }

  /** Opens `count` connections and ends each opening handshake. */
  open(count: number): void {
    const request = new PinnedBytes(handshakeRequest(this.#port, this.#exchange.offer));
    let open = 0;
    let progressAt = performance.now();
    while (open < count) {
      while (this.#connections.length < Math.min(count, open + OPENING_MAX)) this.#dial(count);
      const ready = this.#libc.wait(200);
      if (ready > 0) progressAt = performance.now();
      else this.#checkStall(progressAt, `${open} of ${count} handshakes ended`);
      for (let i = 0; i < ready; i++) {
        const connection = this.#connections[this.#libc.tagOf(i)]!;
        const events = this.#libc.eventsOf(i);
        this.#checkEvents(connection, events);
        if (events & EPOLLOUT) this.#request(connection, request);
        if (events & EPOLLIN && this.#takeHead(connection)) open++;
      }
    }
  }

  #dial(count: number): void {
    const tag = this.#connections.length;
    const socket = this.#libc.dial(this.#port);
    if (socket < 0) {
      throw new LoadError(
        `Cannot open connection ${tag + 1} of ${count}: the limit of open files is too low ` +
          `(see ulimit -n), it must be above ${count + 50}`,
      );
    }
    const receiver = this.#exchange.createReceiver(tag);
    const counters = { written: 0, batches: 0, waitsForRoom: false, startedAt: 0 };
    this.#connections.push({ socket, tag, receiver, ...counters, head: "" });
    this.#libc.watch(socket, EPOLLOUT, tag);
  }

  #request(connection: LoadConnection, request: PinnedBytes): void {
    const { socket, tag } = connection;
    const { length } = request.bytes;
    if (this.#libc.write(socket, request.pointerAt(0), length) !== length) {
      throw new LoadError(`Cannot write the handshake of connection ${tag}`);
    }
    this.#libc.rewatch(socket, EPOLLIN, tag);
  }

  /** Reads more of the response head; true when it is complete and accepts. */
  #takeHead(connection: LoadConnection): boolean {
    const got = this.#read(connection);
    if (got < 0) return false;
    connection.head += String.fromCharCode(...this.#input.bytes.subarray(0, Math.min(got, 4096)));
    const end = connection.head.indexOf("\r\n\r\n");
    if (end < 0 && connection.head.length < HEAD_MAX) return false;
    const fault = this.#headFault(end < 0 ? undefined : connection.head.slice(0, end));
    if (fault !== undefined) throw new LoadError(`Handshake ${connection.tag} failed: ${fault}`);
    if (connection.head.length > end + 4) {
      throw new LoadError("The server sent a frame before it got one", EXIT.wrongEcho);
    }
    connection.head = "";
    return true;
  }

  #headFault(head: string | undefined): string | undefined {
    if (head === undefined) return `the response head is longer than ${HEAD_MAX} bytes`;
    return handshakeFault(head) ?? this.#exchange.agreementFault(agreedExtension(head));
  }

  /** Runs the closed loop on all open connections for some time, and measures. */
  echo(options: EchoOptions): EchoResult {
    const measurement = new Measurement(this.#libc, this.#exchange, options);
    this.#run({
      goesOn: (now) => measurement.goesOn(now),
      onBatch: ({ startedAt, receiver }, now) => {
        measurement.add(now - startedAt, receiver.received);
        return true;
      },
    });
    return measurement.end();
  }

  /** Sends the batch `count` times on each open connection, and waits for all the echoes. */
  repeat(count: number): void {
    let missing = count * this.#connections.length;
    this.#run({
      goesOn: () => missing > 0,
      onBatch: ({ batches }) => {
        missing--;
        return batches < count;
      },
    });
  }

  /** The closed loop; `onBatch` says whether a connection starts another batch. */
  #run({ goesOn, onBatch }: {
    goesOn: (now: number) => boolean;
    onBatch: (connection: LoadConnection, now: number) => boolean;
  }): void {
    let now = performance.now();
    let progressAt = now;
    if (!goesOn(now)) return;
    for (const connection of this.#connections) this.#start(connection, now);
    while (goesOn(now)) {
      const ready = this.#libc.wait(200);
      if (ready > 0) progressAt = now;
      else this.#checkStall(progressAt, "echoes are missing");
      for (let i = 0; i < ready; i++) {
        const connection = this.#connections[this.#libc.tagOf(i)]!;
        const events = this.#libc.eventsOf(i);
        this.#checkEvents(connection, events);
        if (events & EPOLLOUT) this.#write(connection);
        if (!(events & EPOLLIN)) continue;
        const got = this.#read(connection);
        if (got < 0 || !connection.receiver.take(this.#input.bytes, got)) continue;
        now = performance.now();
        if (onBatch(connection, now)) this.#start(connection, now);
      }
      now = performance.now();
    }
  }

  /** How many connections the server has left open. */
  countOpen(): number {
    const ended = new Set<number>();
    // A socket that stays ready would be reported again and again, so each is looked at once.
    for (let ready; (ready = this.#libc.wait(0)) > 0;) {
      for (let i = 0; i < ready; i++) {
        const connection = this.#connections[this.#libc.tagOf(i)]!;
        const read = this.#libc.read(connection.socket, this.#inputPointer, READ_SIZE);
        if (read > 0) continue; // a ping
        ended.add(connection.tag);
        this.#libc.close(connection.socket);
      }
    }
    return this.#connections.length - ended.size;
  }

  #start(connection: LoadConnection, now: number): void {
    connection.written = 0;
    connection.receiver.start(connection.batches++ % COMPARE_EVERY === 0);
    connection.startedAt = now;
    this.#write(connection);
  }

  #write(connection: LoadConnection): void {
    const { length } = this.#batch.bytes;
    while (connection.written < length) {
      const from = this.#batch.pointerAt(connection.written);
      const wrote = this.#libc.write(connection.socket, from, length - connection.written);
      if (wrote < 0) break;
      connection.written += wrote;
    }
    const waits = connection.written < length;
    if (waits === connection.waitsForRoom) return;
    connection.waitsForRoom = waits;
    this.#libc.rewatch(connection.socket, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, connection.tag);
  }

  #read(connection: LoadConnection): number {
    const got = this.#libc.read(connection.socket, this.#inputPointer, READ_SIZE);
    if (got === 0) throw new LoadError(`The server closed connection ${connection.tag}`);
    return got;
  }

  #checkEvents(connection: LoadConnection, events: number): void {
    if (!(events & (EPOLLERR | EPOLLHUP))) return;
    const error = this.#libc.socketError(connection.socket);
    throw new LoadError(`Connection ${connection.tag} failed (errno ${error})`);
  }

  #checkStall(progressAt: number, state: string): void {
    if (performance.now() - progressAt < STALL_MILLISECONDS) return;
    throw new LoadError(`Nothing happened for ${STALL_MILLISECONDS / 1000} s: ${state}`);
  }
}
