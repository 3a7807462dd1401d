/**
 * The result of one case on one agent: the JSON that Autobahn|Testsuite writes for it, key by key,
 * so that whatever reads its reports reads these.
 *
 * @module
 */
import type { Behavior } from "./behavior.ts";

/** An event in a report: payloads are text, or `0x…`, cut after 64 bytes. */
export type ReportedEvent =
  | ["message", string, boolean]
  | ["ping" | "pong" | "timeout", string];

/** A length, and the beginning of the bytes. */
export type ReportedBytes = [length: number, shown: string];

/**
 * One line of the wire log:
 *
 * - `TO`, `RO`: octets sent (and whether they were pushed out on their own) or received, in hex;
 * - `TF`: a frame sent: payload, opcode, FIN, RSV, masking key in hex or null, the length that the
 *   payload was repeated to or null, the bytes of a chop or null, pushed out on its own;
 * - `RF`: a frame received: payload, opcode, FIN, RSV, whether masked, masking key in hex or null;
 * - `CT`, `CTE`: a wait of so many seconds began, ended;
 * - `KL`, `KLE`: the testee will be given up in so many seconds, was given up;
 * - `TI`, `TIE`: a close frame will be sent in so many seconds, was sent;
 * - `WLM`: octets and frames are kept from here on, or no longer.
 */
export type WireLogLine =
  | ["TO", ReportedBytes, boolean]
  | ["RO", ReportedBytes]
  | [
    "TF",
    ReportedBytes,
    number,
    boolean,
    number,
    string | null,
    number | null,
    number | null,
    boolean,
  ]
  | ["RF", ReportedBytes, number, boolean, number, boolean, string | null]
  | ["CT", number, string | null]
  | ["CTE", string | null]
  | ["KL" | "TI", number]
  | ["KLE" | "TIE"]
  | ["WLM", boolean];

/** How often something was seen, by octets of a read or write, or by opcode. */
export type Counts = Record<string, number>;

/** Traffic of a case that compresses; octets, and ratios of octets. */
export interface TrafficStats {
  outgoingOctetsWireLevel: number;
  outgoingOctetsWebSocketLevel: number;
  outgoingOctetsAppLevel: number;
  outgoingCompressionRatio: number | null;
  outgoingWebSocketOverhead: number | null;
  outgoingWebSocketFrames: number;
  outgoingWebSocketMessages: number;
  preopenOutgoingOctetsWireLevel: number;
  incomingOctetsWireLevel: number;
  incomingOctetsWebSocketLevel: number;
  incomingOctetsAppLevel: number;
  incomingCompressionRatio: number | null;
  incomingWebSocketOverhead: number | null;
  incomingWebSocketFrames: number;
  incomingWebSocketMessages: number;
  preopenIncomingOctetsWireLevel: number;
}

/** The result of one case on one agent. */
export interface CaseResult {
  /** The name of the testee. */
  agent: string;
  /** The position among the cases that were selected, from 1. */
  case: number;
  /** The number of the case, for example `"5.6"`. */
  id: string;
  description: string;
  expectation: string;
  behavior: Behavior;
  behaviorClose: Behavior;
  /** A sentence for each of the two verdicts. */
  result: string;
  resultClose: string;
  expected: Partial<Record<Behavior, ReportedEvent[]>>;
  expectedClose:
    | { closedByMe: boolean; closeCode: number[]; requireClean: boolean }
    | Record<
      string,
      never
    >;
  received: ReportedEvent[];
  /** Whether the suite played the server. */
  isServer: boolean;
  closedByMe: boolean;
  failedByMe: boolean;
  droppedByMe: boolean;
  wasClean: boolean;
  wasNotCleanReason: string | null;
  wasServerConnectionDropTimeout: boolean;
  wasOpenHandshakeTimeout: boolean;
  wasCloseHandshakeTimeout: boolean;
  localCloseCode: number | null;
  localCloseReason: string | null;
  /** The code in the testee's close frame, a forbidden one as well; null without one. */
  remoteCloseCode: number | null;
  remoteCloseReason: string | null;
  /** Milliseconds from the open connection to its end. */
  duration: number;
  /** When it began, in ISO 8601. */
  started: string;
  httpRequest: string;
  httpResponse: string;
  reportTime: boolean;
  reportCompressionRatio: boolean;
  createStats: boolean;
  createWirelog: boolean;
  rxOctetStats: Counts;
  rxFrameStats: Counts;
  txOctetStats: Counts;
  txFrameStats: Counts;
  trafficStats: TrafficStats | null;
  wirelog: WireLogLine[];
  /** What Autobahn does not have: where the rule stands, how strict it is. */
  rule: string;
  level: "MUST" | "SHOULD";
}
