/**
 * The far end of a WebSocket as bare TCP, for tests: it can do what no WebSocket
 * library allows, in either role, and sees exactly what arrives.
 *
 * It reads only when asked to, so it is also a peer that does not read. It is built on
 * `node:net` since that alone can reset a connection and keep one half open.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { buildFrame, type FrameFields, parseFrame, type RawFrame, SOME_MASK } from "./raw_frame.ts";
import {
  type HeadChanges,
  parseHead,
  type RawHead,
  upgradeRequest,
  upgradeResponse,
} from "./raw_head.ts";

export { buildFrame, closePayload, SOME_MASK } from "./raw_frame.ts";
export type { FrameFields, LengthForm, RawFrame } from "./raw_frame.ts";
export { acceptOf, SAMPLE_KEY, upgradeRequest, upgradeResponse } from "./raw_head.ts";
export type { HeadChanges, RawHead } from "./raw_head.ts";

/** How long a read waits: a net, for what should come at once. In milliseconds. */
const PATIENCE = 20_000;

/** How long a read may wait. */
export interface ReadOptions {
  /** In milliseconds; what comes later makes the read fail. @default {20_000} */
  readonly timeout?: number;
}

/** How a connection came to its end: in order (FIN) or not (RST). */
export type EndOfStream = "eof" | "reset";

/** One end of a TCP connection. Dispose of it with `await using`. */
export class RawPeer implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #input = new ByteQueue();
  #end: EndOfStream | null = null;

  /** Takes over a connected socket that nobody has read from. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("end", () => this.#end ??= "eof");
    socket.on("error", () => this.#end = "reset");
  }

  /** Connects to a port on the loopback address. */
  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    await once(socket, "connect");
    return new RawPeer(socket);
  }

  /** Connects and opens a WebSocket as a client, which has to succeed with status 101. */
  static async open(port: number, changes?: HeadChanges): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    const head = await peer.requestUpgrade(changes);
    if (head.startLine.startsWith("HTTP/1.1 101 ")) return peer;
    await peer[Symbol.asyncDispose]();
    throw new Error(`Cannot open a WebSocket: the server answered ${head.text}`);
  }

  /** The local port, by which the other end knows this one. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Sends bytes as they are, or text as UTF-8, and waits until the system has taken them. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  /** Sends one frame; it is masked only if `fields.mask` is there. */
  send(fields: FrameFields): Promise<void> {
    return this.write(buildFrame(fields));
  }

  /** Sends one frame masked, as a client has to. */
  sendMasked(fields: FrameFields): Promise<void> {
    return this.write(buildFrame({ mask: SOME_MASK, ...fields }));
  }

  /** Sends the head of an opening handshake as a client and reads the head of the answer. */
  async requestUpgrade(changes?: HeadChanges, options?: ReadOptions): Promise<RawHead> {
    await this.write(upgradeRequest(changes));
    return await this.readHead(options);
  }

  /** Reads the head of an opening handshake as a server, answers with 101, and returns it. */
  async acceptUpgrade(changes?: HeadChanges, options?: ReadOptions): Promise<RawHead> {
    const request = await this.readHead(options);
    await this.write(upgradeResponse(request, changes));
    return request;
  }

  /** Reads up to the empty line that ends a head; what follows stays to be read. */
  async readHead(options?: ReadOptions): Promise<RawHead> {
    const text = await this.#readWhole((bytes) => {
      const size = new TextDecoder("latin1").decode(bytes).indexOf("\r\n\r\n") + 4;
      return size < 4 ? null : { value: bytes.slice(0, size), size };
    }, options);
    return parseHead(new TextDecoder().decode(text));
  }

  /** Reads exactly `count` bytes. */
  readBytes(count: number, options?: ReadOptions): Promise<Uint8Array> {
    return this.#readWhole(
      (bytes) => bytes.length < count ? null : { value: bytes.slice(0, count), size: count },
      options,
    );
  }

  /** Reads one frame; that the connection ends instead is an error. */
  readFrame(options?: ReadOptions): Promise<RawFrame> {
    return this.#readWhole((bytes) => {
      const parsed = parseFrame(bytes);
      return parsed && { value: parsed.frame, size: parsed.size };
    }, options);
  }

  /** Reads all there is until the other end closes or resets the connection. */
  async readToEnd(options?: ReadOptions): Promise<{ bytes: Uint8Array; end: EndOfStream }> {
    const deadline = deadlineOf(options);
    while (await this.#fill(deadline));
    const bytes = this.#input.bytes.slice();
    this.#input.drop(bytes.length);
    return { bytes, end: this.#end ?? "eof" };
  }

  /** Reads all frames until the connection ends; `rest` is what did not make a whole frame. */
  async readFramesToEnd(
    options?: ReadOptions,
  ): Promise<{ frames: RawFrame[]; rest: Uint8Array; end: EndOfStream }> {
    const { bytes, end } = await this.readToEnd(options);
    const frames: RawFrame[] = [];
    let rest = bytes;
    for (let parsed = parseFrame(rest); parsed !== null; parsed = parseFrame(rest)) {
      frames.push(parsed.frame);
      rest = rest.subarray(parsed.size);
    }
    return { frames, rest, end };
  }

  /** Ends the sending direction (FIN); receiving goes on. */
  halfClose(): Promise<void> {
    return new Promise((resolve) => void this.#socket.end(resolve));
  }

  /** Ends the connection at once with a reset (RST). */
  async reset(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = once(this.#socket, "close");
    this.#socket.resetAndDestroy();
    await closed;
  }

  /** Closes the connection whatever its state. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.destroy();
    await closed;
  }

  /** Reads until `take` finds a value at the start of what has come. */
  async #readWhole<T>(
    take: (bytes: Uint8Array) => { value: T; size: number } | null,
    options?: ReadOptions,
  ): Promise<T> {
    const deadline = deadlineOf(options);
    while (true) {
      const taken = take(this.#input.bytes);
      if (taken !== null) {
        this.#input.drop(taken.size);
        return taken.value;
      }
      if (!await this.#fill(deadline)) {
        throw new Error(`The connection ended (${this.#end}) after ${hex(this.#input.bytes)}`);
      }
    }
  }

  /** Adds what has come to `#input`; false when nothing will come any more. */
  async #fill(deadline: number): Promise<boolean> {
    while (true) {
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk !== null) {
        this.#input.add(chunk);
        return true;
      }
      if (this.#end !== null) return false;
      await this.#somethingHappens(deadline);
    }
  }

  #somethingHappens(deadline: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const events = ["readable", "end", "error", "close"] as const;
    const late = () =>
      reject(new Error(`Nothing more came in time after ${hex(this.#input.bytes)}`));
    const timer = setTimeout(late, Math.max(0, deadline - performance.now()));
    for (const event of events) this.#socket.on(event, resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      for (const event of events) this.#socket.off(event, resolve);
    });
  }
}

