/**
 * Sorts the octets of a wire log: heads of opening handshakes, and frames after them.
 *
 * @module
 */
// @ts-check

import { encodeText, octetsShown } from "./bytes.js";
import { framesIn } from "./octet_stream.js";

/** @import { CaseResult, WireLogLine } from "../../model/result.ts" */
/** @import { OctetFrame, Piece } from "./octet_stream.js" */

/** @typedef {"sent" | "received"} Direction As the suite sees it. */

/** @typedef {Pick<CaseResult, "wirelog" | "httpRequest" | "httpResponse" | "isServer">} Logged */

/**
 * The frames of one direction, from one beginning to the next: that of a connection, or that of
 * the log where it was stopped for a while.
 *
 * @typedef {object} Stretch
 * @property {Direction} direction
 * @property {boolean} afterGap Whether the log was stopped before.
 * @property {OctetFrame[]} frames
 */

/**
 * @typedef {object} SortedOctets
 * @property {ReadonlySet<number>} heads The lines that have a head of HTTP, or a part of one.
 * @property {Stretch[]} stretches
 */

const DIRECTIONS = /** @type {const} */ (["sent", "received"]);
const END_OF_HEAD = "\r\n\r\n";

/**
 * Finds heads and frames in the octets of a result.
 *
 * @param {Logged} result
 * @returns {SortedOctets}
 */
export function sortOctets(result) {
  const { heads, beginnings, parallel } = findBeginnings(result);
  // Nothing tells which of several connections at once an octet belongs to.
  if (parallel) return { heads, stretches: [] };
  const sorter = new Sorter(result);
  for (const [line, entry] of result.wirelog.entries()) {
    if (entry[0] === "WLM" && entry[1]) sorter.resume();
    if (beginnings.has(line)) sorter.begin();
    const octets = octetsOf(entry, line);
    if (octets) sorter.add(...octets);
  }
  return sorter.finish();
}

/**
 * The lines at which heads begin, and those at which another connection does: a case may open
 * several. Each but the first has a request and its answer. What only looks like a request may be
 * an attempt to confuse, and stays where it is.
 *
 * @param {Logged} result
 */
function findBeginnings({ wirelog, isServer }) {
  /** @type {Set<number>} */
  const heads = new Set();
  /** @type {Set<number>} */
  const beginnings = new Set();
  let answers = 0;
  let parallel = false;
  /** @type {number | undefined} */
  let request;
  for (const [line, entry] of wirelog.entries()) {
    const [direction, piece] = octetsOf(entry, line) ?? [];
    if (piece === undefined) continue;
    const text = latin1(piece.shown);
    const isAnswer = (direction === "sent") === isServer;
    if (!(isAnswer ? /^HTTP\/1\./ : /^[A-Z]{3,7} [/*]/).test(text)) continue;
    heads.add(line);
    if (!isAnswer) {
      request = line;
      continue;
    }
    if (answers++ > 0) {
      // Two answers in a row: there was another request before the one that was answered last.
      if (request === undefined) parallel = true;
      else beginnings.add(request);
    }
    request = undefined;
  }
  return { heads, beginnings, parallel };
}

/**
 * @param {WireLogLine} entry
 * @param {number} line
 * @returns {[Direction, Piece] | undefined}
 */
function octetsOf(entry, line) {
  if (entry[0] !== "TO" && entry[0] !== "RO") return undefined;
  const direction = entry[0] === "TO" ? "sent" : "received";
  return [direction, { line, total: entry[1][0], shown: octetsShown(entry[1]) }];
}

/** Follows both directions of a log. */
class Sorter {
  #result;
  /** @type {Set<number>} */
  #heads = new Set();
  /** @type {Stretch[]} */
  #stretches = [];
  #sides = { sent: newSide(), received: newSide() };
  #connections = 0;
  #upgraded = false;
  #afterGap = false;

  /** @param {Logged} result */
  constructor(result) {
    this.#result = result;
  }

  /** Another connection begins. */
  begin() {
    this.finish();
    this.#sides = { sent: newSide(), received: newSide() };
    this.#connections++;
    this.#upgraded = this.#afterGap = false;
  }

  /** The log goes on after a gap. */
  resume() {
    this.finish();
    this.#afterGap = true;
  }

  /**
   * @param {Direction} direction
   * @param {Piece} piece
   */
  add(direction, piece) {
    const side = this.#sides[direction];
    if (side.inHead) this.#addToHead(direction, piece);
    else side.pieces.push(piece);
  }

  /** @returns {SortedOctets} */
  finish() {
    for (const direction of DIRECTIONS) {
      const side = this.#sides[direction];
      const frames = this.#upgraded ? framesIn(side.pieces) : [];
      if (frames.length > 0) this.#stretches.push({ direction, afterGap: this.#afterGap, frames });
      side.pieces = [];
    }
    return { heads: this.#heads, stretches: this.#stretches };
  }

  /**
   * @param {Direction} direction
   * @param {Piece} piece
   */
  #addToHead(direction, piece) {
    const side = this.#sides[direction];
    this.#heads.add(piece.line);
    const before = side.total;
    // Octets that are not shown are kept as such, so that positions stay right.
    side.head += latin1(piece.shown).padEnd(piece.total, "\u{fffd}");
    side.total += piece.total;
    const at = side.head.indexOf(END_OF_HEAD);
    const end = at < 0 ? this.#knownLength(direction) : at + END_OF_HEAD.length;
    if (end === undefined || side.total < end) return;
    side.inHead = false;
    if (/^HTTP\/1\.1 101\b/.test(side.head)) this.#upgraded = true;
    if (side.total === end) return;
    const shown = piece.shown.subarray(end - before);
    side.pieces.push({ line: piece.line, total: side.total - end, shown });
  }

  /**
   * How long a head is of which the end is not shown. Where that is not known, one write has it.
   *
   * @param {Direction} direction
   */
  #knownLength(direction) {
    const { isServer, httpRequest, httpResponse } = this.#result;
    const side = this.#sides[direction];
    const text = (direction === "received") === isServer ? httpRequest : httpResponse;
    if (this.#connections === 0 && text.includes(END_OF_HEAD)) {
      // The text may stand for Latin-1 or UTF-8; a head ends with a write as a rule.
      const utf8 = encodeText(text).length;
      return side.total === utf8 ? utf8 : text.length;
    }
    return side.head.endsWith("\u{fffd}") ? side.total : undefined;
  }
}

/** What is known of one direction of a connection. */
function newSide() {
  return { inHead: true, head: "", total: 0, pieces: /** @type {Piece[]} */ ([]) };
}

/** @param {Uint8Array} bytes */
function latin1(bytes) {
  return String.fromCharCode(...bytes);
}
