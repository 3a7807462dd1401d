/**
 * Makes a time line of a wire log: frames in the place of octets, each with the octets that it
 * stands on, and the octets marked that break a rule.
 *
 * @module
 */
// @ts-check

import { fromHex, payloadShown } from "./bytes.js";
import { findOffence } from "./find_offence.js";
import { sortOctets } from "./octet_lines.js";

/** @import { CaseResult, WireLogLine } from "../../model/result.ts" */
/** @import { Direction, Stretch } from "./octet_lines.js" */
/** @import { OctetFrame } from "./octet_stream.js" */
/** @import { Finding } from "./find_offence.js" */

/**
 * @typedef {object} Frame
 * @property {"frame"} kind
 * @property {Direction} direction
 * @property {number} opcode
 * @property {boolean} fin
 * @property {number} rsv
 * @property {boolean} masked
 * @property {string | null} mask
 * @property {number | null} length
 * @property {Uint8Array} head As it stood on the wire, or as it must have.
 * @property {Uint8Array} payload The beginning of it, unmasked.
 * @property {number[]} lines The octets that it stands on.
 * @property {number} at The line of the log where it is told.
 * @property {boolean} afterGap
 * @property {boolean} begins Whether a connection begins with it.
 * @property {boolean} logged Whether the suite took it as a frame, and not only its octets came.
 * @property {Finding} [offence]
 */

/** @typedef {{ kind: "octets", direction: Direction, lines: number[], at: number }} Octets */
/** @typedef {{ kind: "head", direction: Direction, lines: number[], at: number }} Head */
/** @typedef {{ kind: "note", says: string, at: number }} Note */
/** @typedef {Frame | Octets | Head | Note} Item */

/** @typedef {{ frame: OctetFrame, afterGap: boolean, begins: boolean }} Found */
/** @typedef {Extract<WireLogLine, ["TF" | "RF", ...unknown[]]>} FrameLine */

/**
 * @param {CaseResult} result
 * @returns {Item[]} In the order of the log.
 */
export function readWireLog(result) {
  const { heads, stretches } = sortOctets(result);
  const frames = [
    ...matchFrames(result, "sent", stretches),
    ...matchFrames(result, "received", stretches),
  ];
  markOffences(frames, result);
  const used = new Set(frames.flatMap((frame) => frame.lines));
  const items = [...frames, ...remaining(result.wirelog, { heads, used })];
  return items.sort((a, b) => a.at - b.at);
}

/**
 * Brings the frames that the suite logged together with those that its octets show.
 *
 * @param {CaseResult} result
 * @param {Direction} direction
 * @param {readonly Stretch[]} stretches
 */
function matchFrames({ wirelog }, direction, stretches) {
  /** @type {Frame[]} */
  const frames = [];
  const unmatched = stretches.filter((stretch) => stretch.direction === direction)
    .flatMap(({ frames, afterGap }) =>
      frames.map((frame, index) => ({ frame, afterGap, begins: index === 0 && !afterGap }))
    );
  let gap = false;
  for (const [at, entry] of wirelog.entries()) {
    if (entry[0] === "WLM") gap = true;
    if (entry[0] !== (direction === "sent" ? "TF" : "RF")) continue;
    const logged = fromLine(/** @type {FrameLine} */ (entry), { at, afterGap: gap });
    gap = false;
    const index = unmatched.findIndex(({ frame }) => isSame(frame, logged));
    if (index >= 0) {
      const passed = unmatched.splice(0, index + 1);
      const match = /** @type {Found} */ (passed.pop());
      frames.push(...unlogged(passed, direction), join(logged, match));
    } else {
      frames.push(logged);
    }
  }
  frames.push(...unlogged(unmatched, direction));
  return frames;
}

/**
 * @param {OctetFrame} octets
 * @param {Frame} logged
 */
function isSame({ opcode, fin, rsv, lines }, logged) {
  // What is sent is told before its octets, what is received after them.
  const first = lines[0] ?? 0;
  const inOrder = logged.direction === "sent" ? first > logged.at : first < logged.at;
  return inOrder && opcode === logged.opcode && fin === logged.fin && rsv === logged.rsv;
}

/**
 * Frames of which only the octets came: those that the suite refused, or sent octet by octet.
 * After a gap they may be none at all, since octets before are missing.
 *
 * @param {readonly Found[]} found
 * @param {Direction} direction
 * @returns {Frame[]}
 */
function unlogged(found, direction) {
  return found.filter(({ afterGap }) => !afterGap).map(({ frame, begins }) => ({
    ...frame,
    kind: "frame",
    direction,
    at: frame.lines[0] ?? 0,
    afterGap: false,
    begins,
    logged: false,
  }));
}

