/**
 * The interop checks for every client that JavaScript can drive: ws on Node.js, Bun, a
 * page in a browser, and our own library. What each check means is written in
 * ../checks.ts.
 *
 * A client is a function `open(url, subprotocols)` that resolves to a connection:
 *
 * @typedef {string | Uint8Array} Message
 * @typedef {{ code: number, reason: string, wasClean: boolean }} Closed
 *
 * @typedef {object} Connection
 * @property {string} protocol The subprotocol that was agreed on, "" for none.
 * @property {string} [extensions] The extensions that were agreed on, as far as the client tells.
 * @property {(message: Message) => unknown} send
 * @property {(message: Message) => unknown} [sendPlain] Sends a message without compression.
 * @property {() => Promise<Message>} receive The next message; rejects when there is none.
 * @property {(code: number, reason: string) => unknown} close
 * @property {Promise<Closed>} closed
 * @property {(pieces: Message[], between: () => unknown) => unknown} [sendFragments] Sends one
 *   message of several fragments, and waits for `between` from one to the next.
 * @property {(payload: string) => Promise<unknown>} [ping] Resolves when the matching pong arrives.
 *
 * @typedef {(url: string, subprotocols: string[]) => Promise<Connection>} Open
 * @typedef {{ check: string, ok?: boolean, error?: string, extensions?: string }} Row
 */

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const UNICODE = "aß水🌊";
const PATIENCE_MS = 10_000;
/** The length of what is sent in fragments: gorilla compresses 64 KiB before it sends any. */
const SCRAMBLED = 100_000;
/** About 1 KiB, and above every threshold from which on messages are compressed. */
const JSON_SIZE = 1280;

/** Numbers from 0 to 2^32 - 1 that look random, and are the same every time. */
function* noise() {
  for (let number = 1;;) {
    number ^= number << 13;
    number ^= number >>> 17;
    number ^= number << 5;
    yield number >>> 0;
  }
}

/** Bytes that cannot be compressed. @param {number} size */
function random(size) {
  const numbers = noise();
  return Uint8Array.from({ length: size }, () => numbers.next().value >>> 8);
}

/** Text that can be compressed to an eighth or so. @param {number} length In characters. */
function scrambled(length) {
  const numbers = noise();
  const characters = [...UNICODE];
  return Array.from({ length }, () => characters[numbers.next().value >>> 30]).join("");
}

/** JSON text of at most so many bytes. @param {number} size */
function json(size) {
  const encoder = new TextEncoder();
  const rows = [];
  for (let length = 1, id = 0;; id++) {
    const row = JSON.stringify({ id, name: UNICODE, value: id * 7919 % 1000 });
    length += encoder.encode(row).length + 1;
    if (length > size) return `[${rows.join(",")}]`;
    rows.push(row);
  }
}

/** @template T @param {Iterable<T>} items @returns {T[][]} */
function quarters(items) {
  const all = [...items];
  const size = Math.ceil(all.length / 4);
  return [0, 1, 2, 3].map((index) => all.slice(index * size, (index + 1) * size));
}

/** @param {Message} message */
function show(message) {
  return typeof message === "string"
    ? `text of length ${message.length}, ${JSON.stringify(message.slice(0, 20))}…`
    : `${message.length} bytes`;
}

