/**
 * Byte streams for tests: one in memory, and those over loopback TCP and TLS whose other end is in
 * the test's hands.
 *
 * @module
 */
import { connectStream } from "../../../autobahn/suite/wire/connect.ts";
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

/** Both ends of a connection. */
export interface Pair {
  readonly stream: ByteStream;
  readonly testee: Deno.Conn;
}

/** Runs a test on a TCP connection, and closes both ends. */
export async function withTcpPair(
  test: (pair: Pair) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withPair(listener, { secure: false, test });
}

/** The same over TLS. */
export async function withTlsPair(
  test: (pair: Pair) => Promise<void>,
): Promise<void> {
  const listener = listenTls();
  await withPair(listener, { secure: true, test });
}

/** Listens with the certificate of the tests, which is for `localhost`. */
export function listenTls(): Deno.TlsListener {
  const [cert, key] = [fixture("localhost.pem"), fixture("localhost_key.pem")];
  return Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
}

/** The text of a file in `tests/fixtures/`. */
export function fixture(name: string): string {
  return Deno.readTextFileSync(`tests/fixtures/${name}`);
}

async function withPair(
  listener: Deno.TcpListener | Deno.TlsListener,
  { secure, test }: { secure: boolean; test: (pair: Pair) => Promise<void> },
): Promise<void> {
  const { port } = listener.addr;
  const accepted = listener.accept();
  const caCerts = secure ? [fixture("ca.pem")] : [];
  const stream = await connectStream({ hostname: "localhost", port, secure, caCerts });
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

/** Notes what a stream brings, and resolves when it has ended. */
export function listenTo(
  stream: ByteStream,
): { bytes: Uint8Array[]; end: Promise<string | undefined> } {
  const bytes: Uint8Array[] = [];
  const end = new Promise<string | undefined>((resolve) => {
    stream.attach({ data: (piece) => bytes.push(piece), end: resolve });
  });
  return { bytes, end };
}

/** How many bytes all pieces have. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * Sends 64 MiB, more than sockets hold, to who may not read. Resolves when no more goes, or all has
 * gone; `sent` when all has.
 */
export async function fillUp(
  conn: Deno.Conn,
): Promise<{ readonly blocked: boolean; readonly sent: Promise<number> }> {
  const chunk = new Uint8Array(1 << 20);
  const total = 64 * chunk.length;
  let written = 0;
  const sent = (async () => {
    while (written < total) written += await conn.write(chunk.subarray(written % chunk.length));
    return written;
  })();
  let before = -1;
  while (written !== before) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { blocked: written < total, sent };
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