/**
 * @param {Frame} logged
 * @param {Found} found
 * @returns {Frame}
 */
function join(logged, { frame, begins }) {
  const { head, length, lines } = frame;
  const isWhole = frame.payload.length === length;
  const longer = frame.payload.length < logged.payload.length ? logged.payload : frame.payload;
  const payload = isWhole ? frame.payload : longer;
  return { ...logged, head, length, lines, payload, begins };
}

/**
 * @param {FrameLine} entry
 * @param {{ at: number, afterGap: boolean }} place
 * @returns {Frame}
 */
function fromLine(entry, place) {
  const [, reported, opcode, fin, rsv] = entry;
  const [direction, mask] = entry[0] === "TF"
    ? [/** @type {const} */ ("sent"), entry[5]]
    : [/** @type {const} */ ("received"), entry[6]];
  const masked = entry[0] === "TF" ? mask !== null : entry[5];
  const length = entry[0] === "TF" ? entry[6] ?? reported[0] : reported[0];
  const head = rebuildHead({ opcode, fin, rsv, masked, mask, length });
  const payload = payloadShown(reported);
  const frame = { direction, opcode, fin, rsv, masked, mask, length, head, payload };
  return { kind: "frame", ...frame, ...place, lines: [], begins: false, logged: true };
}

/**
 * The header of a frame whose octets are not in the log, with the length in its shortest form.
 *
 * @param {{ opcode: number, fin: boolean, rsv: number, masked: boolean, mask: string | null,
 *   length: number }} frame
 */
function rebuildHead({ opcode, fin, rsv, masked, mask, length }) {
  const size = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const head = new DataView(new ArrayBuffer(2 + size));
  head.setUint8(0, (fin ? 128 : 0) | rsv << 4 | opcode);
  head.setUint8(1, (masked ? 128 : 0) | (size === 0 ? length : size === 2 ? 126 : 127));
  if (size === 2) head.setUint16(2, length);
  if (size === 8) head.setBigUint64(2, BigInt(length));
  return Uint8Array.from([...new Uint8Array(head.buffer), ...fromHex(mask ?? "")]);
}

/**
 * @param {readonly Frame[]} frames
 * @param {CaseResult} result
 */
function markOffences(frames, { isServer, httpResponse }) {
  const deflate = /^sec-websocket-extensions:.*permessage-deflate/im.test(httpResponse);
  for (const direction of ["sent", "received"]) {
    const own = frames.filter((frame) => frame.direction === direction);
    const fromClient = (direction === "received") === isServer;
    const { frame, ...finding } = findOffence(own, { fromClient, deflate }) ?? {};
    const offender = own[frame ?? -1];
    if (offender) offender.offence = /** @type {Finding} */ (finding);
  }
}

/**
 * What is neither a frame nor belongs to one.
 *
 * @param {readonly WireLogLine[]} wirelog
 * @param {{ heads: ReadonlySet<number>, used: ReadonlySet<number> }} found
 */
function remaining(wirelog, { heads, used }) {
  /** @type {(Octets | Head | Note)[]} */
  const items = [];
  for (const [at, entry] of wirelog.entries()) {
    if (entry[0] === "TF" || entry[0] === "RF" || used.has(at)) continue;
    if (entry[0] !== "TO" && entry[0] !== "RO") {
      items.push({ kind: "note", says: noteOf(entry), at });
      continue;
    }
    const kind = heads.has(at) ? "head" : "octets";
    const direction = entry[0] === "TO" ? "sent" : "received";
    const last = items.at(-1);
    const goesOn = last?.kind === kind && last.direction === direction &&
      last.lines.at(-1) === at - 1;
    if (goesOn) last.lines.push(at);
    else items.push({ kind, direction, lines: [at], at });
  }
  return items;
}

/**
 * @param {Exclude<WireLogLine, ["TO" | "RO" | "TF" | "RF", ...unknown[]]>} entry
 * @returns {string}
 */
function noteOf(entry) {
  switch (entry[0]) {
    case "CT":
      return `Waits for ${entry[1]} s${label(entry[2])}.`;
    case "CTE":
      return `The wait has ended${label(entry[1])}.`;
    case "KL":
      return `Gives the agent up in ${entry[1]} s.`;
    case "KLE":
      return "Gives the agent up.";
    case "TI":
      return `Closes in ${entry[1]} s.`;
    case "TIE":
      return "Closes.";
    case "WLM":
      return entry[1] ? "The log goes on." : "The log pauses: what passes is not kept.";
  }
}

/** @param {string | null} label */
function label(label) {
  return label === null ? "" : `, “${label}”`;
}
