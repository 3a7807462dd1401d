/**
 * The suite's end of one open WebSocket, as a client or as a server.
 *
 * @module
 */
import type {
  CaseEvent,
  CasePeer,
  DeflateAgreement,
  FrameSpec,
  PeerState,
  ReceivedMessage,
  Role,
} from "../model/case.ts";
import type { TrafficStats } from "../model/result.ts";
import { EMPTY } from "../wire/bytes.ts";
import { MessageDeflater } from "../wire/deflate.ts";
import { encodeFragments, encodeFrame, OPCODE } from "../wire/frame.ts";
import { randomMask } from "../wire/mask.ts";
import type { ByteStream } from "../wire/stream.ts";
import type { WireLog } from "../wire/wire_log.ts";
import { Closing } from "./closing.ts";
import { Incoming } from "./incoming.ts";
import { Outbox } from "./outbox.ts";
import { Timers } from "./timers.ts";
import { TrafficCounter, trafficStats } from "./traffic.ts";
import { Queue, Waits } from "./waits.ts";

/** How long what waits may take to leave before TCP is ended all the same, in milliseconds. */
const FLUSH_LIMIT = 1000;
const RSV1 = 4;

/** What there is to know of a connection when it opens. */
export interface PeerOptions {
  /** Whether the suite is the server. */
  readonly isServer: boolean;
  readonly log: WireLog;
  /** @default undefined: no compression */
  readonly deflate?: DeflateAgreement | undefined;
  /** Octets that the opening handshake took. @default none */
  readonly preopen?: { readonly outgoing: number; readonly incoming: number };
  /** Whether messages stand among what was received. @default {true} */
  readonly keepsMessages?: boolean;
  /** Called when something was received. @default nothing is called */
  readonly onReceived?: () => void;
}

/** One open WebSocket. */
export class Peer implements CasePeer {
  /** How the connection ends, and what is to be told of that. */
  readonly closing: Closing;
  /** Resolves when TCP is gone. */
  readonly ended: Promise<void>;
  readonly deflate: DeflateAgreement | undefined;
  readonly testee: Role;

  readonly #stream: ByteStream;
  readonly #log: WireLog;
  readonly #isServer: boolean;
  readonly #keepsMessages: boolean;
  readonly #onReceived: (() => void) | undefined;
  readonly #deflater: MessageDeflater | undefined;
  readonly #incoming: Incoming;
  readonly #outbox: Outbox;
  readonly #received: CaseEvent[] = [];
  readonly #messages = new Queue<ReceivedMessage>();
  readonly #timers = new Timers();
  readonly #waits = new Waits();
  readonly #sent = new TrafficCounter();
  readonly #came = new TrafficCounter();
  #resolveEnded: () => void = () => {};
  #lost = false;

