/**
 * The connections of a load generator: all of them on one thread, driven by epoll, reading into
 * one buffer.
 *
 * @module
 */

import { buildBatch, handshakeFault, handshakeRequest } from "./frames.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, Libc, PinnedBytes } from "./libc.ts";
import { EXIT, LoadError } from "./errors.ts";
import { type EchoOptions, type EchoResult, Measurement } from "./measurement.ts";

interface LoadConnection {
  readonly socket: number;
  readonly tag: number;
  /** Bytes of the current batch that the kernel has taken. */
  written: number;
  /** Bytes of the current batch's echo that are still to come. */
  missing: number;
  /** Batches that were started. */
  batches: number;
  /** Bytes of the current batch's echo that were compared; all of them when it is only counted. */
  compared: number;
  waitsForRoom: boolean;
  startedAt: number;
  /** The response head so far. */
  head: string;
}

const READ_SIZE = 1 << 20;
const HEAD_MAX = 4096;
/** Opening handshakes under way at once; below every server's accept backlog. */
const OPENING_MAX = 64;
/** The first batch of a connection is compared byte by byte, and after it one in so many. */
const COMPARE_EVERY = 64;
const STALL_MILLISECONDS = 10_000;

/** The connections to one server, and the buffer that all of them read into. */
export class Load {
  readonly #libc = new Libc();
  readonly #input = new PinnedBytes(READ_SIZE);
  readonly #inputPointer = this.#input.pointerAt(0);
  readonly #connections: LoadConnection[] = [];
  readonly #port: number;

  /** Opens nothing yet; all connections will go to `port` of 127.0.0.1. */
  constructor(port: number) {
    this.#port = port;
  }

  /** Opens `count` connections and ends each opening handshake. */
  open(count: number): void {
    const request = new PinnedBytes(handshakeRequest(this.#port, "/"));
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
    const counters = { written: 0, missing: 0, batches: 0, compared: 0, waitsForRoom: false };
    this.#connections.push({ socket, tag, ...counters, startedAt: 0, head: "" });
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
    const fault = end < 0
      ? `the response head is longer than ${HEAD_MAX} bytes`
      : handshakeFault(connection.head.slice(0, end));
    if (fault !== undefined) throw new LoadError(`Handshake ${connection.tag} failed: ${fault}`);
    if (connection.head.length > end + 4) {
      throw new LoadError("The server sent a frame before it got one", EXIT.wrongEcho);
    }
    connection.head = "";
    return true;
  }

  /** Runs the closed loop on all open connections. */
  echo(options: EchoOptions): EchoResult {
    const batch = buildBatch(options.inFlight, options.bytes);
    const request = new PinnedBytes(batch.request);
    const echoLength = batch.echo.length;
    const measurement = new Measurement(this.#libc, options);
    let now = performance.now();
    let progressAt = now;
    for (const connection of this.#connections) this.#start(connection, request, echoLength, now);
    while (measurement.goesOn(now)) {
      const ready = this.#libc.wait(200);
      if (ready > 0) progressAt = now;
      else this.#checkStall(progressAt, "echoes are missing");
      for (let i = 0; i < ready; i++) {
        const connection = this.#connections[this.#libc.tagOf(i)]!;
        const events = this.#libc.eventsOf(i);
        this.#checkEvents(connection, events);
        if (events & EPOLLOUT) this.#write(connection, request);
        if (!(events & EPOLLIN)) continue;
        const got = this.#read(connection);
        if (got < 0) continue;
        if (connection.compared < echoLength) this.#compare(connection, batch.echo, got);
        connection.missing -= got;
        if (connection.missing > 0) continue;
        if (connection.missing < 0) throw new LoadError("Too many bytes came back", EXIT.wrongEcho);
        now = performance.now();
        measurement.add(now - connection.startedAt);
        this.#start(connection, request, echoLength, now);
      }
      now = performance.now();
    }
    return measurement.end();
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

  #start(connection: LoadConnection, batch: PinnedBytes, echoLength: number, now: number): void {
    connection.written = 0;
    connection.missing = echoLength;
    connection.compared = connection.batches++ % COMPARE_EVERY === 0 ? 0 : echoLength;
    connection.startedAt = now;
    this.#write(connection, batch);
  }

  #write(connection: LoadConnection, batch: PinnedBytes): void {
    const { length } = batch.bytes;
    while (connection.written < length) {
      const from = batch.pointerAt(connection.written);
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

  #compare(connection: LoadConnection, echo: Uint8Array, got: number): void {
    const { bytes } = this.#input;
    for (let i = 0; i < got && connection.compared < echo.length; i++, connection.compared++) {
      if (bytes[i] === echo[connection.compared]) continue;
      throw new LoadError(
        `Wrong echo on connection ${connection.tag}: byte ${connection.compared} is ` +
          `${bytes[i]}, not ${echo[connection.compared]}`,
        EXIT.wrongEcho,
      );
    }
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