/** @param {Message} a @param {Message} b */
function same(a, b) {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** @param {Connection} connection @param {Message} expected */
async function expectMessage(connection, expected) {
  const message = await connection.receive();
  if (!same(message, expected)) throw new Error(`expected ${show(expected)}, got ${show(message)}`);
}

/** @param {Connection} connection @param {Message} message */
async function echoes(connection, message) {
  await connection.send(message);
  await expectMessage(connection, message);
}

/** @param {Connection} connection @param {number} code */
async function expectClosed(connection, code) {
  const closed = await connection.closed;
  if (closed.code !== code || !closed.wasClean) {
    throw new Error(`expected a clean close with ${code}, got ${JSON.stringify(closed)}`);
  }
}

/** @param {Connection} connection @param {number} code */
async function closes(connection, code) {
  connection.close(code, "the check is over");
  await expectClosed(connection, code);
}

/** Resolves when the pong has come. @param {Connection} connection */
async function ping(connection) {
  if (!connection.ping) throw new Error("this client cannot send pings");
  const ended = connection.closed.then(() => {
    throw new Error("closed instead of a pong");
  });
  await Promise.race([connection.ping("round trip"), ended]);
}

/** @param {Connection} connection @param {string} kind */
async function fragments(connection, kind) {
  if (!connection.sendFragments) throw new Error("this client cannot send fragments");
  const whole = kind === "text" ? scrambled(SCRAMBLED) : random(SCRAMBLED);
  const pieces = typeof whole === "string"
    ? quarters(whole).map((characters) => characters.join(""))
    : quarters(whole).map((bytes) => Uint8Array.from(bytes));
  await connection.sendFragments(pieces, () => ping(connection));
  await expectMessage(connection, whole);
}

/** @param {Connection} connection @param {number} count */
async function mixed(connection, count) {
  if (!connection.sendPlain) throw new Error("this client cannot send a message uncompressed");
  const message = json(JSON_SIZE);
  for (let sent = 0; sent < count; sent++) {
    await (sent % 2 === 0 ? connection.send(message) : connection.sendPlain(message));
    await expectMessage(connection, message);
  }
}

/** @param {Connection} connection @param {Message[]} messages */
async function allEcho(connection, messages) {
  for (const message of messages) connection.send(message);
  for (const message of messages) await expectMessage(connection, message);
}

/** @param {number} count */
function series(count) {
  const kinds = [json(JSON_SIZE), json(60), "", random(300), "a"];
  return Array.from({ length: count }, (_, index) => kinds[index % kinds.length] ?? "");
}

/** @param {Connection} connection @param {string} behaviour */
async function served(connection, behaviour) {
  if (behaviour === "fragments") return await echoes(connection, scrambled(SCRAMBLED));
  if (behaviour === "mixed") {
    const text = json(JSON_SIZE);
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < 10; sent++) await echoes(connection, sent % 2 === 0 ? text : bytes);
    return;
  }
  if (behaviour === "ping") return await expectMessage(connection, "answered");
  await connection.send("close, please");
  await expectClosed(connection, 4000);
}

/** @type {Record<string, (connection: Connection, argument: string) => Promise<unknown>>} */
const checks = {
  text: (connection, size) =>
    echoes(connection, LETTERS.repeat(Number(size) / 26 + 1).slice(0, Number(size))),
  binary: (connection, size) =>
    echoes(connection, Uint8Array.from({ length: Number(size) }, (_, index) => index * 7)),
  unicode: (connection) => echoes(connection, UNICODE),
  json: (connection, size) => echoes(connection, json(Number(size))),
  random: (connection, size) => echoes(connection, random(Number(size))),
  far: (connection, size) => {
    const block = random(Number(size));
    return echoes(connection, Uint8Array.from([...block, ...block, ...block, ...block]));
  },
  fragments,
  mixed: (connection, count) => mixed(connection, Number(count)),
  ping,
  subprotocol: async (connection) => {
    if (connection.protocol !== "echo") {
      throw new Error(`expected subprotocol "echo", got ${JSON.stringify(connection.protocol)}`);
    }
    await echoes(connection, "agreed");
  },
  burst: (connection, count) => allEcho(connection, [...Array(Number(count)).keys()].map(String)),
  series: (connection, count) => allEcho(connection, series(Number(count))),
  close: (connection, code) => closes(connection, Number(code)),
  served,
};

/** @param {Open} open @param {string} url @param {string} spec */
async function run(open, url, spec) {
  const [name = "", argument = ""] = spec.split(" ");
  const check = checks[name];
  if (!check) throw new Error(`unknown check "${name}"`);
  const target = name === "served" ? new URL(`/${argument}`, url).href : url;
  const connection = await open(target, name === "subprotocol" ? ["unknown", "echo"] : []);
  try {
    await check(connection, argument);
  } catch (error) {
    connection.close(1000, "the check has failed");
    throw error;
  }
  if (name !== "close" && spec !== "served close") await closes(connection, 1000);
  return connection.extensions;
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
async function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs the checks one after the other, each on a connection of its own, and hands
 * out one row for each.
 *
 * @param {Open} open
 * @param {{ url: string, checks: string[] }} task
 * @param {(row: Row) => unknown} report
 */
export async function exercise(open, task, report) {
  for (const check of task.checks) {
    try {
      const extensions = await inTime(run(open, task.url, check));
      await report({ check, ok: true, extensions });
    } catch (error) {
      await report({ check, error: String(error) });
    }
  }
}
