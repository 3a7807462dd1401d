/**
 * What can be wrong with the parameters of permessage-deflate: one row a fault, with the
 * section that it breaks. In an offer a fault declines the offer; in a response it fails
 * the connection (RFC 7692 §7).
 *
 * @module
 */

/** The stable code of a {@linkcode DeflateFailure}. */
export type DeflateFailureCode =
  | "ERR_DEFLATE_PARAMETER"
  | "ERR_DEFLATE_DUPLICATE"
  | "ERR_DEFLATE_VALUE"
  | "ERR_DEFLATE_NOT_OFFERED"
  | "ERR_DEFLATE_SERVER_TAKEOVER"
  | "ERR_DEFLATE_SERVER_WINDOW"
  | "ERR_DEFLATE_CLIENT_WINDOW";

/** Why parameters are not accepted. */
export interface DeflateFailure {
  /** Tells it from what is well. */
  readonly kind: "failure";
  /** Which rule was broken; stable across releases. */
  readonly code: DeflateFailureCode;
  /** What would have been right and what came instead. */
  readonly message: string;
}

/** One fault: where the rule stands, and a sentence for people. */
interface Fault {
  readonly section: string;
  readonly message: string;
}

const FAULTS: Readonly<Record<DeflateFailureCode, Fault>> = {
  ERR_DEFLATE_PARAMETER: {
    section: "RFC 7692 §7",
    message: "permessage-deflate must have no parameters but the four that it defines",
  },
  ERR_DEFLATE_DUPLICATE: {
    section: "RFC 7692 §7",
    message: "permessage-deflate must have each parameter once",
  },
  ERR_DEFLATE_VALUE: {
    section: "RFC 7692 §7.1",
    message: "a no_context_takeover must have no value, and a max_window_bits a number from 8 to " +
      "15 without leading zeros",
  },
  ERR_DEFLATE_NOT_OFFERED: {
    section: "RFC 7692 §5",
    message: "the server must accept permessage-deflate only where it was offered",
  },
  ERR_DEFLATE_SERVER_TAKEOVER: {
    section: "RFC 7692 §7.1.1.1",
    message: "the server must answer server_no_context_takeover, which it was asked for",
  },
  ERR_DEFLATE_SERVER_WINDOW: {
    section: "RFC 7692 §7.1.2.1",
    message: "the server must answer server_max_window_bits, and no more than it was asked for",
  },
  ERR_DEFLATE_CLIENT_WINDOW: {
    section: "RFC 7692 §7.1.2.2",
    message: "the server must answer client_max_window_bits only where it was offered, and no " +
      "more than that",
  },
};

/** How much of a text from the peer a message quotes. */
const MAX_QUOTED = 100;

/** The failure that goes with a fault; `got` is what came instead, `undefined` for nothing. */
export function deflateFailure(code: DeflateFailureCode, got: string | undefined): DeflateFailure {
  const { section, message } = FAULTS[code];
  return { kind: "failure", code, message: `${message}, got ${quote(got)} (${section})` };
}

/** `text` cut, and safe to print on a terminal. */
function quote(text: string | undefined): string {
  if (text === undefined) return "none";
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
  return JSON.stringify(cut.replace(/[^\x20-\x7e]/g, "?"));
}
