/**
 * The interop checks, by the names that the harness hands to a client peer.
 *
 * | check | what must hold |
 * |---|---|
 * | `text N`, `binary N` | a message of N bytes comes back as it was |
 * | `unicode` | text with characters of one to four bytes comes back as it was |
 * | `json N` | JSON text of at most N bytes, with such characters, comes back as it was |
 * | `random N` | N bytes that cannot be compressed come back as they were |
 * | `far N` | N such bytes, four times in one message, come back as they were |
 * | `fragments text`, `fragments binary` | a message sent in several frames, with pings between them, comes back whole (RFC 6455 §5.4); the pings are answered |
 * | `mixed N` | N messages come back as they were, although every other one is sent uncompressed (RFC 7692 §6) |
 * | `ping` | a ping is answered by a pong with its payload (§5.5.3) |
 * | `subprotocol` | of the offered `unknown`, `echo` the server chooses `echo` (§4.2.2) |
 * | `burst N` | N small messages, sent before any is read, come back in order |
 * | `series N` | so do N messages of several kinds: 1 KiB of JSON, a line of it, empty, random bytes, a single byte |
 * | `close N` | the server answers a close frame with code N and a reason with the same code (§5.5.1) |
 * | `served fragments` | on `/fragments`: the message comes back whole although the server sends it in several frames, with pings between them |
 * | `served mixed` | on `/mixed`: ten messages come back as they were, although the server compresses text only |
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

/** What every echo server can be asked when messages may be compressed. */
export const COMPRESSION_CHECKS: readonly string[] = [
  "text 0",
  "text 1",
  "text 125",
  "text 126",
  "json 1280",
  "binary 65536",
  "json 1048576",
  "random 65536",
  "far 2048",
  "fragments text",
  "fragments binary",
  "mixed 10",
  "series 200",
];

/** What the echo servers in `peers/` offer besides, so that the server takes the lead. */
export const SERVED_CHECKS: readonly string[] = ["served fragments", "served ping", "served close"];

/** The same, when messages may be compressed. */
export const SERVED_COMPRESSION_CHECKS: readonly string[] = ["served fragments", "served mixed"];
