/**
 * What can be wrong with an opening handshake: one row a fault, with the HTTP status that
 * answers it and the section that it breaks.
 *
 * @module
 */

/** The stable code of a fault in any HTTP head. */
export type HeadFailureCode =
  | "ERR_HEAD_TOO_LARGE"
  | "ERR_LINE_TOO_LONG"
  | "ERR_TOO_MANY_FIELDS"
  | "ERR_URI_TOO_LONG"
  | "ERR_LINE_END"
  | "ERR_CONTROL_CHARACTER"
  | "ERR_REQUEST_LINE"
  | "ERR_STATUS_LINE"
  | "ERR_HTTP_VERSION"
  | "ERR_TARGET"
  | "ERR_FIELD_NAME"
  | "ERR_FIELD_FOLDED"
  | "ERR_HOST"
  | "ERR_CONTENT_LENGTH"
  | "ERR_TRANSFER_ENCODING";

/** The stable code of a fault in a request for a WebSocket, those of its head included. */
export type RefusalCode =
  | HeadFailureCode
  | "ERR_METHOD"
  | "ERR_HTTP_1_0"
  | "ERR_UPGRADE"
  | "ERR_CONNECTION"
  | "ERR_BODY"
  | "ERR_VERSION"
  | "ERR_KEY"
  | "ERR_SUBPROTOCOLS"
  | "ERR_EXTENSIONS";

/** The stable code of a fault in the response to a request for a WebSocket. */
export type HandshakeFailureCode =
  | "ERR_UNEXPECTED_STATUS"
  | "ERR_UNEXPECTED_VERSION"
  | "ERR_UNEXPECTED_UPGRADE"
  | "ERR_UNEXPECTED_CONNECTION"
  | "ERR_UNEXPECTED_ACCEPT"
  | "ERR_UNEXPECTED_SUBPROTOCOL"
  | "ERR_UNEXPECTED_EXTENSION"
  | "ERR_MALFORMED_EXTENSIONS";

/** One fault of a request: the status that answers it, where the rule stands, a sentence for people. */
interface RequestFault {
  readonly status: number;
  readonly section: string;
  readonly message: string;
}

/** One fault of a response. Nobody answers a response, so there is no status. */
interface ResponseFault {
  readonly section: string;
  readonly message: string;
}

