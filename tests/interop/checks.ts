/**
 * The interop checks, by the names that the harness hands to a client peer.
 *
 * | check | what must hold |
 * |---|---|
 * | `text N`, `binary N` | a message of N bytes comes back as it was |
 * | `unicode` | text with characters of one to four bytes comes back as it was |
 * | `fragments text`, `fragments binary` | a message sent in several frames comes back whole (RFC 6455 §5.4) |
 * | `ping` | a ping is answered by a pong with its payload (§5.5.3) |
 * | `subprotocol` | of the offered `unknown`, `echo` the server chooses `echo` (§4.2.2) |
 * | `burst N` | N small messages, sent before any is read, come back in order |
 * | `close N` | the server answers a close frame with code N and a reason with the same code (§5.5.1) |
 * | `served fragments` | on `/fragments`: the message comes back whole although the server sends it in several frames |
 * | `served ping` | on `/ping`: the server pings and says `answered` when the pong has come |
 * | `served close` | on `/close`: the server closes first, with 4000 |
 *
 * Every check has a connection of its own. Where it does not close it with another
 * code, it ends with `close 1000`.
 */

/** What every echo server can be asked. */
export const ECHO_CHECKS: readonly string[] = [
  ...["text", "binary"].flatMap((kind) =>
    [0, 125, 126, 65535, 65536, 1 << 20].map((size) => `${kind} ${size}`)
  ),
  "unicode",
  "fragments text",
  "fragments binary",
  "ping",
  "subprotocol",
  "burst 1000",
  "close 1000",
  "close 3000",
  "close 4999",
];

/** What the echo servers in `peers/` offer besides, so that the server takes the lead. */
export const SERVED_CHECKS: readonly string[] = ["served fragments", "served ping", "served close"];
