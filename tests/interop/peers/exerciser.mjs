/**
 * The interop checks for every client that JavaScript can drive: ws on Node.js, a
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
 * @property {(message: Message) => unknown} send
 * @property {() => Promise<Message>} receive The next message; rejects when there is none.
 * @property {(code: number, reason: string) => unknown} close
 * @property {Promise<Closed>} closed
 * @property {(pieces: Message[]) => unknown} [sendFragments] Sends one message of several fragments.
 * @property {(payload: string) => Promise<unknown>} [ping] Resolves when the matching pong arrives.
 *
 * @typedef {(url: string, subprotocols: string[]) => Promise<Connection>} Open
 * @typedef {{ check: string, ok?: boolean, error?: string }} Row
 */

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const UNICODE = "aß水🌊";
const PATIENCE_MS = 10_000;

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

/** @param {Connection} connection @param {string} kind */
async function fragments(connection, kind) {
  const texts = [UNICODE, LETTERS, UNICODE];
  const whole = texts.join("");
  if (!connection.sendFragments) throw new Error("this client cannot send fragments");
  if (kind === "text") {
    await connection.sendFragments(texts);
    return await expectMessage(connection, whole);
  }
  const encoder = new TextEncoder();
  await connection.sendFragments(texts.map((text) => encoder.encode(text)));
  await expectMessage(connection, encoder.encode(whole));
}

/** @param {Connection} connection @param {number} count */
async function burst(connection, count) {
  const numbers = Array.from({ length: count }, (_, number) => String(number));
  for (const number of numbers) connection.send(number);
  for (const number of numbers) await expectMessage(connection, number);
}

/** @param {Connection} connection @param {string} behaviour */
async function served(connection, behaviour) {
  if (behaviour === "fragments") return await echoes(connection, UNICODE.repeat(50));
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
  fragments,
  ping: async (connection) => {
    if (!connection.ping) throw new Error("this client cannot send pings");
    const ended = connection.closed.then(() => {
      throw new Error("closed instead of a pong");
    });
    await Promise.race([connection.ping("round trip"), ended]);
  },
  subprotocol: async (connection) => {
    if (connection.protocol !== "echo") {
      throw new Error(`expected subprotocol "echo", got ${JSON.stringify(connection.protocol)}`);
    }
    await echoes(connection, "agreed");
  },
  burst: (connection, count) => burst(connection, Number(count)),
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
}

/** @param {Promise<void>} work */
async function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    await Promise.race([work, late]);
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
      await inTime(run(open, task.url, check));
      await report({ check, ok: true });
    } catch (error) {
      await report({ check, error: String(error) });
    }
  }
}
