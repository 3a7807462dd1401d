/**
 * Requests that the codec engine refuses, over real sockets: the exact status, the fields
 * that must stand beside it, and that it harms nobody else.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type HeadChanges,
  parseHead,
  type RawHead,
  SAMPLE_KEY,
  upgradeRequest,
} from "../../support/raw_head.ts";
import { buildFrame, RawPeer, SOME_MASK } from "../../support/raw_peer.ts";
import { assertEcho, ServerRig } from "../../support/server_rig.ts";

/** What is sent, and what the answer must be. */
interface Row {
  readonly name: string;
  /** Changes to a good request, or all that is sent. */
  readonly sent: HeadChanges | string | Uint8Array;
  readonly status: number;
  /** Fields of the answer besides those that every refusal has. */
  readonly fields?: Readonly<Record<string, string>>;
}

const VERSION = { "upgrade": "websocket", "sec-websocket-version": "13" };

/** A request line with good fields behind it. */
const line = (startLine: string): HeadChanges => ({ startLine });
/** A good request with other fields. */
const fields = (changes: Record<string, string | null>): HeadChanges => ({ fields: changes });
/** A good request with more lines. */
const lines = (...more: string[]): HeadChanges => ({ lines: more });

const FRAME = new TextDecoder("latin1").decode(
  buildFrame({ opcode: 1, mask: SOME_MASK, payload: "no frame" }),
);

