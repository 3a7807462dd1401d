/**
 * Section 28: flow control. The suite sends and does not read, so that the testee cannot get rid of
 * its echoes: it may stop reading, keep them, or drop the connection, but it must lose nothing of a
 * connection that stays open, and a server must go on serving others.
 *
 * @module
 */
import { binary, ping } from "../cases/frames.ts";
import type { Case, RawCase, RawVerdict } from "../model/case.ts";
import type { RawStage } from "../model/stage.ts";
import { joinBytes } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { within } from "./patience.ts";
import type { RawSocket } from "./raw_socket.ts";
import { withSocket } from "./sockets.ts";
import { closing, fine, verdict } from "./verdicts.ts";

const MESSAGE_BYTES = 64 * 1024;
/** More than the network itself takes on both sides, in messages: 64 MiB. */
const MESSAGES = 1_024;
const PINGS = 100_000;
/** After so long without progress the testee takes no more, in milliseconds. */
const STALL = 1_000;
/** How long what was sent may take to come back, in milliseconds. */
const PATIENCE = 10_000;

/** A message that tells which one it is. */
function message(number: number): Uint8Array {
  const payload = new Uint8Array(MESSAGE_BYTES);
  new DataView(payload.buffer).setUint32(0, number);
  return payload;
}

/** What was sent while nothing was read. */
interface Blocked {
  /** How many items went out, the last one perhaps only when reading resumed. */
  readonly sent: number;
  /** Whether the testee took no more at some point. */
  readonly stalled: boolean;
  /** Whether the connection broke. */
  readonly broken: boolean;
  /** Resolves when the last write is done. */
  readonly last: Promise<boolean>;
}

/** Sends items without reading, until all are taken or no more is. */
async function sendUnread(
  socket: RawSocket,
  { items, item }: { items: number; item: (number: number) => Uint8Array },
): Promise<Blocked> {
  socket.pauseReading(true);
  for (let sent = 0; sent < items; sent++) {
    const last = socket.sendBytes(item(sent));
    const taken = await within(STALL, last);
    if (taken === undefined) return { sent: sent + 1, stalled: true, broken: false, last };
    if (!taken) return { sent, stalled: false, broken: true, last };
  }
  return { sent: items, stalled: false, broken: false, last: Promise.resolve(true) };
}

const DROPPED = "The testee dropped the connection.";

/** The echoes of the messages, in order; what is wrong, if anything, or whether it was dropped. */
async function readEchoes(
  socket: RawSocket,
  sent: number,
): Promise<"all" | "dropped" | RawVerdict> {
  for (let number = 0; number < sent; number++) {
    const echo = await socket.nextMessage(PATIENCE);
    if (echo === "silence") return lost(number, sent);
    if (typeof echo === "string") return "dropped";
    const view = new DataView(echo.payload.buffer, echo.payload.byteOffset);
    const came = echo.payload.length === MESSAGE_BYTES ? view.getUint32(0) : -1;
    if (came > number && came < sent) return lost(number, sent);
    if (came !== number) {
      return verdict(
        "FAILED",
        `What came as echo ${number} of ${sent} is no message that was sent.`,
      );
    }
  }
  return "all";
}

/** Echoes are left out: the RFC says nothing of a testee that has no room for them. */
function lost(number: number, sent: number): RawVerdict {
  return verdict(
    "NON-STRICT",
    `Echo ${number} of ${sent} was lost, and the connection stays open.`,
  );
}

/** Nobody reads for a while. */
const UNREAD: RawCase = {
  form: "raw",
  id: "28.1.1",
  description:
    "Up to 64 MiB of messages of 64 KiB are sent, and no echo is read until the testee " +
    "takes no more; then all are.",
  expectation: "The testee stops to read, or drops the connection. What it took is echoed, in " +
    "order; to leave some out is not strict. A server serves others meanwhile. That it takes all " +
    "of it is worth knowing.",
  rule: "RFC 6455 §5.4, §10.4",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const item = (number: number): Uint8Array => socket.encode(binary(message(number)));
      const blocked = await sendUnread(socket, { items: MESSAGES, item });
      const served = await servesOthers(stage);
      socket.pauseReading(false);
      if (!served) return verdict("FAILED", "Meanwhile the server did not echo for others.");
      return await judgeUnread(socket, blocked);
    }),
};

async function judgeUnread(socket: RawSocket, blocked: Blocked): Promise<RawVerdict> {
  const { sent, stalled, broken } = blocked;
  if (broken) return fine(DROPPED);
  const echoes = await readEchoes(socket, sent);
  if (echoes === "dropped") return fine(DROPPED);
  if (echoes !== "all") return echoes;
  const closed = await socket.closeNormally();
  const amount = `${(sent * MESSAGE_BYTES) >> 20} MiB`;
  return stalled
    ? fine(`The testee took ${amount}, and lost nothing.`, closed)
    : verdict("INFORMATIONAL", `The testee took all ${amount}, and lost nothing.`, closed);
}

