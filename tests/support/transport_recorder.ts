/**
 * A codec transport over a pipe, with a receiver that notes all it is told.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type ConnectionOptions, resolveOptions } from "../../lib/connection/options.ts";
import type { CloseEvent, TransportReceiver } from "../../lib/connection/transport.ts";
import { CodecTransport } from "../../lib/engine/codec/transport.ts";
import type { Role } from "../../lib/protocol/frame_parser.ts";
import type { MessageCompression } from "../../lib/protocol/permessage_deflate/codec.ts";
import { OP, RawEnd, settle } from "./connection_pair.ts";
import { PipeEnd } from "./pipe.ts";
import { closePayload } from "./raw_frame.ts";

/** Notes all that a transport tells, one line each, and does what a test wishes. */
export class TransportRecorder implements TransportReceiver {
  /** What was told. */
  readonly log: string[] = [];
  /** The close events. */
  readonly closes: CloseEvent[] = [];
  /** Take messages piece by piece. */
  piecewise = false;
  /** Called with each line after it was noted. */
  onLine: ((line: string) => void) | undefined;

  /** Takes the lines that were noted. */
  taken(): string[] {
    return this.log.splice(0);
  }

  /** Takes the lines that tell of what was received, not those of the traffic. */
  events(): string[] {
    return this.taken().filter((line) => !/^(received|sending|sent)/.test(line));
  }

  onMessage(data: string | Uint8Array): void {
    this.#note(typeof data === "string" ? `text ${data}` : `binary ${data.toHex()}`);
  }

  onMessageStart(type: string): boolean {
    if (this.piecewise) this.#note(`start ${type}`);
    return this.piecewise;
  }

  onMessagePiece(piece: Uint8Array): void {
    this.#note(`piece ${piece.toHex()}`);
  }

  onMessageEnd(): void {
    this.#note("end");
  }

  onPing(payload: Uint8Array): void {
    this.#note(`ping ${payload.toHex()}`);
  }

  onPong(payload: Uint8Array): void {
    this.#note(`pong ${payload.toHex()}`);
  }

  onReceived(midMessage: boolean, data: boolean): void {
    this.#note(`received${midMessage ? " midMessage" : ""}${data ? " data" : ""}`);
  }

  onSending(): void {
    this.#note("sending");
  }

  onSent(pending: boolean): void {
    this.#note(`sent${pending ? " pending" : ""}`);
  }

  onClosing(): void {
    this.#note("closing");
  }

  onClosed(event: CloseEvent): void {
    this.closes.push(event);
    this.#note(`closed ${event.code} ${event.wasClean ? "clean" : "unclean"}`);
  }

  #note(line: string): void {
    assert(this.closes.length === 0 || line.startsWith("closed"), `${line} came after closed`);
    this.log.push(line);
    this.onLine?.(line);
  }
}

/** A transport under test. */
export interface TestedTransport {
  /** The transport's end of the pipe. */
  link: PipeEnd;
  /** The transport. */
  transport: CodecTransport;
  /** Who hears of what comes. */
  recorder: TransportRecorder;
  /** The peer. */
  peer: RawEnd;
}

/** How a transport under test is set up. */
export interface TestedTransportOptions extends ConnectionOptions {
  /** Its role. @default {"server"} */
  role?: Role;
  /** What was read before. */
  first?: Uint8Array;
  /** The extension permessage-deflate, as if it was agreed on. @default {undefined} */
  agreed?: MessageCompression;
  /** Writes that leave at once, in place of being borrowed. */
  atOnce?: boolean;
}

/** Starts a transport on a pipe. */
export async function openTransport(given: TestedTransportOptions = {}): Promise<TestedTransport> {
  const { role = "server", first, atOnce = false, agreed, ...rest } = given;
  const link = new PipeEnd();
  if (atOnce) link.output.takesAtOnce = Infinity;
  const options = resolveOptions(rest);
  const transport = new CodecTransport(link, {
    role,
    options,
    compression: agreed,
    ...(first === undefined ? {} : { first }),
  });
  const recorder = new TransportRecorder();
  const peer = new RawEnd(link.other, role === "server" ? "client" : "server");
  transport.start(recorder);
  assertEquals(recorder.log, [], "nothing is told from within start");
  await settle();
  return { link, transport, recorder, peer };
}

/** Counts the writes of a link. */
export function countWrites(link: PipeEnd): { sizes: number[] } {
  const counted = { sizes: [] as number[] };
  const write = link.write.bind(link);
  link.write = (bytes) => {
    counted.sizes.push(bytes.length);
    return write(bytes);
  };
  return counted;
}

/** A code point of four bytes, cut over four frames, with pings and an empty frame between. */
export function mixedTraffic(peer: RawEnd): Uint8Array {
  const [a, b, c, d] = [...new TextEncoder().encode("😀")].map((byte) => new Uint8Array([byte]));
  const frames = [
    { opcode: OP.TEXT, payload: "hello" },
    { opcode: OP.TEXT, fin: false, payload: a! },
    { opcode: OP.PING, payload: "one" },
    { opcode: OP.CONT, fin: false, payload: b! },
    { opcode: OP.CONT, fin: false },
    { opcode: OP.PONG },
    { opcode: OP.CONT, fin: false, payload: c! },
    { opcode: OP.PING, payload: "x".repeat(125) },
    { opcode: OP.CONT, payload: d! },
    { opcode: OP.BINARY, payload: new Uint8Array(126).fill(0xab) },
    { opcode: OP.BINARY },
    { opcode: OP.CLOSE, payload: closePayload(4000, "done") },
  ].map((fields) => peer.frame(fields));
  return new Uint8Array(frames.flatMap((frame) => [...frame]));
}
