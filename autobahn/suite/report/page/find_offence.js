/**
 * Finds the octet of one direction that first breaks a rule, whoever sent it and why.
 *
 * @module
 */
// @ts-check

import { toHex } from "./bytes.js";
import { closeCodeName, isControl, maySend, opcodeName } from "./opcodes.js";
import { Utf8Check } from "./utf8.js";

/**
 * What is looked at of a frame.
 *
 * @typedef {object} CheckedFrame
 * @property {number} opcode
 * @property {boolean} fin
 * @property {number} rsv The three bits as a number; RSV1 is 4.
 * @property {boolean} masked
 * @property {number | null} length What the header declares; null where that did not come.
 * @property {Uint8Array} head The header.
 * @property {Uint8Array} payload The beginning of the payload, unmasked.
 * @property {boolean} [afterGap] Whether frames before it may be missing.
 * @property {boolean} [begins] Whether a connection begins with it.
 */

/**
 * @typedef {object} Offence
 * @property {number} frame The index of the frame.
 * @property {"head" | "payload"} part Where in it the octets stand.
 * @property {number} from The first of them, counted within the part from 0.
 * @property {number} count How many belong together.
 * @property {string} says What is wrong, as a sentence without its full stop.
 * @property {string} rule Where the rule stands.
 */

/** @typedef {Omit<Offence, "frame">} Finding */

/**
 * What the frames before lead to. Between messages, `message` is null.
 *
 * @typedef {object} Before
 * @property {"binary" | "text" | "compressed" | "unknown" | null} message
 * @property {Utf8Check | null} utf8 The text so far; null where a part of it is not shown.
 * @property {boolean} closed
 */

const HEAD = Object.freeze({ part: /** @type {const} */ ("head"), from: 0, count: 1 });
const PAYLOAD = Object.freeze({ part: /** @type {const} */ ("payload"), from: 0, count: 1 });

/** @type {Readonly<Before>} */
const BEGINNING = Object.freeze({ message: null, utf8: null, closed: false });

/**
 * Finds what first breaks a rule.
 *
 * @param {readonly CheckedFrame[]} frames All of one direction, in order.
 * @param {object} agreed
 * @param {boolean} agreed.fromClient Whether the client sent them, so that they must be masked.
 * @param {boolean} agreed.deflate Whether permessage-deflate was negotiated.
 * @returns {Offence | undefined}
 */
export function findOffence(frames, agreed) {
  /** @type {Before} */
  const before = { ...BEGINNING };
  for (const [index, frame] of frames.entries()) {
    if (frame.begins) Object.assign(before, BEGINNING);
    if (frame.afterGap) Object.assign(before, { message: "unknown", utf8: null });
    const finding = inHead(frame, before, agreed) ?? inPayload(frame, before, agreed);
    if (finding) return { frame: index, ...finding };
  }
  return undefined;
}

/**
 * @param {CheckedFrame} frame
 * @param {Before} before
 * @param {{ fromClient: boolean, deflate: boolean }} agreed
 * @returns {Finding | undefined}
 */
function inHead(frame, before, { fromClient, deflate }) {
  const { length, masked } = frame;
  const fault = firstOctetFault(frame, { ...before, deflate });
  if (fault) return { ...HEAD, ...fault };
  if (fromClient !== masked) {
    const says = fromClient
      ? "a frame from a client must be masked"
      : "a frame from a server must not be masked";
    return { ...HEAD, from: 1, says, rule: "RFC 6455 §5.1" };
  }
  const short = (frame.head[1] ?? 0) & 127;
  if (isControl(frame.opcode) && short > 125) {
    const says = "a control frame carries at most 125 bytes";
    return { ...HEAD, from: 1, says, rule: "RFC 6455 §5.5" };
  }
  if (short === 127 && (frame.head[2] ?? 0) >= 128) {
    const says = "the top bit of a length of 64 bits must be 0";
    return { ...HEAD, from: 2, says, rule: "RFC 6455 §5.2" };
  }
  if (length !== null && (short === 126 && length < 126 || short === 127 && length < 65536)) {
    const says = `the length ${length} is not written in its shortest form`;
    return { ...HEAD, from: 2, count: short === 126 ? 2 : 8, says, rule: "RFC 6455 §5.2" };
  }
  return undefined;
}

/**
 * @param {CheckedFrame} frame
 * @param {Before & { deflate: boolean }} before
 * @returns {{ says: string, rule: string } | undefined}
 */
