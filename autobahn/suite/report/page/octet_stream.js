/**
 * Finds the frames in the octets of one direction, as far as a report shows them
 * (RFC 6455 §5.2).
 *
 * @module
 */
// @ts-check

import { toHex } from "./bytes.js";

/**
 * One read or write.
 *
 * @typedef {object} Piece
 * @property {number} line Where it stands in the wire log.
 * @property {number} total How many octets it has.
 * @property {Uint8Array} shown The first of them.
 */

/**
 * A frame as its octets tell it.
 *
 * @typedef {object} OctetFrame
 * @property {number} opcode
 * @property {boolean} fin
 * @property {number} rsv The three bits as a number; RSV1 is 4.
 * @property {boolean} masked
 * @property {string | null} mask The masking key in hexadecimal.
 * @property {number | null} length What the header declares; null where that did not come.
 * @property {Uint8Array} head The header, masking key included, as far as it came.
 * @property {Uint8Array} payload What is shown of the payload, unmasked.
 * @property {number[]} lines The lines of the wire log that it stands on.
 */

/** Hands out octets in order until one comes that is not shown, or none. */
class Cursor {
  #pieces;
  #index = 0;
  #offset = 0;

  /** @param {readonly Piece[]} pieces */
  constructor(pieces) {
    this.#pieces = pieces.filter((piece) => piece.total > 0);
  }

  /**
   * Takes an octet.
   *
   * @param {Set<number>} lines Takes its line.
   * @returns {number | undefined} Undefined where it is not known.
   */
  next(lines) {
    const piece = this.#pieces[this.#index];
    const octet = piece?.shown[this.#offset];
    if (piece === undefined || octet === undefined) return undefined;
    lines.add(piece.line);
    this.#advance(1);
    return octet;
  }

  /**
   * Goes past `count` octets, known or not, or to the end.
   *
   * @param {number} count
   * @param {Set<number>} lines Takes the lines that are passed.
   */
  skip(count, lines) {
    for (let left = count; left > 0;) {
      const piece = this.#pieces[this.#index];
      if (!piece) return;
      lines.add(piece.line);
      const step = Math.min(left, piece.total - this.#offset);
      this.#advance(step);
      left -= step;
    }
  }

  /** @param {number} step Within the current piece. */
  #advance(step) {
    this.#offset += step;
    if (this.#offset < (this.#pieces[this.#index]?.total ?? 0)) return;
    this.#index++;
    this.#offset = 0;
  }
}

/**
 * Finds the frames in `pieces`, of which the first begins with a frame. It ends where the header
 * of a frame would stand on octets that are not shown.
 *
 * @param {readonly Piece[]} pieces
 * @returns {OctetFrame[]}
 */
export function framesIn(pieces) {
  const cursor = new Cursor(pieces);
  /** @type {OctetFrame[]} */
  const frames = [];
  for (let more = true; more;) {
    const frame = readFrame(cursor);
    if (!frame) break;
    frames.push(frame);
    more = frame.length !== null;
  }
  return frames;
}

/** @param {Cursor} cursor */
function readFrame(cursor) {
  /** @type {Set<number>} */
  const lines = new Set();
  const start = take(cursor, { count: 2, lines });
  const [first, second] = start;
  if (first === undefined || second === undefined) return undefined;
  const extended = take(cursor, { count: [2, 8][(second & 127) - 126] ?? 0, lines });
  const masked = second >= 128;
  const isWhole = (second & 127) < 126 || extended.length === ((second & 127) === 126 ? 2 : 8);
  const key = masked && isWhole ? take(cursor, { count: 4, lines }) : [];
  const hasKey = !masked || key.length === 4;
  const length = isWhole && hasKey ? declaredLength(second & 127, extended) : null;
  return {
    opcode: first & 15,
    fin: first >= 128,
    rsv: first >> 4 & 7,
    masked,
    mask: masked && hasKey ? toHex(Uint8Array.from(key)) : null,
    length,
    head: Uint8Array.from([...start, ...extended, ...key]),
    payload: length === null ? new Uint8Array() : readPayload(cursor, { length, key, lines }),
    lines: [...lines],
  };
}

/**
 * @param {number} short The seven bits of length in the second octet.
 * @param {readonly number[]} extended
 */
function declaredLength(short, extended) {
  return short < 126 ? short : extended.reduce((length, octet) => length * 256 + octet, 0);
}

/**
 * @param {Cursor} cursor
 * @param {{ count: number, lines: Set<number> }} wanted
 */
function take(cursor, { count, lines }) {
  const octets = [];
  while (octets.length < count) {
    const octet = cursor.next(lines);
    if (octet === undefined) break;
    octets.push(octet);
  }
  return octets;
}

/**
 * @param {Cursor} cursor
 * @param {{ length: number, key: readonly number[], lines: Set<number> }} frame
 */
function readPayload(cursor, { length, key, lines }) {
  const octets = take(cursor, { count: length, lines });
  cursor.skip(length - octets.length, lines);
  return Uint8Array.from(octets, (octet, index) => octet ^ (key[index % 4] ?? 0));
}