/** What no request line, host, or upgrade may be. */
const REQUESTS: readonly Row[] = [
  ...["POST", "PUT", "HEAD", "DELETE", "OPTIONS", "get"].map((method) => ({
    name: `method ${method}`,
    sent: line(`${method} / HTTP/1.1`),
    status: 405,
    fields: { "allow": "GET" },
  })),
  {
    name: "HTTP/1.0",
    sent: line("GET / HTTP/1.0"),
    status: 426,
    fields: { "upgrade": "websocket" },
  },
  { name: "HTTP/2.0", sent: line("GET / HTTP/2.0"), status: 505 },
  { name: "HTTP/2 preface", sent: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 505 },
  { name: "no version", sent: line("GET /"), status: 400 },
  { name: "two spaces", sent: line("GET  / HTTP/1.1"), status: 400 },
  { name: "no HTTP at all", sent: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", status: 400 },
  { name: "no Host", sent: fields({ "Host": null }), status: 400 },
  { name: "two Hosts", sent: lines("Host: 127.0.0.1"), status: 400 },
  { name: "empty Host", sent: fields({ "Host": "" }), status: 400 },
  { name: "Host with user", sent: fields({ "Host": "user@127.0.0.1" }), status: 400 },
  { name: "Host with path", sent: fields({ "Host": "127.0.0.1/x" }), status: 400 },
  { name: "no Upgrade", sent: fields({ "Upgrade": null }), status: 426, fields: VERSION },
  { name: "Upgrade: h2c", sent: fields({ "Upgrade": "h2c" }), status: 426, fields: VERSION },
  { name: "no Connection", sent: fields({ "Connection": null }), status: 400 },
  { name: "Connection: close", sent: fields({ "Connection": "close" }), status: 400 },
  { name: "Connection: Upgraded", sent: fields({ "Connection": "Upgraded" }), status: 400 },
  { name: "target *", sent: line("GET * HTTP/1.1"), status: 400 },
  { name: "target without slash", sent: line("GET chat HTTP/1.1"), status: 400 },
  { name: "target of CONNECT", sent: line("GET 127.0.0.1:80 HTTP/1.1"), status: 400 },
  { name: "target with scheme ws", sent: line("GET ws://127.0.0.1/ HTTP/1.1"), status: 400 },
  { name: "target with user", sent: line("GET http://a@127.0.0.1/ HTTP/1.1"), status: 400 },
  { name: "target with fragment", sent: line("GET /#x HTTP/1.1"), status: 400 },
  { name: "target with a raw byte", sent: line("GET /\xe4 HTTP/1.1"), status: 400 },
];

const VERSIONS: readonly Row[] = [null, "", "8", "13, 8", "8, 13", "013", "13.0"].map((
  version,
) => ({
  name: `version ${JSON.stringify(version)}`,
  sent: fields({ "Sec-WebSocket-Version": version }),
  status: 426,
  fields: VERSION,
}));

const KEYS: readonly Row[] = [
  null,
  "",
  btoa("x".repeat(15)),
  btoa("x".repeat(17)),
  SAMPLE_KEY.slice(0, -1),
  SAMPLE_KEY.replace("=", "*"),
  "!".repeat(24),
].map((key) => ({
  name: `key ${JSON.stringify(key)}`,
  sent: fields({ "Sec-WebSocket-Key": key }),
  status: 400,
}));

/** Line ends and characters (RFC 9112 §2.2, §5). */
const SYNTAX: readonly Row[] = [
  { name: "space before a colon", sent: lines("X-Pad : 1"), status: 400 },
  { name: "a folded field", sent: lines("X-Pad: 1", " 2"), status: 400 },
  { name: "a field without colon", sent: lines("X-Pad"), status: 400 },
  { name: "a field without name", sent: lines(": 1"), status: 400 },
  { name: "a bare CR", sent: lines("X-Pad: 1\r2"), status: 400 },
  { name: "a bare LF", sent: lines("X-Pad: 1\nX-More: 2"), status: 400 },
  { name: "a NUL", sent: lines("X-Pad: \0"), status: 400 },
  { name: "an escape", sent: lines("X-Pad: \x1b[2J"), status: 400 },
  { name: "LF alone", sent: upgradeRequest().replaceAll("\r\n", "\n"), status: 400 },
];

/** Bodies, and what claims that there is one; none of it may become frames (RFC 9112 §6). */
const BODIES: readonly Row[] = [
  lines("Content-Length: 5", "Transfer-Encoding: chunked"),
  lines("Content-Length: 5", "Content-Length: 6"),
  lines("Content-Length: 5"),
  lines(`Content-Length: ${FRAME.length}`),
  lines("Content-Length: -1"),
  lines("Content-Length: 0x10"),
  lines("Content-Length: 99999999999999999999"),
  lines("Transfer-Encoding: chunked"),
  lines("Transfer-Encoding: gzip, chunked"),
  lines("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
].map((head) => ({
  name: head.lines!.join(" and "),
  sent: new Uint8Array(
    Array.from(upgradeRequest(head) + FRAME, (character) => character.charCodeAt(0)),
  ),
  status: 400,
}));

/** Sizes on both sides of the limits are in head_parser_test.ts; here is what they lead to. */
const SIZES: readonly Row[] = [
  { name: "a target of 8 KiB", sent: line(`GET /${"a".repeat(8192)} HTTP/1.1`), status: 414 },
  { name: "no end of the target", sent: `GET /${"a".repeat(60_000)}`, status: 414 },
  { name: "a field of 8 KiB", sent: lines(`X-Pad: ${"a".repeat(8192)}`), status: 431 },
  {
    name: "a head of 60 KB",
    sent: lines(...Array.from({ length: 60 }, (_, at) => `X-${at}: ${"a".repeat(1000)}`)),
    status: 431,
  },
  {
    name: "101 fields",
    sent: lines(...Array.from({ length: 96 }, (_, at) => `X-${at}: 1`)),
    status: 431,
  },
];

const SUBPROTOCOLS: readonly Row[] = [
  "",
  " , ,",
  "chat room",
  "chat/v1",
  "chat, chat",
  "chät",
  '"chat"',
  Array.from({ length: 1000 }, (_, at) => `p${at}`).join(),
].map((list) => ({
  name: `subprotocols ${list.slice(0, 20)}`,
  sent: fields({ "Sec-WebSocket-Protocol": list }),
  status: 400,
}));

/** The origin must be that of the request; what looks like it is not (RFC 6455 §10.2). */
const ORIGINS: readonly Row[] = [
  "null",
  "https://good.com",
  "http://good.com:81",
  "https://good.com.evil",
  "http://good.com.evil",
  "http://good.com@evil",
  "http://evil@good.com",
  "http://good.com.",
  "http://good.com/",
  "http://evil, http://good.com",
  "",
].map((origin) => ({
  name: `origin ${origin}`,
  sent: fields({ "Host": "good.com", "Origin": origin }),
  status: 403,
}));

const TWO_ORIGINS: Row = {
  name: "two origins",
  sent: {
    fields: { "Host": "good.com", "Origin": "http://good.com" },
    lines: ["Origin: http://x"],
  },
  status: 403,
};
const TWO_KEYS: Row = {
  name: "two keys",
  sent: lines(`Sec-WebSocket-Key: ${SAMPLE_KEY}`),
  status: 400,
};
const TWO_VERSIONS: Row = {
  name: "two versions",
  sent: lines("Sec-WebSocket-Version: 13"),
  status: 426,
  fields: VERSION,
};

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  "methods, versions of HTTP, hosts, upgrades and targets": REQUESTS,
  "versions of the protocol": [...VERSIONS, TWO_VERSIONS],
  "keys": [...KEYS, TWO_KEYS],
  "syntax of fields": SYNTAX,
  "bodies": BODIES,
  "sizes": SIZES,
  "lists of subprotocols": SUBPROTOCOLS,
  "origins": [...ORIGINS, TWO_ORIGINS],
};

for (const [what, rows] of Object.entries(TABLES)) {
  Deno.test(`opening, refused: ${what}`, async () => {
    await using rig = new ServerRig();
    await using witness = await RawPeer.open(rig.port);
    for (const row of rows) {
      await assertRefused(rig.port, row);
      await assertEcho(witness, row.name);
    }
    await rig.untilPlaces(1);
    await rig.assertEchoes();
    assertEquals([rig.opened.length, rig.errors], [2, []]);
  });
}

async function assertRefused(
  port: number,
  { name, sent, status, fields = {} }: Row,
): Promise<void> {
  await using peer = await RawPeer.connect(port);
  await peer.write(typeof sent === "string" || sent instanceof Uint8Array ? sent : latin1(sent));
  const { bytes, end } = await peer.readToEnd();
  assertEquals(end, "eof", name);
  const { head, body } = split(bytes);
  assertStringIncludes(head.startLine, `HTTP/1.1 ${status} `, name);
  for (const [field, value] of Object.entries(fields)) {
    assertEquals(head.fields.get(field), [value], `${name}: ${field}`);
  }
  const options = (head.fields.get("connection") ?? []).join().split(", ");
  assert(options.includes("close"), name);
  assertEquals(options.includes("Upgrade"), head.fields.has("upgrade"), name);
  const [length] = head.fields.get("content-length") ?? [];
  assert(!head.fields.has("sec-websocket-accept"), name);
  if (name !== "method HEAD") assertEquals(String(body.length), length, name);
  else assertEquals(body.length, 0);
}

function latin1(changes: HeadChanges): Uint8Array {
  return Uint8Array.from(upgradeRequest(changes), (character) => character.charCodeAt(0));
}

function split(bytes: Uint8Array): { head: RawHead; body: Uint8Array } {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n") + 4;
  return { head: parseHead(text.slice(0, end)), body: bytes.subarray(end) };
}
