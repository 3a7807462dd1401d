/**
 * Byte streams for tests: one in memory, and one over loopback TCP whose other end is in the
 * test's hands.
 *
 * @module
 */
import { connectStream, type SocketStream } from "../../../autobahn/suite/wire/stream.ts";
import type { ByteStream, StreamSink } from "../../../autobahn/suite/wire/stream.ts";
import { concat, hex } from "../../support/hex.ts";

/** A stream without a network. */
export class MemoryStream implements ByteStream {
  readonly closed: Promise<void>;
  /** What was written, write by write. */
  readonly writes: Uint8Array[] = [];
  /** How it was ended by its user. */
  dropped: "fin" | "reset" | undefined;
  paused = false;
  writingEnded = false;
  /** What writes wait for. */
  gate: Promise<unknown> = Promise.resolve();
  #sink: StreamSink | undefined;
  #resolveClosed: () => void = () => {};

  constructor() {
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  /** All that was written, in digits. */
  get written(): string {
    return hex(concat(...this.writes));
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    this.writes.push(bytes.slice());
    await this.gate;
    return this.dropped === undefined;
  }

  pause(paused: boolean): void {
    this.paused = paused;
  }

  endWriting(): void {
    this.writingEnded = true;
  }

  drop(how: "fin" | "reset"): void {
    this.dropped ??= how;
    this.#resolveClosed();
  }

  /** The testee sends bytes. */
  receive(bytes: Uint8Array): void {
    this.#sink?.data(bytes.slice());
  }

  /** The testee ends the connection. */
  receiveEnd(failure?: string): void {
    this.#sink?.end(failure);
  }
}

/** Both ends of a TCP connection. */
export interface TcpPair {
  readonly stream: SocketStream;
  readonly testee: Deno.TcpConn;
}

/** Runs a test on a TCP connection, and closes both ends. */
export async function withTcpPair(test: (pair: TcpPair) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const stream = await connectStream({
    hostname: "127.0.0.1",
    port: listener.addr.port,
    tls: false,
  });
  const testee = await accepted;
  try {
    await test({ stream, testee });
  } finally {
    listener.close();
    stream.drop("reset");
    await stream.closed;
    try {
      testee.close();
    } catch {
      // The test has closed it.
    }
  }
}

/** Reads from a connection until so many bytes have come. */
export async function readBytes(conn: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await conn.read(bytes.subarray(at));
    if (read === null) throw new Error(`The connection ended after ${at} of ${length} bytes`);
    at += read;
  }
  return bytes;
}
