/**
 * What the testee sends: frames are checked, and made into messages (RFC 6455 §5 and §8.1). After
 * a fault the frames are read on, for the close frame that must come; messages are then no longer
 * told.
 *
 * @module
 */
import { EMPTY, joinBytes } from "../wire/bytes.ts";
import { DeflateError, MessageInflater } from "../wire/deflate.ts";
import { OPCODE } from "../wire/frame.ts";
import { type FrameHeader, FrameReader, type FrameSink } from "../wire/frame_reader.ts";
import { SHOWN_BYTES } from "../wire/shown.ts";
import { Utf8Validator } from "../wire/utf8.ts";
import type { WireLog } from "../wire/wire_log.ts";
import type { DeflateAgreement } from "../model/case.ts";
import type { TrafficCounter } from "./traffic.ts";

const MAX_CONTROL_BYTES = 125;
/** As much is kept of a control frame, which should have no more than 125 bytes. */
const MAX_KEPT_BYTES = 65_536;
const RSV1 = 4;

/** Who is told what came. */
export interface IncomingSink {
  /** A message is complete, decompressed and checked. */
  message(payload: Uint8Array, binary: boolean): void;
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** A close frame came. */
  close(body: Uint8Array): void;
  /** The testee breaks a rule; `code` is what to close with. */
  fault(code: number, words: string): void;
}

/** What there is to know of a connection. */
export interface IncomingOptions {
  /** Whether the suite is the server. */
  readonly isServer: boolean;
  readonly deflate: DeflateAgreement | undefined;
  readonly log: WireLog;
  readonly traffic: TrafficCounter;
}

/** Reads what comes, and tells a sink. */
export class Incoming implements FrameSink {
  readonly #sink: IncomingSink;
  readonly #isServer: boolean;
  readonly #log: WireLog;
  readonly #traffic: TrafficCounter;
  readonly #inflater: MessageInflater | undefined;
  readonly #reader: FrameReader = new FrameReader(this);
  readonly #utf8 = new Utf8Validator();

  #header: FrameHeader | undefined;
  #frame: Uint8Array[] = [];
  #frameBytes = 0;
  #message: Uint8Array[] = [];
  #inside = false;
  #binary = false;
  #compressed = false;
  #validated = false;
  #failed = false;

  /** Takes who is told. */
  constructor(sink: IncomingSink, { isServer, deflate, log, traffic }: IncomingOptions) {
    this.#sink = sink;
    this.#isServer = isServer;
    this.#log = log;
    this.#traffic = traffic;
    this.#inflater = deflate && new MessageInflater(deflate.incoming);
  }

  /** Takes bytes, which are its own from then on. */
  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** No messages are told from now on: the suite fails the connection. */
  fail(): void {
    this.#failed = true;
    this.#message = [];
  }

  /** Reads nothing any more. */
  stop(): void {
    this.#reader.stop();
    this.#inflater?.close();
  }

  header(header: FrameHeader): void {
    this.#header = header;
    this.#frame = [];
    this.#frameBytes = 0;
    this.#checkHeader(header);
    if (header.opcode >= OPCODE.close) this.#checkControl(header);
    else this.#beginData(header);
  }

