/**
 * Faults that a server can have, for a suite to find. Each is a mistake that real implementations
 * have made.
 *
 * @module
 */

/** What each fault is. */
export const FAULTS = {
  "no pong": "pings are not answered",
  "empty pong": "pongs leave out the payload of the ping",
  "reserved bits": "frames with RSV2 or RSV3, or RSV1 without an extension, are taken as they are",
  "reserved opcodes": "frames of a reserved opcode are skipped",
  "long control frames": "control frames may have more than 125 bytes",
  "fragmented control frames": "control frames may come without FIN",
  "stray continuation": "a continuation with nothing to continue begins a message",
  "interleaved messages": "a new message within another one replaces it",
  "no UTF-8 check": "text and close reasons are not checked",
  "UTF-8 check at the end": "text is checked when the message is complete",
  "UTF-8 check by frame": "text is checked when a frame is complete",
  "wrong close code": "the peer's faults are answered with 1000",
  "no close reply": "a close frame is not answered, and the connection stays open",
  "open after closing": "TCP is left open after the closing handshake",
  "pong after closing": "pings behind a close frame are answered",
  "any close code": "close codes and the length of a close frame are not checked",
  "binary as text": "binary messages are echoed as text",
  "cut at 65,535 bytes": "longer messages lose their end",
  "swapped fragments": "the first two fragments of a message change places",
  "lost context": "what is inflated forgets the messages before, although takeover was agreed on",
  "kept context": "what is deflated refers to the messages before, although that was ruled out",
  "wide window": "what is deflated refers back beyond the window that was agreed on",
  "unmasked frames": "frames from a client need not be masked",
  "any length form": "lengths need not be written in their shortest form",
  "no handshake check": "every request is answered with 101",
  "wrong accept": "Sec-WebSocket-Accept is not made of the key",
} as const satisfies Record<string, string>;

/** The name of a fault. */
export type Fault = keyof typeof FAULTS;
