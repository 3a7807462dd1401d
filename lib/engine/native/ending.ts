/**
 * How a connection of the native engine ended. The runtime says it by the text of an error
 * event and a close event with codes of its own; here both become what every engine says.
 *
 * @module
 */
import { ConnectionError } from "../../connection/errors.ts";
import type { CloseEvent } from "../../connection/transport.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { ProtocolError, type ProtocolErrorCode } from "../../protocol/errors.ts";

/** What the runtime says at the end of a connection. */
export interface RuntimeEnding {
  /** The code of its close event: 0 where the connection was dropped. */
  readonly code: number;
  /** The reason of its close event. */
  readonly reason: string;
  /** Whether its close event says that all was in order. */
  readonly wasClean: boolean;
  /** The text of its error event; `undefined` when there was none. */
  readonly message: string | undefined;
}

/**
 * The rules that the runtime enforces, by the text of its error event. It drops the
 * connection without the close frame that RFC 6455 §7.1.7 asks for, but for a wrong close
 * code, which it answers with 1002.
 */
const FAULTS: ReadonlyMap<string, ProtocolErrorCode> = new Map([
  ["Reserved bits are not zero", "ERR_RESERVED_BITS"],
  ["Invalid value", "ERR_RESERVED_OPCODE"],
  ["Control frame must not be fragmented", "ERR_CONTROL_FRAGMENTED"],
  ["Ping frame too large", "ERR_CONTROL_TOO_LONG"],
  ["Invalid continuation frame", "ERR_CONTINUATION_UNEXPECTED"],
  ["Invalid fragment", "ERR_CONTINUATION_EXPECTED"],
  ["Invalid UTF-8", "ERR_UTF8"],
  ["Invalid close frame", "ERR_CLOSE_PAYLOAD"],
  ["Invalid close code", "ERR_CLOSE_CODE"],
  ["Frame too large", "ERR_FRAME_TOO_LARGE"],
]);

/** The error event at the end of `idleTimeout`. */
const NO_PONG = "No response from ping frame.";
/** The error event when the stream ends without a close frame. */
const END_OF_STREAM = "Unexpected EOF";

/**
 * The close event for what the runtime said.
 *
 * A connection that the runtime dropped has the code 1006: no close frame went or came. An
 * ending that the runtime calls clean is taken as such, though after a close of our own it
 * calls the end of the stream without the peer's close frame a clean 1005 as well.
 */
export function closeEventOf(ending: RuntimeEnding): CloseEvent {
  const { code, reason, wasClean, message } = ending;
  if (wasClean) return { code, reason, wasClean };
  const error = errorOf(message);
  const answered = error instanceof ProtocolError && error.code === "ERR_CLOSE_CODE";
  return {
    code: answered ? CloseCode.PROTOCOL_ERROR : CloseCode.ABNORMAL,
    reason: "",
    wasClean: false,
    error,
  };
}

function errorOf(message: string | undefined): ProtocolError | ConnectionError {
  if (message === undefined) return new ConnectionError("ERR_STREAM_FAILED");
  if (message === END_OF_STREAM) return new ConnectionError("ERR_STREAM_ENDED");
  if (message === NO_PONG) return new ConnectionError("ERR_HEARTBEAT_TIMEOUT");
  const fault = FAULTS.get(message);
  return fault === undefined
    ? new ConnectionError("ERR_STREAM_FAILED", { detail: message })
    : new ProtocolError(fault);
}
