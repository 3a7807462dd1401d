/**
 * How large a head may become.
 *
 * @module
 */

/** Limits on a head; each is an integer from 1 on. */
export interface HeadLimits {
  /**
   * How many bytes the whole head may have, its last empty line included. The interim
   * responses before a response count as part of it.
   * @default 16384
   */
  readonly maxHeadBytes?: number;
  /**
   * How many bytes a line may have, its CR LF not counted.
   * @default 8192
   */
  readonly maxLineBytes?: number;
  /**
   * How many fields a head may have. Those of interim responses count.
   * @default 100
   */
  readonly maxFields?: number;
}

const DEFAULTS: Required<HeadLimits> = {
  maxHeadBytes: 16_384,
  maxLineBytes: 8_192,
  maxFields: 100,
};

/**
 * `limits` with the defaults filled in.
 *
 * @throws {TypeError} where a limit is not a number.
 * @throws {RangeError} where a limit is not an integer from 1 on.
 */
export function resolveHeadLimits(limits: HeadLimits): Required<HeadLimits> {
  const { maxHeadBytes, maxLineBytes, maxFields } = { ...DEFAULTS, ...limits };
  check("maxHeadBytes", maxHeadBytes);
  check("maxLineBytes", maxLineBytes);
  check("maxFields", maxFields);
  return { maxHeadBytes, maxLineBytes, maxFields };
}

/** Throws unless `value` can be the limit `name`. */
function check(name: keyof HeadLimits, value: unknown): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot read a head: ${name} must be a number, got ${typeof value}`);
  }
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`Cannot read a head: ${name} must be an integer from 1 on, got ${value}`);
  }
}