function firstOctetFault({ opcode, fin, rsv }, { message, closed, deflate }) {
  const name = opcodeName(opcode);
  if (closed) return { says: "nothing may follow a close frame", rule: "RFC 6455 §5.5.1" };
  const undefinedBits = [4, 2, 1].filter((bit) => rsv & bit && !(bit === 4 && deflate));
  if (undefinedBits.length > 0) {
    const names = undefinedBits.map((bit) => `RSV${3 - Math.log2(bit)}`).join(" and ");
    return { says: `${names} set, which no negotiated extension defines`, rule: "RFC 6455 §5.2" };
  }
  if (opcode > 10 || opcode > 2 && opcode < 8) {
    return { says: `opcode ${opcode} is reserved`, rule: "RFC 6455 §5.2" };
  }
  if (rsv === 4 && (isControl(opcode) || opcode === 0)) {
    return { says: `RSV1 set on a ${name} frame, where nothing defines it`, rule: "RFC 7692 §6" };
  }
  if (isControl(opcode)) {
    return fin
      ? undefined
      : { says: `a ${name} frame must not be fragmented`, rule: "RFC 6455 §5.5" };
  }
  if (opcode === 0 && message === null) {
    return { says: "a continuation frame with no message to continue", rule: "RFC 6455 §5.4" };
  }
  if (opcode !== 0 && message !== null && message !== "unknown") {
    return { says: `a ${name} frame before the last message has ended`, rule: "RFC 6455 §5.4" };
  }
  return undefined;
}

/**
 * Looks at the payload, and goes past the frame.
 *
 * @param {CheckedFrame} frame
 * @param {Before} before
 * @param {{ deflate: boolean }} agreed
 * @returns {Finding | undefined}
 */
function inPayload(frame, before, { deflate }) {
  if (frame.opcode === 8) {
    before.closed = true;
    return inCloseBody(frame);
  }
  if (isControl(frame.opcode)) return undefined;
  if (frame.opcode !== 0) {
    const kind = frame.opcode === 1 ? "text" : "binary";
    before.message = deflate && frame.rsv === 4 ? "compressed" : kind;
    before.utf8 = before.message === "text" ? new Utf8Check() : null;
  }
  const finding = before.utf8 ? inText(frame, before.utf8) : undefined;
  if (frame.payload.length !== frame.length) before.utf8 = null;
  if (frame.fin) [before.message, before.utf8] = [null, null];
  return finding;
}

/**
 * @param {CheckedFrame} frame
 * @param {Utf8Check} utf8
 * @returns {Finding | undefined}
 */
function inText({ payload, length, fin }, utf8) {
  const rule = "RFC 6455 §8.1";
  const wrong = utf8.push(payload);
  if (wrong >= 0) {
    const says = `${hexAt(payload, wrong)} cannot stand here in UTF-8`;
    return { ...PAYLOAD, from: wrong, says, rule };
  }
  if (!fin || utf8.whole || payload.length !== length) return undefined;
  const says = "the text ends within a character";
  return length > 0
    ? { ...PAYLOAD, from: length - 1, says, rule }
    : { ...HEAD, from: 1, says, rule };
}

/**
 * @param {CheckedFrame} frame
 * @returns {Finding | undefined}
 */
function inCloseBody({ payload, length }) {
  if (length === 1) {
    return { ...PAYLOAD, says: "a close code takes two bytes", rule: "RFC 6455 §5.5.1" };
  }
  const [high, low] = payload;
  if (high === undefined || low === undefined) return undefined;
  const code = high * 256 + low;
  if (!maySend(code)) {
    const says = `a close frame must not carry ${code} (${closeCodeName(code)})`;
    return { ...PAYLOAD, count: 2, says, rule: "RFC 6455 §7.4" };
  }
  const utf8 = new Utf8Check();
  const wrong = utf8.push(payload.subarray(2));
  const rule = "RFC 6455 §5.5.1";
  if (wrong >= 0) {
    const says = `${hexAt(payload, wrong + 2)} cannot stand here in UTF-8, in the reason`;
    return { ...PAYLOAD, from: wrong + 2, says, rule };
  }
  if (utf8.whole || payload.length !== length) return undefined;
  return { ...PAYLOAD, from: length - 1, says: "the reason ends within a character", rule };
}

/**
 * @param {Uint8Array} bytes
 * @param {number} index
 */
function hexAt(bytes, index) {
  return `0x${toHex(bytes.subarray(index, index + 1))}`;
}