function servesOthers(stage: RawStage): Promise<boolean> {
  return stage.testee === "server" ? stage.stillEchoes() : Promise.resolve(true);
}

/** Pings, and nobody reads the pongs. */
const UNREAD_PONGS: RawCase = {
  form: "raw",
  id: "28.1.2",
  description: `Up to ${PINGS} pings are sent, and no pong is read until then.`,
  expectation: "The testee answers the last ping at least, and none out of order; it may stop to " +
    "read, or drop the connection. A server serves others meanwhile.",
  rule: "RFC 6455 §5.5.2, §5.5.3",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const batch = 1_000;
      const item = (number: number): Uint8Array =>
        joinBytes(Array.from({ length: batch }, (_, index) => {
          const payload = new Uint8Array(125);
          new DataView(payload.buffer).setUint32(0, number * batch + index);
          return socket.encode(ping(payload));
        }));
      const blocked = await sendUnread(socket, { items: PINGS / batch, item });
      const served = await servesOthers(stage);
      socket.pauseReading(false);
      if (!served) return verdict("FAILED", "Meanwhile the server did not echo for others.");
      if (blocked.broken) return fine(DROPPED);
      return await judgePongs(socket, blocked.sent * batch);
    }),
};

async function judgePongs(socket: RawSocket, pings: number): Promise<RawVerdict> {
  let last = -1;
  let count = 0;
  while (last < pings - 1) {
    const arrival = await socket.next(PATIENCE);
    if (arrival === "end") return fine(DROPPED);
    if (arrival === "silence") return verdict("FAILED", "The last ping was not answered.");
    if (arrival.opcode === OPCODE.close) return fine(DROPPED);
    if (arrival.opcode !== OPCODE.pong) continue;
    const { payload } = arrival;
    const number = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
    if (number <= last) return verdict("FAILED", `Pong ${number} came after pong ${last}.`);
    last = number;
    count++;
  }
  return fine(
    `${count} pongs for ${pings} pings, the last one among them.`,
    await socket.closeNormally(),
  );
}

/** A close frame comes while echoes lie unread. */
const UNREAD_CLOSE: RawCase = {
  form: "raw",
  id: "28.1.3",
  description:
    "8 MiB of messages of 64 KiB and a close frame are sent while nothing is read, for a " +
    "second; then all is read.",
  expectation: "Whole echoes come, in order, all or the first of them, then one close frame.",
  rule: "RFC 6455 §5.5.1, §7.1.2",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      socket.pauseReading(true);
      const count = 128;
      const frames = Array.from({ length: count }, (_, number) => binary(message(number)));
      const close = { opcode: OPCODE.close, payload: Uint8Array.of(0x03, 0xe8) };
      await within(STALL, socket.send(...frames, close));
      socket.pauseReading(false);
      const echoes = await readEchoes(socket, count + 1);
      if (echoes === "all") return verdict("FAILED", "Too much came back.");
      if (echoes !== "dropped") return echoes;
      const { closeCode } = socket;
      return fine(
        "Whole echoes came, and the end.",
        closeCode === 1000 || closeCode === undefined
          ? closing("OK", "The connection was closed.")
          : closing("WRONG CODE", `The close code is ${closeCode}.`),
      );
    }),
};

/** Those who do not read leave. */
const UNREAD_RESET: RawCase = {
  form: "raw",
  id: "28.2.1",
  description:
    "Twenty connections send 2 MiB of messages each and read nothing; then all are reset.",
  expectation: "The server serves others, before and after.",
  rule: "RFC 6455 §7.2.1, §10.4",
  testees: ["server"],
  run: async (stage) => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 20 }, () => withSocket(stage, (socket) => leave(stage, socket))),
    );
    return others.find(({ behavior }) => behavior !== "OK") ?? first!;
  },
};

async function leave(stage: RawStage, socket: RawSocket): Promise<RawVerdict> {
  const item = (number: number): Uint8Array => socket.encode(binary(message(number)));
  await sendUnread(socket, { items: 32, item });
  const served = await stage.stillEchoes();
  socket.drop("reset");
  return served
    ? fine("The server echoes for others.")
    : verdict("FAILED", "Meanwhile the server did not echo for others.");
}

/** Flow control. */
export const SECTION_28: readonly Case[] = [UNREAD, UNREAD_PONGS, UNREAD_CLOSE, UNREAD_RESET];
