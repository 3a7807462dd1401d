/**
 * Text as live feeds send it, the same in every run.
 *
 * @module
 */

const SYMBOLS = ["ACME", "GLBX", "INIT", "SOYL", "UMBR", "WAYN"] as const;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * Makes JSON of `bytes` ASCII characters: as many quotes as fit, and an identifier that takes up
 * the rest.
 *
 * @param number tells the messages apart
 * @throws {RangeError} when there is no room for even the frame of it
 */
export function jsonMessage(number: number, bytes: number): string {
  const random = numbers(number);
  const quotes: unknown[] = [];
  const text = (id: string): string =>
    JSON.stringify({ type: "quotes", sequence: 100_000 + number, quotes, id });
  const least = text("").length;
  if (bytes < least) throw new RangeError(`A message must have at least ${least} bytes`);
  while (text("").length <= bytes) quotes.push(makeQuote(random));
  quotes.pop();
  const rest = bytes - text("").length;
  return text(Array.from({ length: rest }, () => DIGITS[random(DIGITS.length)]).join(""));
}

function makeQuote(random: (below: number) => number): unknown {
  const symbol = SYMBOLS[random(SYMBOLS.length)];
  const price = 100 + random(5000) / 100;
  return { symbol, price, size: 1 + random(900), time: 1_760_000_000_000 + random(60_000) };
}

/** Whole numbers from 0 to below a bound, always in the same order. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