  data(piece: Uint8Array): void {
    const control = this.#header!.opcode >= OPCODE.close;
    if (this.#frameBytes < (control ? MAX_KEPT_BYTES : this.#log.on ? SHOWN_BYTES : 0)) {
      this.#frame.push(piece);
      this.#frameBytes += piece.length;
    }
    if (control) return;
    this.#traffic.webSocket += piece.length;
    if (!this.#failed) this.#message.push(piece);
    if (this.#validated && !this.#utf8.push(piece)) this.#textFault();
  }

  end(): void {
    const header = this.#header!;
    const payload = this.#frame.length > 0 ? joinBytes(this.#frame) : EMPTY;
    this.#log.frameReceived(header, payload);
    this.#frame = [];
    if (header.opcode < OPCODE.close) return this.#endData(header);
    if (header.opcode === OPCODE.close) this.#sink.close(payload);
    else if (header.opcode === OPCODE.ping) this.#sink.ping(payload);
    else if (header.opcode === OPCODE.pong) this.#sink.pong(payload);
  }

  /** The rules for every frame (RFC 6455 §5.1 and §5.2). */
  #checkHeader({ rsv, mask, length, lengthBits }: FrameHeader): void {
    if (rsv !== 0 && !(this.#inflater && rsv === RSV1)) {
      this.#fault(`RSV is ${rsv}, and no extension gives it a meaning`);
    }
    if (this.#isServer && !mask) this.#fault("a frame from a client must be masked");
    if (!this.#isServer && mask) this.#fault("a frame from a server must not be masked");
    if (length >= 2 ** 63) this.#fault("the top bit of the length must be 0");
    if (lengthBits === 16 && length < 126 || lengthBits === 64 && length < 65_536) {
      this.#fault("the length must have its shortest form");
    }
  }

  /** The rules for control frames (RFC 6455 §5.5). */
  #checkControl({ fin, rsv, opcode, length }: FrameHeader): void {
    if (!fin) this.#fault("a control frame must not be fragmented");
    if (length > MAX_CONTROL_BYTES) this.#fault("a control frame has at most 125 bytes");
    if (opcode > OPCODE.pong) this.#fault(`the opcode ${opcode} is reserved`);
    if (opcode === OPCODE.close && length === 1) this.#fault("a close frame's body is 1 byte long");
    if (this.#inflater && rsv === RSV1) this.#fault("a control frame must not be compressed");
  }

  /** The rules for data frames (RFC 6455 §5.4; RFC 7692 §6). */
  #beginData({ rsv, opcode }: FrameHeader): void {
    if (opcode > OPCODE.binary) this.#fault(`the opcode ${opcode} is reserved`);
    if (!this.#inside && opcode === OPCODE.continuation) {
      this.#fault("a continuation frame came outside of a message");
    }
    if (this.#inside && opcode !== OPCODE.continuation) {
      this.#fault("a message began within another");
    }
    if (this.#inside) {
      if (this.#inflater && rsv === RSV1) this.#fault("a continuation frame has RSV1 set");
      return;
    }
    this.#inside = true;
    this.#binary = opcode === OPCODE.binary;
    this.#compressed = this.#inflater !== undefined && rsv === RSV1;
    this.#validated = opcode === OPCODE.text && !this.#compressed;
    this.#utf8.reset();
    this.#message = [];
  }

  #endData({ fin }: FrameHeader): void {
    this.#traffic.frames++;
    if (!fin) return;
    this.#inside = false;
    // A text that was refused is refused again at its end, as Autobahn|Testsuite has it: a second
    // fault ends TCP.
    if (this.#validated && !this.#utf8.complete) this.#textFault();
    if (this.#failed) return;
    this.#traffic.messages++;
    const payload = this.#payload();
    this.#message = [];
    if (payload === undefined) return;
    this.#traffic.application += payload.length;
    this.#sink.message(payload, this.#binary);
  }

  /** The message, decompressed; `undefined` where it has a fault. */
  #payload(): Uint8Array | undefined {
    const payload = joinBytes(this.#message);
    if (!this.#compressed) return payload;
    try {
      const message = this.#inflater!.decompress(payload);
      if (this.#binary) return message;
      this.#utf8.push(message);
      if (this.#utf8.complete) return message;
      this.#textFault();
    } catch (error) {
      if (!(error instanceof DeflateError)) throw error;
      this.#sink.fault(1007, error.message);
    }
    return undefined;
  }

  #textFault(): void {
    const { badOffset } = this.#utf8;
    this.#sink.fault(
      1007,
      badOffset === undefined
        ? "the text ends within a character"
        : `the text is not UTF-8 from byte ${badOffset} on`,
    );
  }

  #fault(words: string): void {
    this.#sink.fault(1002, words);
  }
}
