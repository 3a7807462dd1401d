/**
 * The error of a {@linkcode WebSocketStream}.
 *
 * @module
 */
import { CloseCode } from "../../protocol/close_codes.ts";
import { checkClose, enforcedCode } from "./close_rules.ts";
import { shapeInterface } from "./interface_shape.ts";
import { readBag } from "./options.ts";

/** How a connection closes, or is to be closed. */
export interface WebSocketCloseInfo {
  /** The close code; to be sent: 1000 or from 3000 to 4999. @default none, or 1000 with a reason */
  closeCode?: number;
  /** The reason; to be sent: at most 123 bytes of UTF-8. @default "" */
  reason?: string;
}

/** What a {@linkcode WebSocketError} says of an end that came from elsewhere. */
interface Origin {
  readonly closeCode: number | null;
  readonly reason: string;
  readonly cause: unknown;
}

/** Makes an error with a code that a program may not choose, such as 1006. */
export let errorOf: (message: string, origin: Origin) => WebSocketError;

/**
 * Why a {@linkcode WebSocketStream} ended; given to `cancel` or `abort` of its streams, what to
 * end it with.
 */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    shapeInterface(this, { name: "WebSocketError" });
    errorOf = (message, { closeCode, reason, cause }) => {
      const error = new WebSocketError(message);
      error.#closeCode = closeCode;
      error.#reason = reason;
      if (cause !== undefined) {
        Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
      }
      return error;
    };
  }

  /**
   * Takes a message, and what to close with.
   *
   * @throws {DOMException} with the name `"InvalidAccessError"` or `"SyntaxError"` when the code
   * or the reason must not be sent by a program.
   * @throws {TypeError} when `init` is no object, or the code in it no number up to 65535.
   */
  constructor(message = "", init: WebSocketCloseInfo = {}) {
    super(message, "WebSocketError");
    const { code, reason } = readCloseInfo(init);
    checkClose({ code, reason });
    this.#closeCode = code ?? (reason === "" ? null : CloseCode.NORMAL);
    this.#reason = reason;
  }

  /** The close code; `null` for none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The reason beside the code; `""` for none. */
  get reason(): string {
    return this.#reason;
  }
}

/**
 * What Web IDL makes of a {@linkcode WebSocketCloseInfo}.
 *
 * @throws {TypeError} when it is no object, or the code in it no number up to 65535.
 */
export function readCloseInfo(info: unknown): { code: number | undefined; reason: string } {
  const { closeCode, reason } = readBag(info);
  return {
    code: closeCode === undefined ? undefined : enforcedCode(closeCode),
    reason: reason === undefined ? "" : `${reason}`.toWellFormed(),
  };
}