/** Accepts connections on a free port of the loopback address, for a peer in the role of server. */
export class RawListener implements AsyncDisposable {
  readonly #server: Server;
  readonly #accepted: RawPeer[] = [];
  readonly #waiting: ((peer: RawPeer) => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      const peer = new RawPeer(socket);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#accepted.push(peer);
      else waiting(peer);
    });
  }

  /** Starts to listen. */
  static async listen(): Promise<RawListener> {
    const server = createServer({ allowHalfOpen: true });
    const listener = new RawListener(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return listener;
  }

  /** The port that was given. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection, in the order they came. */
  accept(): Promise<RawPeer> {
    const peer = this.#accepted.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops listening and closes the connections that nobody took. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const peer of this.#accepted) await peer[Symbol.asyncDispose]();
    await closed;
  }
}

/** Bytes that came and nobody took yet, in one buffer that doubles. */
class ByteQueue {
  #buffer = new Uint8Array(4096);
  #start = 0;
  #end = 0;

  /** The bytes, valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  add(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) {
      const needed = this.#end - this.#start + chunk.length;
      const grown = new Uint8Array(Math.max(this.#buffer.length, 2 * needed));
      grown.set(this.bytes);
      this.#end -= this.#start;
      this.#start = 0;
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  drop(count: number): void {
    this.#start += count;
  }
}

function deadlineOf(options?: ReadOptions): number {
  return performance.now() + (options?.timeout ?? PATIENCE);
}

function hex(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, 64).toHex();
  return `${bytes.length} bytes: ${shown}${bytes.length > 64 ? "…" : ""}`;
}