const REQUEST_FAULTS: Readonly<Record<RefusalCode, RequestFault>> = {
  // Of any HTTP head, whatever it asks for.
  ERR_HEAD_TOO_LARGE: {
    status: 431,
    section: "RFC 6585 §5",
    message: "the head is longer than maxHeadBytes",
  },
  ERR_LINE_TOO_LONG: {
    status: 431,
    section: "RFC 6585 §5",
    message: "a line of the head is longer than maxLineBytes",
  },
  ERR_TOO_MANY_FIELDS: {
    status: 431,
    section: "RFC 6585 §5",
    message: "the head has more fields than maxFields",
  },
  ERR_URI_TOO_LONG: {
    status: 414,
    section: "RFC 9110 §15.5.15",
    message: "the request line is longer than maxLineBytes",
  },
  ERR_LINE_END: {
    status: 400,
    section: "RFC 9112 §2.2",
    message: "a line must end with CR LF, and neither may stand alone",
  },
  ERR_CONTROL_CHARACTER: {
    status: 400,
    section: "RFC 9110 §5.5",
    message: "a head must have no control character but the tab",
  },
  ERR_REQUEST_LINE: {
    status: 400,
    section: "RFC 9112 §3",
    message: "the request line must be a method, a target and a version, with one space between",
  },
  ERR_STATUS_LINE: {
    status: 400,
    section: "RFC 9112 §4",
    message: "the status line must be a version, a status of three digits and a reason",
  },
  ERR_HTTP_VERSION: {
    status: 505,
    section: "RFC 9110 §15.6.6",
    message: "the version must be HTTP/1.1 or HTTP/1.0",
  },
  ERR_TARGET: {
    status: 400,
    section: "RFC 9112 §3.2",
    message: "the target must be a path that begins with a slash, or an http or https URL",
  },
  ERR_FIELD_NAME: {
    status: 400,
    section: "RFC 9112 §5.1",
    message: "a field must begin with a name that is a token, and the colon must follow at once",
  },
  ERR_FIELD_FOLDED: {
    status: 400,
    section: "RFC 9112 §5.2",
    message: "a field must not begin with a space, nor go on in a second line",
  },
  ERR_HOST: {
    status: 400,
    section: "RFC 9112 §3.2",
    message: "there must be one Host field, with a host and perhaps a port",
  },
  ERR_CONTENT_LENGTH: {
    status: 400,
    section: "RFC 9112 §6.3",
    message: "Content-Length must be one decimal number, and not stand beside Transfer-Encoding",
  },
  ERR_TRANSFER_ENCODING: {
    status: 400,
    section: "RFC 9112 §6.1",
    message: "Transfer-Encoding must be chunked, and sent with HTTP/1.1",
  },
  // Of a request that asks for a WebSocket.
  ERR_METHOD: {
    status: 405,
    section: "RFC 6455 §4.2.1",
    message: "a WebSocket is asked for with GET",
  },
  ERR_HTTP_1_0: {
    status: 426,
    section: "RFC 6455 §4.2.1",
    message: "a WebSocket is asked for with HTTP/1.1",
  },
  ERR_UPGRADE: {
    status: 426,
    section: "RFC 6455 §4.2.1",
    message: "the Upgrade field must name websocket",
  },
  ERR_CONNECTION: {
    status: 400,
    section: "RFC 6455 §4.2.1",
    message: "the Connection field must name Upgrade",
  },
  ERR_BODY: {
    status: 400,
    section: "RFC 9110 §9.3.1",
    message: "a request for a WebSocket must have no body",
  },
  ERR_VERSION: {
    status: 426,
    section: "RFC 6455 §4.4",
    message: "there must be one Sec-WebSocket-Version field, and it must be 13",
  },
  ERR_KEY: {
    status: 400,
    section: "RFC 6455 §4.2.1",
    message: "there must be one Sec-WebSocket-Key field, with 16 bytes as 24 characters of base64",
  },
  ERR_SUBPROTOCOLS: {
    status: 400,
    section: "RFC 6455 §4.1",
    message: "Sec-WebSocket-Protocol must list different tokens, from 1 to 100 of them",
  },
  ERR_EXTENSIONS: {
    status: 400,
    section: "RFC 6455 §9.1",
    message: "Sec-WebSocket-Extensions must list extensions, each a token with its parameters",
  },
};

const RESPONSE_FAULTS: Readonly<Record<HandshakeFailureCode, ResponseFault>> = {
  ERR_UNEXPECTED_STATUS: {
    section: "RFC 6455 §4.1",
    message: "the server must answer with the status 101",
  },
  ERR_UNEXPECTED_VERSION: {
    section: "RFC 9110 §15.2",
    message: "the server must answer with HTTP/1.1",
  },
  ERR_UNEXPECTED_UPGRADE: {
    section: "RFC 6455 §4.1",
    message: "the server must answer with one Upgrade field that is websocket",
  },
  ERR_UNEXPECTED_CONNECTION: {
    section: "RFC 6455 §4.1",
    message: "the server must answer with a Connection field that names Upgrade",
  },
  ERR_UNEXPECTED_ACCEPT: {
    section: "RFC 6455 §4.1",
    message: "the server must answer with one Sec-WebSocket-Accept field that fits the key",
  },
  ERR_UNEXPECTED_SUBPROTOCOL: {
    section: "RFC 6455 §4.1",
    message: "the server must choose one of the subprotocols that were offered, or none",
  },
  ERR_UNEXPECTED_EXTENSION: {
    section: "RFC 6455 §9.1",
    message: "the server must accept only extensions that were offered, and each once",
  },
  ERR_MALFORMED_EXTENSIONS: {
    section: "RFC 6455 §9.1",
    message: "the server must answer with at most one Sec-WebSocket-Extensions field, a list of " +
      "tokens with their parameters",
  },
};

/** The status and the sentence that go with a fault of a request. */
export function requestFault(code: RefusalCode): { status: number; message: string } {
  const { status, section, message } = REQUEST_FAULTS[code];
  return { status, message: `${message} (${section})` };
}

/** The sentence that goes with a fault of a response; `detail` says what came instead. */
export function responseFault(code: HandshakeFailureCode, detail: string): string {
  const { section, message } = RESPONSE_FAULTS[code];
  return `${message}, ${detail} (${section})`;
}
