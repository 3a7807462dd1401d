/**
 * A proxy between a client and a server that takes down what passes: what was negotiated, and
 * of every message whether it was compressed and how many bytes it took. It knows nothing of
 * the library's own reading of frames.
 */

/** A message on the wire. */
export interface SeenMessage {
  /** RSV1 was set in its first frame (RFC 7692 §6). */
  readonly compressed: boolean;
  readonly fragments: number;
  /** The bytes of its payload, as they were sent. */
  readonly bytes: number;
  /** How many control frames came between its fragments. */
  readonly controls: number;
}

/** A connection that was opened. */
export interface SeenConnection {
  /** The extensions that the client offered, `""` for none. */
  readonly offer: string;
  /** The extensions that the server answered, `""` for none. */
  readonly answer: string;
  /** The messages from each side, in order. */
  readonly client: readonly SeenMessage[];
  readonly server: readonly SeenMessage[];
}

/** Listens on a free port and passes everything on to the server at `url`, until it is disposed. */
export class Wiretap implements AsyncDisposable {
  /** The connections that were opened, in the order of their answers. */
  readonly connections: SeenConnection[] = [];
  /** The URL that leads to the server through the proxy. */
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #server: { hostname: string; port: number };
  readonly #pipes = new Set<Promise<unknown>>();
  readonly #ends = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#server = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const through = new URL(url);
    through.host = `127.0.0.1:${this.#listener.addr.port}`;
    this.url = through.href;
    this.#accepting = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const end of this.#ends) close(end);
    await Promise.all(this.#pipes);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.#ends.add(client);
      const server = await Deno.connect(this.#server);
      this.#ends.add(server);
      server.setNoDelay();
      client.setNoDelay();
      this.#tap(client, server);
    }
  }

  #tap(client: Deno.Conn, server: Deno.Conn): void {
    let offer = "";
    const sent = new SideReader((head) => offer = extensionsIn(head));
    const received = new SideReader((head) => {
      if (!head.startsWith("HTTP/1.1 101 ")) return;
      const sides = { client: sent.messages, server: received.messages };
      this.connections.push({ offer, answer: extensionsIn(head), ...sides });
    });
    for (const pipe of [forward(client, server, sent), forward(server, client, received)]) {
      this.#pipes.add(pipe);
    }
  }
}

/** Passes on what comes until either end is gone. */
async function forward(from: Deno.Conn, to: Deno.Conn, reader: SideReader): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
      const bytes = buffer.subarray(0, read);
      reader.push(bytes);
      for (let at = 0; at < read;) at += await to.write(bytes.subarray(at));
    }
    await to.closeWrite();
  } catch {
    // One end has cut the connection, so the other is to see that as well.
    close(from);
    close(to);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function extensionsIn(head: string): string {
  return head.match(/^sec-websocket-extensions: *(.*?) *\r$/im)?.[1] ?? "";
}

/** Reads what one side sends: the head of the handshake, then frames (RFC 6455 §5.2). */
class SideReader {
  readonly messages: { -readonly [Key in keyof SeenMessage]: SeenMessage[Key] }[] = [];
  readonly #onHead: (head: string) => void;
  #head: string | undefined = "";
  readonly #header: number[] = [];
  #payloadLeft = 0;
  #fragmented = false;

  constructor(onHead: (head: string) => void) {
    this.#onHead = onHead;
  }

  push(bytes: Uint8Array): void {
    for (let at = this.#readHead(bytes); at < bytes.length;) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= step;
        at += step;
      } else {
        this.#header.push(bytes[at++]!);
        this.#readHeader();
      }
    }
  }

  /** Gives where the head ends in `bytes`. */
  #readHead(bytes: Uint8Array): number {
    if (this.#head === undefined) return 0;
    for (let at = 0; at < bytes.length; at++) {
      this.#head += String.fromCharCode(bytes[at]!);
      if (!this.#head.endsWith("\r\n\r\n")) continue;
      this.#onHead(this.#head);
      this.#head = undefined;
      return at + 1;
    }
    return bytes.length;
  }

  #readHeader(): void {
    const header = this.#header;
    const length = payloadLength(header);
    if (length === undefined) return;
    const [first = 0] = header;
    header.length = 0;
    this.#payloadLeft = length;
    const opcode = first & 0x0f;
    if (opcode === 1 || opcode === 2) {
      this.messages.push({ compressed: (first & 0x40) !== 0, fragments: 0, bytes: 0, controls: 0 });
    }
    const message = this.messages.at(-1);
    if (message === undefined) return;
    if (opcode >= 8) {
      if (this.#fragmented) message.controls++;
      return;
    }
    message.fragments++;
    message.bytes += length;
    this.#fragmented = (first & 0x80) === 0;
  }
}

/** The length of the payload behind a frame's header; `undefined` while that is incomplete. */
function payloadLength(header: readonly number[]): number | undefined {
  const [, second] = header;
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  const mask = (second & 0x80) === 0 ? 0 : 4;
  if (header.length < 2 + extended + mask) return undefined;
  if (extended === 0) return short;
  return header.slice(2, 2 + extended).reduce((sum, byte) => 256 * sum + byte, 0);
}
