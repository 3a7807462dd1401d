/**
 * A WebSocket over a raw stream, for cases that look closer than the suite's ordinary peer does, or
 * that must not react as it does: it answers nothing by itself, and judges nothing.
 *
 * @module
 */
import { text } from "../cases/frames.ts";
import type { FrameSpec, ReceivedMessage, Role } from "../model/case.ts";
import type { CaseStream } from "../model/stage.ts";
import { EMPTY, joinBytes, utf8 } from "../wire/bytes.ts";
import { MessageInflater } from "../wire/deflate.ts";
import { encodeFrame, OPCODE } from "../wire/frame.ts";
import { FrameCollector, type ReadFrame } from "../wire/frame_reader.ts";
import { latin1Text } from "../wire/head.ts";
import { type Closing, closing } from "./verdicts.ts";

/** What came: a frame, the end of the connection, or nothing in time. */
export type Arrival = ReadFrame | "end" | "silence";

/** How to wait. */
export interface Wait {
  /** Whether the time begins anew whenever something comes. @default {false} */
  readonly restarts?: boolean;
}

/** How a testee ends a connection, and what came before. */
export interface Ending {
  /** A message that came instead. */
  readonly message: ReceivedMessage | undefined;
  /** Payloads of pongs, in order. */
  readonly pongs: readonly Uint8Array[];
  /** Its close frame; without a code where its body has none. */
  readonly close: { readonly code: number | undefined } | undefined;
  /** Whether it ended TCP; of a client only where there was no close frame. */
  readonly ended: boolean;
}

/** How long a testee may take to do what it must do at once, in milliseconds. */
export const PATIENCE = 5_000;
/** How long a server may take to end TCP after the closing handshake, in milliseconds. */
const DROP_TIME = 2_000;

/** A WebSocket over a raw stream. */
export class RawSocket {
  /** The part that the testee plays. */
  readonly testee: Role;
  /** The Sec-WebSocket-Extensions field that was answered; empty without one. */
  readonly extensions: string;
  readonly #stream: CaseStream;
  readonly #collector = new FrameCollector();
  readonly #frames: ReadFrame[];
  readonly #inflater: MessageInflater | undefined;
  #closeCode: number | undefined;
  #message: { binary: boolean; compressed: boolean; pieces: Uint8Array[] } | undefined;

  /** Takes a stream on which a WebSocket was opened, and what came after the head. */
  constructor(
    stream: CaseStream,
    options: {
      testee: Role;
      /** @default nothing */
      rest?: Uint8Array;
      /** The Sec-WebSocket-Extensions field that was answered. @default none */
      extensions?: string;
    },
  ) {
    this.#stream = stream;
    this.testee = options.testee;
    this.extensions = options.extensions ?? "";
    if (this.extensions.includes("permessage-deflate")) {
      this.#inflater = new MessageInflater({ noContextTakeover: false, windowBits: 15 });
    }
    this.#frames = this.#collector.push(options.rest ?? EMPTY);
  }

  /** The code of the close frame that came instead of a message, if it has one. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The bytes of a frame, masked where the suite is the client. */
  encode(frame: FrameSpec): Uint8Array {
    return encodeFrame(frame, { masked: this.testee === "server" });
  }

  /** Sends frames, all in one write; false when the testee has ended the connection. */
  send(...frames: readonly FrameSpec[]): Promise<boolean> {
    return this.sendBytes(joinBytes(frames.map((frame) => this.encode(frame))));
  }

  /** Sends bytes as they are; false when the testee has ended the connection. */
  sendBytes(
    bytes: Uint8Array,
    options?: { chopBytes?: number; pauseMilliseconds?: number },
  ): Promise<boolean> {
    return this.#stream.write(bytes, options);
  }

