/**
 * What a peer can do wrong on an open connection: one row a fault, with the close
 * code that answers it and the section that it breaks.
 *
 * @module
 */

/** One fault: the close code that answers it, where the rule stands, and a sentence for people. */
interface Fault {
  readonly closeCode: number;
  readonly section: string;
  readonly message: string;
}

/** The stable code of a {@linkcode ProtocolError}. */
export type ProtocolErrorCode =
  | "ERR_MASK_MISSING"
  | "ERR_MASK_UNEXPECTED"
  | "ERR_RESERVED_BITS"
  | "ERR_RESERVED_OPCODE"
  | "ERR_LENGTH_NOT_MINIMAL"
  | "ERR_LENGTH_TOP_BIT"
  | "ERR_CONTROL_FRAGMENTED"
  | "ERR_CONTROL_TOO_LONG"
  | "ERR_CONTINUATION_UNEXPECTED"
  | "ERR_CONTINUATION_EXPECTED"
  | "ERR_CLOSE_PAYLOAD"
  | "ERR_CLOSE_CODE"
  | "ERR_UTF8"
  | "ERR_DEFLATE_DATA"
  | "ERR_FRAME_TOO_LARGE"
  | "ERR_MESSAGE_TOO_LARGE"
  | "ERR_TOO_MANY_FRAGMENTS";

const FAULTS: Readonly<Record<ProtocolErrorCode, Fault>> = {
  ERR_MASK_MISSING: {
    closeCode: 1002,
    section: "RFC 6455 §5.1",
    message: "a frame from a client must be masked",
  },
  ERR_MASK_UNEXPECTED: {
    closeCode: 1002,
    section: "RFC 6455 §5.1",
    message: "a frame from a server must not be masked",
  },
  ERR_RESERVED_BITS: {
    closeCode: 1002,
    section: "RFC 6455 §5.2",
    message: "a reserved bit is set that no negotiated extension defines",
  },
  ERR_RESERVED_OPCODE: {
    closeCode: 1002,
    section: "RFC 6455 §5.2",
    message: "the opcode is reserved",
  },
  ERR_LENGTH_NOT_MINIMAL: {
    closeCode: 1002,
    section: "RFC 6455 §5.2",
    message: "the payload length must be written in its shortest form",
  },
  ERR_LENGTH_TOP_BIT: {
    closeCode: 1002,
    section: "RFC 6455 §5.2",
    message: "the most significant bit of a 64-bit payload length must be 0",
  },
  ERR_CONTROL_FRAGMENTED: {
    closeCode: 1002,
    section: "RFC 6455 §5.5",
    message: "a control frame must not be fragmented",
  },
  ERR_CONTROL_TOO_LONG: {
    closeCode: 1002,
    section: "RFC 6455 §5.5",
    message: "a control frame carries at most 125 bytes",
  },
  ERR_CONTINUATION_UNEXPECTED: {
    closeCode: 1002,
    section: "RFC 6455 §5.4",
    message: "a continuation frame came with no message to continue",
  },
  ERR_CONTINUATION_EXPECTED: {
    closeCode: 1002,
    section: "RFC 6455 §5.4",
    message: "a new message began before the last fragment of the one before",
  },
  ERR_CLOSE_PAYLOAD: {
    closeCode: 1002,
    section: "RFC 6455 §5.5.1",
    message: "a close frame carries no body, or a code of two bytes and a reason",
  },
  ERR_CLOSE_CODE: {
    closeCode: 1002,
    section: "RFC 6455 §7.4",
    message: "the close code must not be sent in a frame",
  },
  ERR_UTF8: {
    closeCode: 1007,
    section: "RFC 6455 §8.1",
    message: "text and close reasons must be valid UTF-8",
  },
  ERR_DEFLATE_DATA: {
    closeCode: 1007,
    section: "RFC 7692 §7.2.2",
    message: "compressed data must be whole, valid, and within the agreed window",
  },
  ERR_FRAME_TOO_LARGE: {
    closeCode: 1009,
    section: "RFC 6455 §10.4",
    message: "the frame is longer than maxFrameBytes",
  },
  ERR_MESSAGE_TOO_LARGE: {
    closeCode: 1009,
    section: "RFC 6455 §10.4",
    message: "the message is longer than maxMessageBytes",
  },
  ERR_TOO_MANY_FRAGMENTS: {
    closeCode: 1008,
    section: "RFC 6455 §10.4",
    message: "the message has more fragments than maxFragments",
  },
};

/**
 * The peer broke the protocol or a limit. It is never thrown at the application: it
 * arrives as the `error` of the close event, and the peer is sent `closeCode`.
 */
export class ProtocolError extends Error {
  /** `"ProtocolError"`. */
  override readonly name = "ProtocolError";
  /** Which rule was broken; stable across releases. */
  readonly code: ProtocolErrorCode;
  /** The close code that the peer was sent: 1002, 1007, 1008 or 1009 (RFC 6455 §7.4.1). */
  readonly closeCode: number;
  /** Where the rule stands, for example `"RFC 6455 §5.1"`. */
  readonly section: string;

  /** Takes the fault's code; what else there is to say follows from it. */
  constructor(code: ProtocolErrorCode) {
    const fault = FAULTS[code];
    super(`${fault.message} (${fault.section})`);
    this.code = code;
    this.closeCode = fault.closeCode;
    this.section = fault.section;
  }
}
