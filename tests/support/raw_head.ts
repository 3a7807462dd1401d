/**
 * Heads of opening handshakes put together and taken apart by hand, for tests.
 *
 * Like raw_frame.ts, nothing here imports lib/, and everything can be made wrong.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The key of the example in RFC 6455 §1.3. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** The head of a request or response. */
export interface RawHead {
  /** The whole head, with the empty line that ends it. */
  readonly text: string;
  /** The request line or status line. */
  readonly startLine: string;
  /** The values of each field by lower-case name, in the order they came. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** Changes to the head of an opening handshake. */
export interface HeadChanges {
  /** Replaces the whole request line or status line. */
  readonly startLine?: string;
  /** Fields by name: a value replaces or adds the field, `null` leaves it out. */
  readonly fields?: Readonly<Record<string, string | null>>;
  /** Lines to add at the end of the head, as they are. */
  readonly lines?: readonly string[];
}

/** The head of a client's opening handshake (RFC 6455 §4.1), by default a right one. */
export function upgradeRequest(changes: HeadChanges = {}): string {
  return head(changes.startLine ?? "GET / HTTP/1.1", {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": SAMPLE_KEY,
    "Sec-WebSocket-Version": "13",
  }, changes);
}

/** The head of a server's answer (RFC 6455 §4.2.2), by default the right one to `request`. */
export function upgradeResponse(request: RawHead, changes: HeadChanges = {}): string {
  const key = request.fields.get("sec-websocket-key")?.[0] ?? "";
  return head(changes.startLine ?? "HTTP/1.1 101 Switching Protocols", {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": acceptOf(key),
  }, changes);
}

/** The value of Sec-WebSocket-Accept for a key (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function head(startLine: string, fields: Record<string, string>, changes: HeadChanges): string {
  const all = new Map<string, string | null>([
    ...Object.entries(fields),
    ...Object.entries(changes.fields ?? {}),
  ]);
  const lines = [...all].filter(([, value]) => value !== null).map((pair) => pair.join(": "));
  return [startLine, ...lines, ...changes.lines ?? [], "", ""].join("\r\n");
}

/** Takes a head apart, with no opinion on what is in it. */
export function parseHead(text: string): RawHead {
  const [startLine = "", ...lines] = text.split("\r\n").slice(0, -2);
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const values = fields.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    fields.set(name, values);
  }
  return { text, startLine, fields };
}
