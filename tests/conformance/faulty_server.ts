/**
 * An echo server that keeps every rule but the one that it is told to break. It is written without
 * a look at the library or the suite, and without haste: one connection is one loop.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { ByteReader } from "./byte_reader.ts";
import { concat, Deflater, type Direction, Inflater } from "./deflate.ts";
import { open } from "./faulty_handshake.ts";
import type { Fault } from "./faults.ts";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const CUT_BYTES = 65_535;
const LATE_PING_MILLISECONDS = 100;

/** A server that runs. */
export interface FaultyServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves on a free port of the loopback interface. */
export function serveFaulty(fault?: Fault): FaultyServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = new Set<Promise<void>>();
  let closed = false;
  const accept = async () => {
    while (!closed) {
      // A peer may be gone before it is accepted, which is no reason to stop.
      const connection = await listener.accept().catch(() => undefined);
      if (connection === undefined) continue;
      connection.setNoDelay();
      const served = new FaultyConnection(connection, fault).serve()
        .catch(() => {}) // the peer went away: nobody is left to be told
        .finally(() => {
          running.delete(served);
          connection.close();
        });
      running.add(served);
    }
  };
  const accepting = accept();
  return {
    url: `ws://127.0.0.1:${listener.addr.port}/`,
    async [Symbol.asyncDispose]() {
      closed = true;
      listener.close();
      await accepting;
      await Promise.all(running);
    },
  };
}

/** A frame's header, checked. */
interface Header {
  readonly fin: boolean;
  readonly compressed: boolean;
  readonly opcode: number;
  readonly length: number;
  readonly mask: Uint8Array;
}

/** Ends a connection with a close code. */
class Failure extends Error {
  constructor(readonly code: number) {
    super(`failed with ${code}`);
  }
}

class FaultyConnection {
  readonly #connection: Deno.Conn;
  readonly #reader: ByteReader;
  readonly #fault: Fault | undefined;
  #inflater: Inflater | undefined;
  #deflater: Deflater | undefined;
  /** The message that has begun. */
  #opcode = CONTINUATION;
  #compressed = false;
  #pieces: Uint8Array[] = [];
  #text = new TextDecoder("utf-8", { fatal: true });

