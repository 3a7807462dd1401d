/**
 * JSON on several lines. Every token stays as the peer wrote it: parsing and writing it again
 * would change numbers that a double cannot hold, and drop members that are given twice.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";

/** Deeper JSON is shown on one line: its indentation would be longer than itself. */
const MAX_DEPTH = 64;

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * An object or an array in JSON, indented by two spaces and safe for a terminal; `undefined` when
 * `text` is neither, or too deep.
 */
export function prettyJson(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text) || !isJson(text)) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let before = "";
  const newLine = () => parts.push(`\n${"  ".repeat(depth)}`);
  for (const [token] of text.matchAll(TOKEN)) {
    const opened = before === "{" || before === "[";
    if (token === "}" || token === "]") {
      depth--;
      if (!opened) newLine();
    } else if (opened || before === ",") {
      newLine();
    }
    parts.push(token === ":" ? ": " : printableText(token));
    if (token === "{" || token === "[") depth++;
    if (depth > MAX_DEPTH) return undefined;
    before = token;
  }
  return parts.join("");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