  /** The next frame, if one is complete within `milliseconds`. */
  async next(milliseconds: number = PATIENCE, { restarts = false }: Wait = {}): Promise<Arrival> {
    let deadline = performance.now() + milliseconds;
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      const bytes = await this.#stream.read(Math.max(1, deadline - performance.now()));
      if (typeof bytes === "string") return bytes;
      if (restarts) deadline = performance.now() + milliseconds;
      this.#frames.push(...this.#collector.push(bytes));
    }
  }

  /** The next message; pongs before it are dropped, and so are pings. */
  async nextMessage(
    milliseconds: number = PATIENCE,
    { restarts = false }: Wait = {},
  ): Promise<ReceivedMessage | "close" | "end" | "silence"> {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const left = restarts ? milliseconds : Math.max(1, deadline - performance.now());
      const frame = await this.next(left, { restarts });
      if (typeof frame === "string") return frame;
      if (frame.opcode === OPCODE.close) {
        this.#closeCode = closeCode(frame.payload);
        return "close";
      }
      const message = this.#assemble(frame);
      if (message !== undefined) return message;
    }
  }

  /** The pong that comes next, before any message. */
  async nextPong(milliseconds: number = PATIENCE): Promise<Uint8Array | undefined> {
    const frame = await this.next(milliseconds);
    return typeof frame === "object" && frame.opcode === OPCODE.pong ? frame.payload : undefined;
  }

  /** Sends a text, and waits for it to come back; what is wrong, if anything. */
  async echoes(words: string): Promise<string | undefined> {
    if (!await this.send(text(words))) return "the connection had ended when a message was sent.";
    return await this.brings(words);
  }

  /** Waits for a text; what is wrong, if anything. */
  async brings(words: string): Promise<string | undefined> {
    const message = await this.nextMessage();
    if (message === "close") return "the testee closed instead of echoing.";
    if (message === "end") return "the connection ended instead of echoing.";
    if (message === "silence") return "no echo came in time.";
    const got = latin1Text(message.payload);
    if (!message.binary && got === latin1Text(utf8(words))) return undefined;
    return `the echo is "${got.slice(0, 60)}" and not "${words.slice(0, 60)}".`;
  }

  /**
   * Takes what comes until a message is whole or the testee ends the connection, but not longer
   * than `milliseconds`. A close frame is answered.
   */
  async untilEnd(milliseconds: number = PATIENCE): Promise<Ending> {
    const deadline = performance.now() + milliseconds;
    const pongs: Uint8Array[] = [];
    for (;;) {
      const frame = await this.next(Math.max(1, deadline - performance.now()));
      if (typeof frame === "string") {
        return { message: undefined, pongs, close: undefined, ended: frame === "end" };
      }
      if (frame.opcode === OPCODE.close) {
        const code = closeCode(frame.payload);
        await this.send({ opcode: OPCODE.close, payload: frame.payload.subarray(0, 2) });
        // A client leaves it to the server to end TCP (RFC 6455 §7.1.1).
        const ended = this.testee === "client" || await this.#endsTcp();
        return { message: undefined, pongs, close: { code }, ended };
      }
      if (frame.opcode === OPCODE.pong) pongs.push(frame.payload);
      const message = this.#assemble(frame);
      if (message !== undefined) {
        return { message, pongs, close: undefined, ended: false };
      }
    }
  }

  /** Closes as an endpoint should, and judges how the testee goes along. */
  async closeNormally(): Promise<Closing> {
    await this.send({ opcode: OPCODE.close, payload: Uint8Array.of(0x03, 0xe8) });
    for (;;) {
      const frame = await this.next();
      if (frame === "silence") return closing("FAILED", "The close frame was not answered.");
      if (frame === "end") {
        return closing("UNCLEAN", "The connection ended without an answer to the close frame.");
      }
      if (frame.opcode !== OPCODE.close) continue;
      const code = closeCode(frame.payload);
      if (code !== undefined && code !== 1000) {
        return closing("WRONG CODE", `The close frame was answered with ${code}, not with 1000.`);
      }
      if (this.testee === "server" && !await this.#endsTcp()) {
        return closing("FAILED BY CLIENT", "The server left it to the client to end TCP.");
      }
      return closing("OK", "The connection was closed cleanly.");
    }
  }

  /** Ends the suite's direction with a FIN, and goes on reading. */
  endWriting(): void {
    this.#stream.endWriting();
  }

  /** Stops or resumes reading from the network. */
  pauseReading(paused: boolean): void {
    this.#stream.pauseReading(paused);
  }

  /** Ends the connection: with a FIN, or a reset. */
  drop(how: "fin" | "reset"): void {
    this.#inflater?.close();
    this.#stream.drop(how);
  }

  /** Whether the testee ends TCP, as a server does after the closing handshake. */
  async #endsTcp(): Promise<boolean> {
    for (;;) {
      const arrival = await this.next(DROP_TIME);
      if (typeof arrival === "string") return arrival === "end";
    }
  }

  /** The message that a frame completes. */
  #assemble(frame: ReadFrame): ReceivedMessage | undefined {
    if (frame.opcode >= OPCODE.close) return undefined;
    if (frame.opcode !== OPCODE.continuation) {
      this.#message = {
        binary: frame.opcode === OPCODE.binary,
        compressed: (frame.rsv & 4) !== 0,
        pieces: [],
      };
    }
    const message = this.#message;
    if (message === undefined) return undefined;
    message.pieces.push(frame.payload);
    if (!frame.fin) return undefined;
    this.#message = undefined;
    const whole = joinBytes(message.pieces);
    const payload = message.compressed ? this.#inflater?.decompress(whole) ?? whole : whole;
    return { payload, binary: message.binary };
  }
}

/** The code in the body of a close frame. */
export function closeCode(body: Uint8Array): number | undefined {
  return body.length < 2 ? undefined : body[0]! * 256 + body[1]!;
}
