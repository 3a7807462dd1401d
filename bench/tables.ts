/**
 * Numbers and tables of a report, as Markdown.
 *
 * @module
 */

/** The middle value, or the mean of both middle values; `undefined` without any value. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/** Three digits: more than a busy machine repeats. */
export function number(value: number | undefined): string {
  return (value ?? NaN).toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** From the lowest to the highest value. */
export function range(values: readonly number[]): string {
  return `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
}

/** A text with a ratio in brackets, where there is one. */
export function withRatio(text: string, times: number | undefined): string {
  return times === undefined ? text : `${text} (${times.toFixed(2)})`;
}

/** A table; short rows are filled up. All columns but the first hold numbers. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, column) => cells[column] ?? "").join(" | ")} |`;
  const rule = `| --- |${" ---: |".repeat(head.length - 1)}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
