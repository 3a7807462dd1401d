/**
 * How a connection ends (RFC 6455 §7), and whose doing that was. What it tells has the meanings of
 * Autobahn|Testsuite, for verdicts rest on them: a fault of the testee does not end TCP, but is
 * answered with a close frame, and the closing handshake goes on.
 *
 * @module
 */
import type { PeerState } from "../model/case.ts";
import { EMPTY, joinBytes } from "../wire/bytes.ts";
import { isText } from "../wire/utf8.ts";
import type { TimerSource } from "./timers.ts";

/** How long the testee may take, in milliseconds. */
export const CLOSING_LIMITS = {
  /** To answer a close frame. */
  closeHandshake: 1000,
  /** As a server, to end TCP once it answered a close frame. */
  serverDrop: 1000,
  /** As a server, to end TCP once its own close frame was answered. */
  serverDropAfterReply: 5000,
} as const;

/** Close codes below 3000 that may be sent (RFC 6455 §7.4.1). */
const DEFINED_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
const MAX_REASON_BYTES = 123;
const decoder = new TextDecoder();

/** What the state machine has done for it. */
export interface ClosingHost {
  /** Sends a close frame with this body. */
  sendCloseFrame(body: Uint8Array): void;
  /** Ends TCP: after all that waits to be written, or at once. */
  dropStream(how: "flushed" | "at once" | "reset"): void;
}

/** A close code as it is on the wire. */
export function closeBody(code?: number, reason: Uint8Array = EMPTY): Uint8Array {
  if (code === undefined) return reason;
  return joinBytes([Uint8Array.of(code >> 8 & 0xff, code & 0xff), reason]);
}

/** Whether a close frame may carry the code (RFC 6455 §7.4). */
export function isCloseCode(code: number): boolean {
  return DEFINED_CODES.includes(code) || code >= 3000 && code <= 4999;
}

/** The closing of one open connection. */
export class Closing {
  readonly #host: ClosingHost;
  readonly #isServer: boolean;
  readonly #timers: TimerSource;
  #state: PeerState = "open";
  #cancelHandshakeTimer: (() => void) | undefined;

  /** The suite sent the first close frame, also where it did so for a fault. */
  closedByMe = false;
  /** The suite saw a fault, or gave up. */
  failedByMe = false;
  /** The suite ended TCP. */
  droppedByMe = false;
  /** Both close frames passed; and the server, where that is the testee, ended TCP in time. */
  wasClean = false;
  wasNotCleanReason: string | null = null;
  wasServerConnectionDropTimeout = false;
  wasCloseHandshakeTimeout = false;
  localCloseCode: number | null = null;
  localCloseReason: Uint8Array | null = null;
  remoteCloseCode: number | null = null;
  remoteCloseReason: string | null = null;

  /** Begins with an open connection. `isServer` is about the suite's part. */
  constructor(host: ClosingHost, { isServer, timers }: { isServer: boolean; timers: TimerSource }) {
    this.#host = host;
    this.#isServer = isServer;
    this.#timers = timers;
  }

  /** Where the connection stands. */
  get state(): PeerState {
    return this.#state;
  }

  /** Sends a close frame, if none was sent, and waits for the answer. */
  sendClose(code?: number, reason?: Uint8Array): void {
    this.#sendClose({ code, reason, reply: false });
  }

  /**
   * Fails the connection (RFC 6455 §7.1.7): closes it with `code`, or drops TCP where that was
   * done before.
   */
  fail(code: number, words: string): void {
    if (this.#state === "closed") return;
    this.failedByMe = true;
    if (this.#state === "closing") return this.drop("flushed");
    const reason = new TextEncoder().encode(words).subarray(0, MAX_REASON_BYTES);
    this.#sendClose({ code, reason, reply: false });
  }

  /** A close frame came, with this body (RFC 6455 §5.5.1). */
  receiveClose(body: Uint8Array): void {
    const code = body.length >= 2 ? body[0]! << 8 | body[1]! : null;
    this.remoteCloseCode = code;
    if (code !== null && !isCloseCode(code)) this.fail(1002, `invalid close code ${code}`);
    if (body.length > 2) {
      const reason = body.subarray(2);
      if (!isText(reason)) this.fail(1007, "the close reason is not UTF-8");
      this.remoteCloseReason = decoder.decode(reason);
    }
    if (this.#state === "closing") this.#receiveReply();
    else if (this.#state === "open") this.#reply();
    // A fault in the frame has made an end of it.
    else this.wasClean = false;
  }

  /** Ends TCP. */
  drop(how: "flushed" | "at once" | "reset"): void {
    if (this.#state === "closed") return;
    this.droppedByMe = true;
    this.#state = "closed";
    this.#host.dropStream(how);
  }

  /** TCP is gone. */
  lost(failure: string | undefined): void {
    this.#state = "closed";
    if (this.wasClean || this.droppedByMe) return;
    this.wasNotCleanReason ??= failure === undefined
      ? "the testee ended TCP without a closing handshake"
      : `the connection broke: ${failure}`;
  }

  #sendClose({ code, reason, reply }: {
    code?: number | undefined;
    reason?: Uint8Array | undefined;
    reply: boolean;
  }): void {
    if (this.#state !== "open") return;
    this.#host.sendCloseFrame(closeBody(code, reason));
    this.#state = "closing";
    this.closedByMe = !reply;
    this.localCloseCode = code ?? null;
    this.localCloseReason = reason ?? null;
    if (reply) return;
    this.#cancelHandshakeTimer = this.#timers.after(CLOSING_LIMITS.closeHandshake, () => {
      this.#giveUp("the testee did not answer the close frame in time");
      this.wasCloseHandshakeTimeout = true;
    });
  }

  /** The answer to our close frame came. */
  #receiveReply(): void {
    this.#cancelHandshakeTimer?.();
    this.wasClean = true;
    if (this.#isServer) return this.drop("flushed");
    this.#timers.after(CLOSING_LIMITS.serverDrop, () => {
      this.#giveUp("the server did not end TCP in time");
      this.wasServerConnectionDropTimeout = true;
    });
  }

  /** The testee began to close. */
  #reply(): void {
    this.wasClean = true;
    this.#sendClose({ code: 1000, reply: true });
    if (this.#isServer) return this.drop("flushed");
    this.#timers.after(CLOSING_LIMITS.serverDropAfterReply, () => {
      this.wasServerConnectionDropTimeout = true;
      this.drop("at once");
    });
  }

  #giveUp(reason: string): void {
    this.wasClean = false;
    this.wasNotCleanReason = reason;
    this.drop("at once");
  }
}
