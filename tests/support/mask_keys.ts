/**
 * Masking keys that a test knows beforehand.
 *
 * @module
 */
import { MaskKeys } from "../../lib/protocol/mask.ts";

/** Keys that are all the four bytes `key`, for example those of RFC 6455 §5.7. */
export function sameKeys(key: readonly [number, number, number, number]): MaskKeys {
  // A key is an integer whose highest byte masks first; keys are drawn as an Int32Array.
  const word = new DataView(Uint8Array.from(key).buffer).getInt32(0);
  return new MaskKeys((bytes) => void new Int32Array(bytes.buffer).fill(word));
}
