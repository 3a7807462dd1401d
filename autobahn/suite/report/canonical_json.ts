/**
 * JSON as Autobahn|Testsuite writes it, so that reports can be compared line by line.
 *
 * @module
 */

const INDENT = "   ";

/**
 * Writes a value as JSON: keys sorted, three spaces of indent, ASCII only. A `Map` is written as
 * an object, which keeps hostile keys such as `__proto__` plain. Keys that are all whole numbers
 * are sorted as numbers, others as strings; `undefined` is left out.
 */
export function canonicalJson(value: unknown): string {
  return write(value, "\n");
}

function write(value: unknown, newline: string): string {
  if (Array.isArray(value)) {
    return enclose("[]", value.map((item) => write(item, newline + INDENT)), newline);
  }
  if (typeof value === "object" && value !== null) {
    const entries = [...(value instanceof Map ? value : Object.entries(value))] as Entry[];
    const members = sorted(entries.filter(([, member]) => member !== undefined))
      .map(([key, member]) => `${scalar(key)}: ${write(member, newline + INDENT)}`);
    return enclose("{}", members, newline);
  }
  return scalar(value);
}

type Entry = [key: string, value: unknown];

function enclose(brackets: string, parts: readonly string[], newline: string): string {
  if (parts.length === 0) return brackets;
  const inner = newline + INDENT;
  return `${brackets[0]}${inner}${parts.join(`,${inner}`)}${newline}${brackets[1]}`;
}

function sorted(entries: Entry[]): Entry[] {
  const numeric = entries.every(([key]) => /^(0|[1-9]\d*)$/.test(key));
  return entries.sort(([a], [b]) => numeric ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0);
}

function scalar(value: unknown): string {
  return JSON.stringify(value ?? null).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
