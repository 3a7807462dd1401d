/**
 * What a case is, in its three forms, and what it can do to the implementation it tests.
 *
 * An implementation that is tested is the _testee_. The suite plays the other part: a client to a
 * server, a server to a client. A case says what to do and what to expect; who connects, keeps the
 * log and judges is elsewhere.
 *
 * @module
 */
import type { Behavior } from "./behavior.ts";
import type { RawStage } from "./stage.ts";

/** The part that the testee plays. */
export type Role = "server" | "client";

/** What every form of a case has. */
export interface CaseBase {
  /** Its number, for example `"5.6"`: a section, often a group, and a position. */
  readonly id: string;
  /** What is done, in a sentence or two; plain text. */
  readonly description: string;
  /** What a good testee does; plain text. */
  readonly expectation: string;
  /** Where the rule stands, for example `"RFC 6455 §5.5.2"`. */
  readonly rule: string;
  /**
   * Which testees it is for.
   *
   * @default {["server", "client"]}
   */
  readonly testees?: readonly Role[];
  /**
   * How strict the rule is: where it is a SHOULD, a testee that does not follow it is NON-STRICT,
   * not FAILED.
   *
   * @default {"MUST"}
   */
  readonly level?: "MUST" | "SHOULD";
}

/** What is received, or passes, while a case runs. */
export type CaseEvent =
  | { readonly type: "message"; readonly payload: Uint8Array; readonly binary: boolean }
  | { readonly type: "ping"; readonly payload: Uint8Array }
  | { readonly type: "pong"; readonly payload: Uint8Array }
  /** A wait ended while the connection was open; `label` tells which. */
  | { readonly type: "timeout"; readonly label: string };

/** How the connection should end. */
export interface ExpectedClose {
  /** Whether the suite sends the first close frame. */
  readonly closedByMe: boolean;
  /**
   * Close codes that the testee may send; none at all is right as well. The first is what the
   * suite sends when it closes first.
   */
  readonly closeCodes: readonly number[];
  /** Whether the closing handshake must be completed (RFC 6455 §7.1.4). */
  readonly requireClean: boolean;
  /**
   * Whether a connection that the wrong side closed is a failure of the case, not only of the
   * closing: the testee did not notice what it should have refused.
   *
   * @default {false}
   */
  readonly wrongCloserFails?: boolean;
}

/** A frame to send. Nothing keeps it from breaking the rules. */
export interface FrameSpec {
  /** 0 to 15. */
  readonly opcode: number;
  /** @default empty */
  readonly payload?: Uint8Array;
  /** @default {true} */
  readonly fin?: boolean;
  /** The three reserved bits as a number, RSV1 being 4. @default {0} */
  readonly rsv?: number;
  /**
   * Four bytes of masking key, or `false` for none.
   *
   * @default a random key where the suite is the client, `false` where it is the server
   */
  readonly mask?: Uint8Array | false;
  /**
   * The form that the length is written in: 7, 16 or 64 bits.
   *
   * @default the shortest that holds it
   */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length that the header declares. @default that of `payload` */
  readonly declaredLength?: bigint;
  /**
   * Writes this many bytes at a time, each to the network on its own; `Infinity` sends the whole
   * frame so, apart from what goes before and after it.
   *
   * @default whenever it suits, together with other frames
   */
  readonly chopBytes?: number;
}

/** A message that arrived, inflated and checked. */
export interface ReceivedMessage {
  readonly payload: Uint8Array;
  readonly binary: boolean;
}

/** Where a connection stands. */
export type PeerState = "connecting" | "open" | "closing" | "closed";

