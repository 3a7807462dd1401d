/**
 * Text of an exact length.
 *
 * @module
 */
import { joinBytes, utf8 } from "../../wire/bytes.ts";
import { filled } from "../bytes.ts";

/**
 * `head`, entries for as long as they fit, `tail`, and spaces up to `bytes` bytes of UTF-8.
 *
 * @param entry The text of the entry with this number, from 0.
 */
export function textOfLength(
  bytes: number,
  parts: { head: string; entry: (number: number) => string; tail: string },
): Uint8Array {
  const tail = utf8(parts.tail);
  const pieces = [utf8(parts.head)];
  let room = bytes - tail.length - (pieces[0]?.length ?? 0);
  for (let number = 0;; number++) {
    const piece = utf8(parts.entry(number));
    if (piece.length > room) break;
    pieces.push(piece);
    room -= piece.length;
  }
  return joinBytes([...pieces, tail, filled(0x20, room)]);
}