  constructor(connection: Deno.Conn, fault: Fault | undefined) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
    this.#fault = fault;
  }

  /** Serves the connection to its end. */
  async serve(): Promise<void> {
    const head = await this.#reader.head();
    if (head === undefined) return;
    const opening = open(head, this.#fault);
    if (opening === undefined) {
      return await this.#write(text("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
    }
    await this.#write(text(opening.response));
    if (opening.deflate !== undefined) this.#compress(opening.deflate);
    try {
      while (await this.#frame());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const code = this.#has("wrong close code") ? 1000 : error.code;
      await this.#send(CLOSE, new Uint8Array([code >> 8, code & 0xff]));
    } finally {
      this.#inflater?.close();
      this.#deflater?.close();
    }
    await this.#endInOrder();
  }

  #compress({ incoming, outgoing }: { incoming: Direction; outgoing: Direction }): void {
    const lost = this.#has("lost context");
    this.#inflater = new Inflater(lost ? { ...incoming, contextTakeover: false } : incoming);
    this.#deflater = new Deflater({
      windowBits: this.#has("wide window") ? 15 : outgoing.windowBits,
      contextTakeover: this.#has("kept context") || outgoing.contextTakeover,
    });
  }

  /** Ends our direction, and waits for the peer to end its own, so that nothing is cut off. */
  async #endInOrder(): Promise<void> {
    if (!this.#has("open after closing")) await this.#connection.closeWrite();
    while (await this.#reader.some(65_536) !== undefined);
  }

  /** Handles a frame; false when the connection is to end. */
  async #frame(): Promise<boolean> {
    const header = await this.#header();
    if (header === undefined) return false;
    if (header.opcode >= CLOSE) return await this.#controlFrame(header);
    return await this.#dataFrame(header);
  }

  async #header(): Promise<Header | undefined> {
    const start = await this.#reader.exactly(2);
    if (start === undefined) return undefined;
    const [first, second] = [start[0]!, start[1]!];
    const [fin, rsv, opcode] = [(first & 0x80) !== 0, (first >> 4) & 7, first & 15];
    const short = second & 0x7f;
    const begins = opcode === TEXT || opcode === BINARY;
    const compressed = rsv === 4 && begins && this.#inflater !== undefined;
    if (rsv !== 0 && !compressed) this.#unless("reserved bits");
    if (![CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG].includes(opcode)) {
      this.#unless("reserved opcodes");
    }
    if (opcode >= CLOSE && !fin) this.#unless("fragmented control frames");
    if (opcode >= CLOSE && short > 125) this.#unless("long control frames");
    if ((second & 0x80) === 0) this.#unless("unmasked frames");
    const length = await this.#length(short);
    const mask = (second & 0x80) === 0 ? new Uint8Array(4) : await this.#reader.exactly(4);
    if (length === undefined || mask === undefined) return undefined;
    return { fin, compressed, opcode, length, mask };
  }

  async #length(short: number): Promise<number | undefined> {
    if (short < 126) return short;
    const bytes = await this.#reader.exactly(short === 126 ? 2 : 8);
    if (bytes === undefined) return undefined;
    const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    if (length > Number.MAX_SAFE_INTEGER) throw new Failure(1009);
    if (length < (short === 126 ? 126 : 65_536)) this.#unless("any length form");
    return length;
  }

  async #controlFrame({ opcode, length, mask }: Header): Promise<boolean> {
    const payload = await this.#reader.exactly(length);
    if (payload === undefined) return false;
    unmask(payload, mask, 0);
    if (opcode === CLOSE) return await this.#close(payload);
    if (opcode === PING && !this.#has("no pong")) {
      await this.#send(PONG, this.#has("empty pong") ? new Uint8Array(0) : payload);
    }
    return true;
  }

  async #close(body: Uint8Array): Promise<boolean> {
    const code = body.length < 2 ? undefined : body[0]! * 256 + body[1]!;
    if (body.length === 1 || (code !== undefined && !isCloseCode(code))) {
      this.#unless("any close code");
    }
    if (!isUtf8(body.subarray(2))) this.#unless("no UTF-8 check");
    if (this.#has("no close reply")) return true;
    await this.#send(CLOSE, body.length > 125 ? body.subarray(0, 2) : body);
    if (this.#has("pong after closing")) await this.#answerPing();
    return false;
  }

  /** Answers a ping that comes behind the close frame, if one does. */
  async #answerPing(): Promise<void> {
    const late = delay(LATE_PING_MILLISECONDS, undefined);
    const header = await Promise.race([this.#header(), late]);
    if (header?.opcode === PING) await this.#controlFrame(header);
  }

  async #dataFrame(header: Header): Promise<boolean> {
    const { opcode, fin, length, mask } = header;
    const within = this.#opcode !== CONTINUATION;
    if (opcode === CONTINUATION && !within) this.#unless("stray continuation");
    if (opcode !== CONTINUATION && within) this.#unless("interleaved messages");
    // A reserved opcode that is let pass belongs to no message.
    const skipped = opcode > BINARY;
    if (!skipped && (opcode !== CONTINUATION || !within)) {
      this.#opcode = opcode === CONTINUATION ? TEXT : opcode;
      this.#compressed = header.compressed;
      this.#pieces = [];
      this.#text = new TextDecoder("utf-8", { fatal: true });
    }
    const frame: Uint8Array[] = [];
    for (let at = 0; at < length;) {
      const piece = await this.#reader.some(length - at);
      if (piece === undefined) return false;
      unmask(piece, mask, at);
      at += piece.length;
      frame.push(piece);
      if (!skipped) this.#check(piece, "piece");
    }
    if (skipped) return true;
    const payload = concat(frame);
    this.#check(payload, "frame");
    this.#pieces.push(payload);
    if (fin) await this.#echo();
    return true;
  }

  /** Checks text as early as the fault allows; what is compressed, when it is inflated. */
  #check(bytes: Uint8Array, unit: "piece" | "frame"): void {
    if (this.#opcode !== TEXT || this.#compressed || this.#has("no UTF-8 check")) return;
    if (this.#has("UTF-8 check at the end")) return;
    if (unit !== (this.#has("UTF-8 check by frame") ? "frame" : "piece")) return;
    try {
      this.#text.decode(bytes, { stream: true });
    } catch {
      throw new Failure(1007);
    }
  }

  async #echo(): Promise<void> {
    const [opcode, compressed] = [this.#opcode, this.#compressed];
    this.#opcode = CONTINUATION;
    if (this.#has("swapped fragments") && this.#pieces.length > 1) {
      this.#pieces.splice(0, 2, this.#pieces[1]!, this.#pieces[0]!);
    }
    let payload = concat(this.#pieces);
    if (compressed) {
      payload = await this.#inflater!.inflate(payload).catch(() => {
        throw new Failure(1007);
      });
    }
    if (opcode === TEXT && !this.#has("no UTF-8 check") && !isUtf8(payload)) {
      throw new Failure(1007);
    }
    if (this.#has("cut at 65,535 bytes")) payload = payload.subarray(0, CUT_BYTES);
    const kind = opcode === BINARY && this.#has("binary as text") ? TEXT : opcode;
    if (this.#deflater === undefined) return await this.#send(kind, payload);
    await this.#send(kind, await this.#deflater.deflate(payload), 0x40);
  }

  async #send(opcode: number, payload: Uint8Array, rsv = 0): Promise<void> {
    const { length } = payload;
    const header = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : [
      127,
      0,
      0,
      0,
      0,
      length >>> 24,
      (length >> 16) & 0xff,
      (length >> 8) & 0xff,
      length & 0xff,
    ];
    await this.#write(concat([new Uint8Array([0x80 | rsv | opcode, ...header]), payload]));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  #has(fault: Fault): boolean {
    return this.#fault === fault;
  }

  /** The peer broke a rule, which fails the connection unless the rule is not known here. */
  #unless(fault: Fault): void {
    if (!this.#has(fault)) throw new Failure(1002);
  }
}

function unmask(bytes: Uint8Array, mask: Uint8Array, offset: number): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! ^ mask[(offset + i) & 3]!;
}

function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
