/**
 * Sinks that write down what they are told, one line of text an event.
 *
 * @module
 */
import type { ProtocolError, ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import type { FrameSink } from "../../lib/protocol/frame_parser.ts";
import type { MessageSink } from "../../lib/protocol/message_assembler.ts";
import type { MessageType } from "../../lib/protocol/opcodes.ts";
import type { SessionSink } from "../../lib/protocol/session.ts";
import { hex } from "./hex.ts";

/** Writes down messages: `text "Hi"`, `binary 0102`, or `start text`, `piece 4869`, `end`. */
export class MessageRecorder implements MessageSink {
  /** What happened, in order. */
  readonly events: string[] = [];
  /** The whole binary messages, as they were handed over. */
  readonly binaries: Uint8Array<ArrayBuffer>[] = [];
  /** The pieces of messages that are taken piece by piece, as they were handed over. */
  readonly pieces: Uint8Array<ArrayBuffer>[] = [];
  /** Called after each event, with its line. */
  onEvent: (event: string) => void = () => {};
  readonly #piecewise: boolean;
  /** The last event is a piece. */
  #pieceLast = false;

  /** Takes messages whole, or piece by piece. */
  constructor({ piecewise = false }: { piecewise?: boolean } = {}) {
    this.#piecewise = piecewise;
  }

  /** The events so far, which are forgotten. */
  take(): string[] {
    return this.events.splice(0);
  }

  onMessageStart(type: MessageType): boolean {
    if (this.#piecewise) this.note(`start ${type}`);
    else this.onEvent(`start ${type}`);
    return this.#piecewise;
  }

  /** Pieces that follow each other are one event, so that cuts leave no trace. */
  onMessagePiece(piece: Uint8Array<ArrayBuffer>): void {
    this.pieces.push(piece);
    if (this.#pieceLast && this.events.length > 0) {
      this.events[this.events.length - 1] += hex(piece);
    } else this.note(`piece ${hex(piece)}`);
    this.#pieceLast = true;
  }

  onMessageEnd(): void {
    this.note("end");
  }

  onText(text: string): void {
    this.note(`text ${JSON.stringify(text)}`);
  }

  onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.binaries.push(bytes);
    this.note(`binary ${hex(bytes)}`);
  }

  /** Appends an event. */
  protected note(event: string): void {
    this.#pieceLast = false;
    this.events.push(event);
    this.onEvent(event);
  }
}

/** Writes down what a session tells: `ping 01`, `pong 01`, `close 1000 "why"`, `ERR_…`. */
export class SessionRecorder extends MessageRecorder implements SessionSink {
  onPing(payload: Uint8Array<ArrayBuffer>): void {
    this.note(`ping ${hex(payload)}`);
  }

  onPong(payload: Uint8Array<ArrayBuffer>): void {
    this.note(`pong ${hex(payload)}`);
  }

  onClose(code: number, reason: string): void {
    this.note(`close ${code} ${JSON.stringify(reason)}`);
  }

  onFailure(error: ProtocolError): void {
    this.note(error.code);
  }
}

/** A line of what a {@linkcode FrameRecorder} writes down, without its details. */
export type FrameEvent = "data" | "payload" | "end" | "control" | "failure";

/**
 * Writes down frames: `data 1 fin 5`, `payload 48656c6c6f`, `end fin`, `control 9 01`,
 * `failure ERR_…`.
 */
export class FrameRecorder implements FrameSink {
  /** What happened, in order; pieces of payload that follow each other are one event. */
  readonly events: string[] = [];
  /** How many data frames were told of with one call. */
  wholeFrames = 0;
  /** How long each piece of payload was. */
  readonly pieceLengths: number[] = [];
  /** Asked after each event; its answer is the sink's. */
  onEvent: (event: FrameEvent) => ProtocolErrorCode | undefined = () => undefined;
  /** The last event is a piece of payload. */
  #payloadLast = false;

  /** Is written down as three events, so that cuts leave no trace. */
  onDataFrame(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined {
    this.wholeFrames++;
    return this.onDataHeader(opcode, fin, rsv1, end - start) ??
      (start < end ? this.onPayload(bytes, start, end) : undefined) ??
      this.onDataEnd(fin);
  }

  onDataHeader(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    length: number,
  ): ProtocolErrorCode | undefined {
    this.events.push(`data ${opcode}${fin ? " fin" : ""}${rsv1 ? " rsv1" : ""} ${length}`);
    return this.onEvent("data");
  }

  onPayload(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    this.pieceLengths.push(end - start);
    const piece = hex(bytes.subarray(start, end));
    if (this.#payloadLast) this.events[this.events.length - 1] += piece;
    else this.events.push(`payload ${piece}`);
    this.#payloadLast = true;
    return this.onEvent("payload");
  }

  onDataEnd(fin: boolean): ProtocolErrorCode | undefined {
    this.#payloadLast = false;
    this.events.push(fin ? "end fin" : "end");
    return this.onEvent("end");
  }

  onControl(
    opcode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined {
    this.#payloadLast = false;
    this.events.push(`control ${opcode} ${hex(bytes.subarray(start, end))}`);
    return this.onEvent("control");
  }

  onFailure(code: ProtocolErrorCode): void {
    this.events.push(`failure ${code}`);
    this.onEvent("failure");
  }
}
