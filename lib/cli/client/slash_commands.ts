/**
 * The commands that are typed at the prompt, such as `/ping` or `/close 1000 bye`.
 *
 * @module
 */
import { encodeClose } from "../../protocol/close_codes.ts";
import type { Command } from "./commands.ts";

/** What can be switched at the prompt. */
export type Switch = "timestamps" | "roundTrips" | "pretty";

/** What a line at the prompt means. */
export type PromptCommand =
  | Command
  /** Send a file as a message. */
  | { readonly kind: "file"; readonly path: string; readonly format: "binary" | "text" }
  /** Save the binary message that came last. */
  | { readonly kind: "save"; readonly path: string }
  /** Turn something on or off. */
  | { readonly kind: "switch"; readonly name: Switch }
  /** Tell how the connection stands. */
  | { readonly kind: "info" }
  /** Tell which commands there are. */
  | { readonly kind: "help" }
  /** The line is wrong, and why. */
  | { readonly kind: "wrong"; readonly message: string };

type Parser = (rest: string) => PromptCommand;

interface Entry {
  /** How it is typed. */
  readonly usage: string;
  readonly help: string;
  readonly parse: Parser;
}

const encoder = new TextEncoder();

const COMMANDS: ReadonlyMap<string, Entry> = new Map([
  ["/help", {
    usage: "/help",
    help: "this list",
    parse: () => ({ kind: "help" }),
  }],
  ["/ping", {
    usage: "/ping [text]",
    help: "send a ping, and show how long the pong takes",
    parse: (text) => text === "" ? { kind: "ping" } : withPayload("ping", text),
  }],
  ["/pong", {
    usage: "/pong [text]",
    help: "send a pong that nobody asked for",
    parse: (text) => withPayload("pong", text),
  }],
  ["/close", {
    usage: "/close [code] [reason]",
    help: "close, with 1000 unless told otherwise",
    parse: parseClose,
  }],
  ["/quit", {
    usage: "/quit",
    help: "the same as /close; so are Ctrl-C and Ctrl-D",
    parse: () => ({ kind: "close" }),
  }],
  ["/binary", {
    usage: "/binary FILE",
    help: "send a file as a binary message",
    parse: (path) => withPath("/binary", path, { kind: "file", format: "binary", path }),
  }],
  ["/text", {
    usage: "/text FILE",
    help: "send a file as a text message",
    parse: (path) => withPath("/text", path, { kind: "file", format: "text", path }),
  }],
  ["/hex", {
    usage: "/hex BYTES",
    help: "send bytes, such as 00 ff 10, as a binary message",
    parse: parseHex,
  }],
  ["/save", {
    usage: "/save FILE",
    help: "save the binary message that came last",
    parse: (path) => withPath("/save", path, { kind: "save", path }),
  }],
  ["/pretty", {
    usage: "/pretty",
    help: "indent JSON, or stop that",
    parse: () => ({ kind: "switch", name: "pretty" }),
  }],
  ["/time", {
    usage: "/time",
    help: "show the time of day, or stop that",
    parse: () => ({ kind: "switch", name: "timestamps" }),
  }],
  ["/trips", {
    usage: "/trips",
    help: "show how long answers take, or stop that",
    parse: () => ({ kind: "switch", name: "roundTrips" }),
  }],
  ["/info", {
    usage: "/info",
    help: "how the connection stands",
    parse: () => ({ kind: "info" }),
  }],
]);

/** The lines of `/help`. */
export const PROMPT_HELP: readonly string[] = [
  "Each line is sent as a text message. Lines that begin with a slash are commands:",
  ...Array.from(COMMANDS.values(), ({ usage, help }) => `  ${usage.padEnd(24)}${help}`),
  `  ${"//text".padEnd(24)}send text that begins with a slash`,
];

/** What a line at the prompt means. */
export function parsePromptLine(line: string): PromptCommand {
  if (!line.startsWith("/")) return { kind: "send", data: line };
  if (line.startsWith("//")) return { kind: "send", data: line.slice(1) };
  const [, name = "", rest = ""] = /^(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  const entry = COMMANDS.get(name);
  return entry?.parse(rest) ?? wrong(`there is no ${name}; /help lists what there is`);
}

/** The commands that begin with what was typed, for the Tab key. */
export function completePromptLine(line: string): string[] {
  if (!line.startsWith("/")) return [];
  return Array.from(COMMANDS.keys()).filter((name) => name.startsWith(line));
}

function wrong(message: string): PromptCommand {
  return { kind: "wrong", message };
}

/** RFC 6455 §5.5: 125 bytes at most. */
function withPayload(kind: "ping" | "pong", text: string): PromptCommand {
  const payload = encoder.encode(text);
  return payload.length <= 125
    ? { kind, payload }
    : wrong(`/${kind} takes 125 bytes at most, got ${payload.length}`);
}

function withPath(name: string, path: string, command: PromptCommand): PromptCommand {
  return path === "" ? wrong(`${name} needs the name of a file`) : command;
}

function parseClose(rest: string): PromptCommand {
  if (rest === "") return { kind: "close" };
  const [, digits = "", reason = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (!/^\d+$/.test(digits)) return wrong("/close needs a number first, such as /close 1000 bye");
  const code = Number(digits);
  try {
    encodeClose(code, reason);
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  return { kind: "close", code, reason };
}

function parseHex(rest: string): PromptCommand {
  try {
    return { kind: "send", data: Uint8Array.fromHex(rest.replace(/\s+/g, "")) };
  } catch {
    return wrong("/hex needs pairs of hexadecimal digits, such as /hex 00 ff 10");
  }
}
