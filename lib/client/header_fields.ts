/**
 * Header fields in every form in which an application may give them.
 *
 * @module
 */
import { wrongType } from "../connection/numbers.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";

/** Header fields as an option. */
export type HeadersOption = HeadersInit | Iterable<readonly [name: string, value: string]>;

/**
 * The fields as they were given: `new Headers` would trim away line breaks and join cookies.
 * `option` is what they are called in messages.
 *
 * @throws {TypeError} when they are no names and values.
 */
export function headerFields(headers: HeadersOption, option: string): HeaderField[] {
  if (typeof headers !== "object" || headers === null) {
    throw wrongType(option, "an object or a list of names and values", headers);
  }
  const fields: Iterable<unknown> = Symbol.iterator in headers ? headers : Object.entries(headers);
  return Array.from(fields, (field) => {
    const [name, value, ...more] = Array.isArray(field) ? field : [];
    if (more.length > 0 || name === undefined || value === undefined) {
      throw new TypeError(`Cannot open the connection: a header must be a name and a value`);
    }
    if (typeof name !== "string") throw wrongType(`A name in ${option}`, "a string", name);
    if (typeof value !== "string") {
      throw wrongType(`The value of ${JSON.stringify(name)} in ${option}`, "a string", value);
    }
    return [name, value];
  });
}
