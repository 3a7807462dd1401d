/**
 * Masking keys that a test knows beforehand.
 *
 * @module
 */
import { MaskKeys } from "../../lib/protocol/mask.ts";

/** Keys that are all the four bytes `key`, for example those of RFC 6455 §5.7. */
export function sameKeys(key: readonly [number, number, number, number]): MaskKeys {
  return new MaskKeys((bytes) => {
    for (let at = 0; at < bytes.length; at++) bytes[at] = keyByte(key, at);
  });
}

/**
 * The byte of a key drawn as memory. A key is an integer whose highest byte masks first,
 * so the order in memory is that of the machine.
 */
function keyByte(key: readonly number[], at: number): number {
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  return key[littleEndian ? 3 - at % 4 : at % 4] ?? 0;
}
