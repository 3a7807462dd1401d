/**
 * Counts times in buckets whose width grows with the time, so that percentiles of any number of
 * times take a fixed amount of memory and are wrong by less than one per cent.
 *
 * @module
 */

/** Buckets for each doubling. */
const PER_OCTAVE = 128;
/** Below this each microsecond has a bucket of its own. */
const LINEAR = 2 * PER_OCTAVE;
/** The longest time that is told from longer ones, in microseconds: 35 minutes. */
const LONGEST = 2 ** 31 - 1;
const BUCKETS = bucketOf(LONGEST) + 1;

/** Times in milliseconds, counted. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** How many times were recorded. */
  get count(): number {
    return this.#count;
  }

  /** The shortest one; `NaN` when there is none. */
  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  /** The longest one; `NaN` when there is none. */
  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /** Their mean; `NaN` when there is none. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  /** Records a time in milliseconds. */
  record(milliseconds: number): void {
    const time = Math.max(0, milliseconds);
    const microseconds = Math.min(LONGEST, Math.round(time * 1000));
    this.#counts[bucketOf(microseconds)]! += 1;
    this.#count++;
    this.#sum += time;
    if (time < this.#min) this.#min = time;
    if (time > this.#max) this.#max = time;
  }

  /** The time that `percent` of all are not longer than; `NaN` when there is none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil(this.#count * percent / 100));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= wanted) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket) / 1000));
    }
    return NaN;
  }
}

/** The bucket of a time in whole microseconds. */
function bucketOf(microseconds: number): number {
  if (microseconds < LINEAR) return microseconds;
  const shift = 24 - Math.clz32(microseconds);
  return LINEAR + (shift - 1) * PER_OCTAVE + (microseconds >> shift) - PER_OCTAVE;
}

/** The middle of a bucket, in microseconds. */
function middleOf(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const shift = Math.floor((bucket - LINEAR) / PER_OCTAVE) + 1;
  const first = (PER_OCTAVE + (bucket - LINEAR) % PER_OCTAVE) * 2 ** shift;
  return first + (2 ** shift - 1) / 2;
}