  /** Takes a stream whose opening handshake is complete; {@linkcode Peer.start} comes next. */
  constructor(stream: ByteStream, options: PeerOptions) {
    const { isServer, log, deflate, preopen, keepsMessages = true, onReceived } = options;
    this.#stream = stream;
    this.#log = log;
    this.#isServer = isServer;
    this.testee = isServer ? "client" : "server";
    this.#keepsMessages = keepsMessages;
    this.#onReceived = onReceived;
    this.#sent.preopen = preopen?.outgoing ?? 0;
    this.#came.preopen = preopen?.incoming ?? 0;
    this.deflate = deflate;
    this.#deflater = deflate && new MessageDeflater(deflate.outgoing);
    this.#outbox = new Outbox(stream, log);
    this.ended = new Promise((resolve) => this.#resolveEnded = resolve);
    this.closing = new Closing({
      sendCloseFrame: (body) => this.send({ opcode: OPCODE.close, payload: body }),
      dropStream: (how) => void this.#dropStream(how),
    }, { isServer, timers: this.#timers });
    this.#incoming = new Incoming({
      message: (payload, binary) => this.#message(payload, binary),
      ping: (payload) => this.#answerPing(payload),
      pong: (payload) => this.#note({ type: "pong", payload }),
      close: (body) => this.closing.receiveClose(body),
      fault: (code, words) => this.#fail(code, words),
    }, { isServer, deflate, log, traffic: this.#came });
  }

  get state(): PeerState {
    return this.closing.state;
  }

  get received(): readonly CaseEvent[] {
    return this.#received;
  }

  get sentFrames(): Readonly<Record<number, number>> {
    return this.#log.sentFrames;
  }

  /** What passed so far. */
  get traffic(): TrafficStats {
    return trafficStats({ outgoing: this.#sent, incoming: this.#came });
  }

  /** Begins to read; `rest` came with the opening handshake, and is in the log. */
  start(rest: Uint8Array): void {
    this.#read(rest);
    this.#stream.attach({
      data: (bytes) => {
        this.#log.octetsReceived(bytes);
        this.#read(bytes);
      },
      end: (failure) => {
        this.#end(failure);
        this.#stream.drop("fin");
      },
    });
  }

  send(frame: FrameSpec): void {
    const { opcode, payload = EMPTY, fin = true, rsv = 0, chopBytes } = frame;
    const mask = frame.mask ?? (this.#isServer ? false : randomMask());
    if (opcode <= OPCODE.binary) this.#sent.frames++;
    const logged = { opcode, payload, fin, rsv, mask: mask || undefined, chopBytes };
    this.#log.frameSent(logged);
    this.#push(encodeFrame({ ...frame, mask }, { masked: !this.#isServer }), chopBytes);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#push(bytes);
  }

  sendMessage(
    message: Uint8Array,
    { binary, fragmentBytes = Infinity }: { binary: boolean; fragmentBytes?: number },
  ): void {
    if (this.state !== "open") return;
    if (!(fragmentBytes >= 1)) {
      throw new RangeError(`fragmentBytes must be 1 or more; got ${fragmentBytes}`);
    }
    const payload = this.#deflater ? this.#deflater.compress(message) : message;
    const rsv = this.#deflater ? RSV1 : 0;
    const opcode = binary ? OPCODE.binary : OPCODE.text;
    this.#sent.messages++;
    this.#sent.application += message.length;
    this.#sent.webSocket += payload.length;
    if (payload.length <= fragmentBytes) return this.send({ opcode, payload, rsv });
    if (!this.#log.on) return this.#sendFragments(payload, { opcode, rsv, fragmentBytes });
    // One more than needed where the last is full: see encodeFragments.
    for (let at = 0; at <= payload.length; at += fragmentBytes) {
      const fin = at + fragmentBytes > payload.length;
      const piece = payload.subarray(at, at + fragmentBytes);
      if (at === 0) this.send({ opcode, payload: piece, rsv, fin });
      else this.send({ opcode: OPCODE.continuation, payload: piece, fin });
    }
  }

  sendClose(code?: number, reason?: Uint8Array): void {
    this.closing.sendClose(code, reason);
  }

  closeAfter(milliseconds: number): void {
    this.#log.add(["TI", milliseconds / 1000]);
    this.#timers.after(milliseconds, () => {
      if (this.state === "closed") return;
      this.#log.add(["TIE"]);
      this.closing.sendClose();
    });
  }

  killAfter(milliseconds: number): void {
    this.#log.add(["KL", milliseconds / 1000]);
    this.#timers.after(milliseconds, () => {
      if (this.state === "closed") return;
      this.#log.add(["KLE"]);
      this.#fail(1001, "Going Away");
    });
  }

  async wait(milliseconds: number, label: string): Promise<boolean> {
    this.#log.add(["CT", milliseconds / 1000, label || null]);
    await this.#waits.for(milliseconds);
    if (this.state !== "closed") this.#log.add(["CTE", label || null]);
    return this.state === "open";
  }

  note(event: CaseEvent): void {
    this.#received.push(event);
  }

  nextMessage(): Promise<ReceivedMessage | undefined> {
    return this.#messages.next();
  }

  logWire(on: boolean): void {
    this.#log.setOn(on);
  }

  pauseReading(paused: boolean): void {
    this.#stream.pause(paused);
  }

  drop(how: "fin" | "reset"): void {
    this.closing.drop(how === "reset" ? "reset" : "flushed");
  }

  #read(bytes: Uint8Array): void {
    if (this.state === "closed") return;
    if (this.state === "open") this.#came.wire += bytes.length;
    this.#incoming.push(bytes);
  }

  #push(bytes: Uint8Array, chopBytes?: number): void {
    if (this.state === "open") this.#sent.wire += bytes.length;
    this.#outbox.push(bytes, chopBytes === undefined ? {} : { chopBytes });
  }

  /** Sends a message in frames that the log need not show one by one. */
  #sendFragments(
    payload: Uint8Array,
    options: { opcode: number; rsv: number; fragmentBytes: number },
  ): void {
    const { bytes, frameLengths } = encodeFragments(payload, {
      ...options,
      masked: !this.#isServer,
    });
    this.#log.fragmentsSent({ opcode: options.opcode, lengths: frameLengths });
    this.#sent.frames += frameLengths.length;
    this.#sent.wire += bytes.length;
    this.#outbox.push(bytes, { logged: true });
  }

  #message(payload: Uint8Array, binary: boolean): void {
    this.#messages.push({ payload, binary });
    if (this.#keepsMessages) this.#note({ type: "message", payload, binary });
  }

  #note(event: CaseEvent): void {
    this.#received.push(event);
    this.#onReceived?.();
  }

  /** A testee may ping whenever it likes, so that its pings are no events of the case. */
  #answerPing(payload: Uint8Array): void {
    if (this.state === "open") this.send({ opcode: OPCODE.pong, payload });
  }

  #fail(code: number, words: string): void {
    this.#incoming.fail();
    this.closing.fail(code, words);
  }

  async #dropStream(how: "flushed" | "at once" | "reset"): Promise<void> {
    this.#incoming.stop();
    if (how === "flushed") {
      await Promise.race([this.#outbox.flushed(), this.#waits.for(FLUSH_LIMIT)]);
    }
    this.#outbox.discard();
    this.#stream.drop(how === "reset" ? "reset" : "fin");
    this.#end(undefined);
  }

  #end(failure: string | undefined): void {
    if (this.#lost) return;
    this.#lost = true;
    this.closing.lost(failure);
    this.#incoming.stop();
    this.#deflater?.close();
    this.#outbox.discard();
    this.#timers.end();
    this.#waits.end();
    this.#messages.end();
    this.#resolveEnded();
  }
}
