/**
 * Commands in JSON, one object a line: what `--json-input` reads.
 *
 * @module
 */
import { encodeClose } from "../../protocol/close_codes.ts";
import type { Command } from "./commands.ts";

const EXAMPLE = `{"type":"text","data":"hello"}`;

/** The fields that each type may have beside `type`. */
const FIELDS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["text", ["data", "compress"]],
  ["binary", ["data", "compress"]],
  ["ping", ["data"]],
  ["pong", ["data"]],
  ["close", ["code", "reason"]],
]);

/**
 * Reads one command: an object with a `type` of `text`, `binary`, `ping`, `pong` or `close`. `data`
 * is the text, or bytes in base64; with `compress: false`, a message is not compressed; `code` and
 * `reason` are those of the close frame.
 *
 * @param count Which line this is, for the message of errors.
 * @throws {SyntaxError} when it is none; the message says what is wrong.
 */
export function parseJsonCommand(line: string, count: number): Command {
  const fail = (what: string): never => {
    throw new SyntaxError(`line ${count} is no command, such as ${EXAMPLE}: ${what}`);
  };
  const fields = parseObject(line) ?? fail("it is no JSON object");
  const { type, data } = fields;
  checkFields(fields, fail);
  switch (type) {
    case "text":
      if (typeof data !== "string") return fail(`"data" must be a string`);
      return { kind: "send", data, ...compressOf(fields, fail) };
    case "binary":
      return { kind: "send", data: bytesOf(data, fail), ...compressOf(fields, fail) };
    case "ping":
      return data === undefined ? { kind: "ping" } : { kind: "ping", payload: payload(data, fail) };
    case "pong":
      return { kind: "pong", payload: payload(data ?? "", fail) };
    case "close":
      return closeCommand(fields, fail);
    default:
      return fail(`"type" must be "text", "binary", "ping", "pong" or "close"`);
  }
}

type Fail = (what: string) => never;

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** A field that nobody knows may be a slip in the name of one that matters. */
function checkFields({ type, ...others }: Record<string, unknown>, fail: Fail): void {
  const known = FIELDS.get(type);
  if (known === undefined) return; // the type itself is wrong
  const unknown = Object.keys(others).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = known.map((name) => `"${name}"`).join(" and ");
  fail(`"${type}" has no field ${JSON.stringify(unknown)}; it takes ${names}`);
}

function compressOf({ compress }: Record<string, unknown>, fail: Fail): { compress?: boolean } {
  if (compress === undefined) return {};
  return typeof compress === "boolean" ? { compress } : fail(`"compress" must be true or false`);
}

function bytesOf(data: unknown, fail: Fail): Uint8Array {
  if (typeof data !== "string") return fail(`"data" must be a string in base64`);
  try {
    return Uint8Array.fromBase64(data);
  } catch {
    return fail(`"data" must be base64`);
  }
}

/** The payload of a control frame: 125 bytes at most (RFC 6455 §5.5). */
function payload(data: unknown, fail: Fail): Uint8Array {
  const bytes = bytesOf(data, fail);
  return bytes.length <= 125 ? bytes : fail(`"data" must be 125 bytes at most`);
}

function closeCommand({ code, reason }: Record<string, unknown>, fail: Fail): Command {
  if (code !== undefined && typeof code !== "number") return fail(`"code" must be a number`);
  if (reason !== undefined && typeof reason !== "string") {
    return fail(`"reason" must be a string`);
  }
  try {
    encodeClose(code ?? 1000, reason ?? "");
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  return {
    kind: "close",
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
  };
}