/** The suite's end of one open WebSocket, as a case uses it. */
export interface CasePeer {
  /** The part that the testee plays. */
  readonly testee: Role;
  readonly state: PeerState;
  /**
   * What came so far, in order. Pings are answered, and are no events: a testee may ping whenever
   * it likes.
   */
  readonly received: readonly CaseEvent[];
  /** What permessage-deflate agreed on; `undefined` where it was not negotiated. */
  readonly deflate: DeflateAgreement | undefined;
  /** How many frames were sent, by opcode. */
  readonly sentFrames: Readonly<Record<number, number>>;
  /** Sends a frame. What was given before goes first. */
  send(frame: FrameSpec): void;
  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void;
  /**
   * Sends a message, compressed where that was agreed on, in fragments of at most `fragmentBytes`
   * (of what is on the wire). Where the last one is full an empty one follows, as of a sender that
   * does not know the end beforehand. Nothing happens once a close frame was sent.
   */
  sendMessage(payload: Uint8Array, options: {
    binary: boolean;
    /** @default one frame */
    fragmentBytes?: number;
  }): void;
  /**
   * Sends a close frame and waits for the answer from then on. The body is not checked. Nothing
   * happens once one was sent.
   */
  sendClose(code?: number, reason?: Uint8Array): void;
  /** The same, after `milliseconds`, unless the connection is closed by then. */
  closeAfter(milliseconds: number): void;
  /** Gives the testee up after `milliseconds`: closes with 1001, or drops TCP within a closing. */
  killAfter(milliseconds: number): void;
  /**
   * Waits.
   *
   * @param label Kept in the wire log.
   * @returns whether the connection is open still, in both directions.
   */
  wait(milliseconds: number, label: string): Promise<boolean>;
  /** Notes an event of the case's own among those received. */
  note(event: CaseEvent): void;
  /** The next message that was not yet taken; `undefined` once the connection has ended. */
  nextMessage(): Promise<ReceivedMessage | undefined>;
  /** Stops or resumes to keep bytes and frames in the wire log, for cases that move many. */
  logWire(on: boolean): void;
  /** Stops or resumes reading from the network. */
  pauseReading(paused: boolean): void;
  /** Ends TCP at once: with a FIN, or a reset. */
  drop(how: "fin" | "reset"): void;
}

/**
 * What is asked of the testee's compressor (RFC 7692 §7.1): as a client, the suite asks for it in
 * an offer (`server_no_context_takeover`, `server_max_window_bits`); as a server, in its response
 * (`client_…`). The other direction is left to the testee.
 */
export interface DeflateRequest {
  readonly noContextTakeover: boolean;
  /** 9 to 15, or 0 for nothing said. */
  readonly maxWindowBits: number;
}

/** What permessage-deflate agreed on, direction by direction. */
export interface DeflateAgreement {
  /** How the suite must compress. */
  readonly outgoing: { readonly noContextTakeover: boolean; readonly windowBits: number };
  /** How the testee compresses. */
  readonly incoming: { readonly noContextTakeover: boolean; readonly windowBits: number };
}

/**
 * A case that compares what is received with what is expected.
 *
 * Its behavior is the first name in `expected` whose events are exactly those received, else
 * FAILED. When the suite is to close, it does so as soon as everything expected has come.
 */
export interface ScriptedCase extends CaseBase {
  readonly form: "scripted";
  readonly expected: Readonly<Partial<Record<Behavior, readonly CaseEvent[]>>>;
  readonly expectedClose: ExpectedClose;
  /** Whether the script sends the close frame itself. @default {false} */
  readonly closesItself?: boolean;
  /** Whether a wrong close code is a failure of the case, not only of the closing. @default {false} */
  readonly wrongCodeFails?: boolean;
  /** Whether whatever happens is allowed. @default {false} */
  readonly informational?: boolean;
  /**
   * Compression to offer or accept, in order of preference. A testee that agrees to none of it is
   * UNIMPLEMENTED, and the case does not run.
   *
   * @default none
   */
  readonly deflate?: readonly DeflateRequest[];
  /** What the suite does once the connection is open. */
  readonly script: (peer: CasePeer) => void | Promise<void>;
  /**
   * A last look when the connection has ended: a sentence that says what is wrong, if anything;
   * then the case has failed.
   */
  readonly review?: (peer: CasePeer) => string | undefined;
}

/** What a measured case found. */
export interface Measurement {
  readonly behavior: Behavior;
  /** A sentence that says why. */
  readonly result: string;
}

/** A case that drives the testee and finds its behavior itself: limits, speed, compression. */
export interface MeasuredCase extends CaseBase {
  readonly form: "measured";
  readonly expectedClose: ExpectedClose;
  /**
   * Compression to offer or accept, in order of preference. A testee that agrees to none of it is
   * UNIMPLEMENTED, and the case does not run.
   *
   * @default none
   */
  readonly deflate?: readonly DeflateRequest[];
  /** Drives the testee, and closes. It ends when the connection does, at the latest. */
  readonly measure: (peer: CasePeer) => Promise<Measurement>;
}

/** What a raw case found; `behaviorClose` is about how the testee ended the connection. */
export interface RawVerdict extends Measurement {
  readonly behaviorClose: Behavior;
  readonly resultClose: string;
}

/** A case below WebSocket: opening handshakes, silence, half-open peers. */
export interface RawCase extends CaseBase {
  readonly form: "raw";
  readonly run: (stage: RawStage) => Promise<RawVerdict>;
}

/** A case, in any form. */
export type Case = ScriptedCase | MeasuredCase | RawCase;
