/**
 * SHA-1 (FIPS 180-4 §6.1), for `Sec-WebSocket-Accept` and nothing else: there it tells a
 * WebSocket server from one that echoes what it does not understand, and keeps no secret
 * (RFC 6455 §10.8). Written out because WebCrypto answers with a promise and the core
 * never awaits.
 *
 * @module
 */

const BLOCK = 64;

/** The 20-byte SHA-1 digest of `message`. */
export function sha1(message: Uint8Array): Uint8Array {
  const blocks = pad(message);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const schedule = new Uint32Array(80);
  for (let offset = 0; offset < blocks.byteLength; offset += BLOCK) {
    expand(schedule, blocks, offset);
    compress(state, schedule);
  }
  const digest = new DataView(new ArrayBuffer(20));
  state.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

/** The message, a 1 bit, zeros, and the length in bits as 64 bits, in whole blocks (§5.1.1). */
function pad(message: Uint8Array): DataView {
  const { length } = message;
  const padded = new Uint8Array(Math.ceil((length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 0x2000_0000));
  view.setUint32(padded.length - 4, length << 3);
  return view;
}

/** Fills the message schedule of the block at `offset` (§6.1.2, step 1). */
function expand(schedule: Uint32Array, blocks: DataView, offset: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = blocks.getUint32(offset + 4 * t);
  for (let t = 16; t < 80; t++) {
    schedule[t] = rotateLeft(
      schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!,
      1,
    );
  }
}

/** Works one block's schedule into the state (§6.1.2, steps 2 to 4). */
function compress(state: Uint32Array, schedule: Uint32Array): void {
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!;
  for (let t = 0; t < 80; t++) {
    const next = rotateLeft(a, 5) + mix(t, b, c, d) + e + schedule[t]! | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

/** The function and the constant of round `t`, added (§4.1.1 and §4.2.1). */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c ^ ~b & d) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return (b & c ^ b & d ^ c & d) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/** `word`, 32 bits, turned left by `count`. */
function rotateLeft(word: number, count: number): number {
  return word << count | word >>> 32 - count;
}
