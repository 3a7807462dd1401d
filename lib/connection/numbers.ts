/**
 * The check of options that are numbers.
 *
 * @module
 */

/** The longest delay that a timer can hold, in milliseconds. */
const MAX_DELAY = 0x7fff_ffff;

/** Checks a time in milliseconds that a timer must be able to hold. */
export function delay(
  name: string,
  value: number | undefined,
  range: { default: number; from: number },
): number {
  return integer(name, value, { ...range, to: MAX_DELAY });
}

/** Checks a whole number. */
export function integer(
  name: string,
  value: number | undefined,
  range: { default: number; from: number; to: number },
): number {
  if (value === undefined) return range.default;
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!Number.isInteger(value) || value < range.from || value > range.to) {
    throw new RangeError(
      `${name} must be a whole number from ${range.from} to ${range.to}; got ${value}`,
    );
  }
  return value;
}

/** An option of the wrong type. */
export function wrongType(name: string, expected: string, value: unknown): TypeError {
  const got = value === null ? "null" : typeof value;
  return new TypeError(`${name} must be ${expected}; got ${got}`);
}
