/**
 * Header fields as they stand on the wire: in order, with duplicates, in their own case.
 *
 * The platform's `Headers` joins fields of one name, and a handshake must tell two `Host`
 * fields from one.
 *
 * @module
 */
import { asciiLowerCase } from "./grammar.ts";

/** One header field: its name and its value. */
export type HeaderField = readonly [name: string, value: string];

/** A list of header fields. Names are compared without case; what is stored is not changed. */
export class HeaderList implements Iterable<HeaderField> {
  readonly #fields: HeaderField[] = [];
  /** The values by name in lower case. A `Map`, for which `__proto__` is a name like others. */
  readonly #values = new Map<string, string[]>();

  /** Takes the fields of `init`, in their order. */
  constructor(init: Iterable<HeaderField> = []) {
    for (const [name, value] of init) this.append(name, value);
  }

  /** How many fields there are; two of one name count as two. */
  get size(): number {
    return this.#fields.length;
  }

  /** Adds a field at the end. Neither name nor value is checked: who writes a head checks it. */
  append(name: string, value: string): void {
    this.#fields.push([name, value]);
    const key = asciiLowerCase(name);
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  /**
   * The value of the field `name`, or `undefined` where there is none. Several fields of
   * one name are joined with `", "`, which means the same in every field that is a list
   * (RFC 9110 §5.3).
   */
  get(name: string): string | undefined {
    return this.#values.get(asciiLowerCase(name))?.join(", ");
  }

  /** The values of all fields called `name`, in their order; empty where there is none. */
  getAll(name: string): string[] {
    return [...this.#values.get(asciiLowerCase(name)) ?? []];
  }

  /** Whether there is a field called `name`. */
  has(name: string): boolean {
    return this.#values.has(asciiLowerCase(name));
  }

  /** The fields in their order; each is a copy, and all together suit `new Headers`. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of this.#fields) yield [name, value];
  }
}
