/**
 * What the user, or a program on standard input, wants done with the connection.
 *
 * @module
 */

/** One thing to do. */
export type Command =
  /** Send a message; `compress`: whether it may be compressed, which it may unless told otherwise. */
  | { readonly kind: "send"; readonly data: string | Uint8Array; readonly compress?: boolean }
  /** Send a ping (RFC 6455 §5.5.2); without a payload, one is made. */
  | { readonly kind: "ping"; readonly payload?: Uint8Array }
  /** Send a pong that nobody asked for (RFC 6455 §5.5.3). */
  | { readonly kind: "pong"; readonly payload: Uint8Array }
  /** Begin the closing handshake; what is left out is what the flags say. */
  | { readonly kind: "close"; readonly code?: number; readonly reason?: string };
