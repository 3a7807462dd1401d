/**
 * A grey picture of 512 × 512 pixels as a Windows bitmap: soft shapes with grain, like a photograph.
 * It shrinks by about a fifth.
 *
 * @module
 */
import { Corpus } from "./corpus.ts";
import { SeededRandom } from "./random.ts";

const SIDE = 512;
const GREYS = 256;
const FILE_HEADER_BYTES = 14;
const INFO_HEADER_BYTES = 40;
const PIXELS_AT = FILE_HEADER_BYTES + INFO_HEADER_BYTES + 4 * GREYS;
const BYTES = PIXELS_AT + SIDE * SIDE;
const PIXELS_A_METRE = 2_835;

/** How far apart the points of a shape stand, in pixels, and how many shades they span. */
interface Shape {
  readonly step: number;
  readonly span: number;
}

const SHAPES: readonly Shape[] = [
  { step: 128, span: 150 },
  { step: 32, span: 60 },
  { step: 8, span: 16 },
];
/** How many shades the grain spans. */
const GRAIN = 12;

function writeHeaders(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, BYTES, true);
  view.setUint32(10, PIXELS_AT, true);
  view.setUint32(14, INFO_HEADER_BYTES, true);
  view.setInt32(18, SIDE, true);
  view.setInt32(22, SIDE, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(34, SIDE * SIDE, true);
  view.setUint32(38, PIXELS_A_METRE, true);
  view.setUint32(42, PIXELS_A_METRE, true);
  view.setUint32(46, GREYS, true);
  for (let grey = 0; grey < GREYS; grey++) {
    bytes.set([grey, grey, grey, 0], FILE_HEADER_BYTES + INFO_HEADER_BYTES + 4 * grey);
  }
}

/** Adds shades that change smoothly between random points `step` pixels apart. */
function addShape(picture: Float64Array, random: SeededRandom, { step, span }: Shape): void {
  const across = SIDE / step + 1;
  const points = Float64Array.from({ length: across * across }, () => random.below(span));
  const point = (column: number, row: number) => points[row * across + column] ?? 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const column = Math.floor(x / step);
      const row = Math.floor(y / step);
      const right = (x % step) / step;
      const down = (y % step) / step;
      const above = point(column, row) * (1 - right) + point(column + 1, row) * right;
      const below = point(column, row + 1) * (1 - right) + point(column + 1, row + 1) * right;
      picture[y * SIDE + x] = (picture[y * SIDE + x] ?? 0) + above * (1 - down) + below * down;
    }
  }
}

function build(): Uint8Array {
  const random = new SeededRandom(0x626d_7020);
  const picture = new Float64Array(SIDE * SIDE);
  for (const shape of SHAPES) addShape(picture, random, shape);
  const bytes = new Uint8Array(BYTES);
  writeHeaders(bytes);
  for (let pixel = 0; pixel < picture.length; pixel++) {
    bytes[PIXELS_AT + pixel] = Math.min(255, Math.floor(picture[pixel] ?? 0) + random.below(GRAIN));
  }
  return bytes;
}

/** A grey picture. */
export const BITMAP: Corpus = new Corpus({
  title: "A grey bitmap of 512 × 512 pixels",
  binary: true,
  bytes: BYTES,
  build,
});
