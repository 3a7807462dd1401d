/**
 * The end of a message: what a flush adds and the wire leaves out (RFC 7692 §7.2.1).
 *
 * @module
 */

/** The last four bytes of a flush, an empty stored block without its header. */
export const TAIL: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff);

/** An empty message: the header of an empty stored block (RFC 7692 §7.2.3.6). */
export const EMPTY_MESSAGE: Uint8Array = Uint8Array.of(0);

/** Nothing. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** The most that is inflated at once, in bytes. */
export const MAX_CHUNK = 65_536;

/**
 * How much to inflate at once with a window of 2 to the power of `windowBits`, in bytes.
 *
 * zlib checks distances against the window and what the call at hand has made. Small steps
 * keep a peer to a small window, but for an eighth of it. The largest window is as far as a
 * distance can reach (RFC 1951 §3.2.5), so there is nothing to check.
 */
export function chunkBytes(windowBits: number): number {
  return windowBits >= 15 ? MAX_CHUNK : Math.max(64, 2 ** windowBits / 8);
}
