/**
 * A server's answer to a request for a WebSocket: reading it, and what is wrong with one that
 * opens a WebSocket.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { CaseStream, Head } from "../model/stage.ts";
import { acceptKey } from "../wire/handshake.ts";

/** What came as an answer. */
export type Answer =
  | { readonly kind: "response"; readonly response: ReceivedResponse }
  /** The connection ended before an answer was complete. */
  | { readonly kind: "end" }
  /** No answer was complete in time. */
  | { readonly kind: "silence" }
  /** Something that is no response of HTTP. */
  | { readonly kind: "garbage"; readonly text: string };

/** A response, and what followed its head. */
export interface ReceivedResponse {
  readonly status: number;
  readonly head: Head;
  readonly rest: Uint8Array;
}

/** How long a server may take to answer, in milliseconds. */
export const ANSWER_TIME = 5_000;

/** No head that a server answers with is longer, in bytes. */
const MAX_HEAD = 256 * 1024;

/** Reads the head of the final response; interim ones, such as 100, are skipped. */
export async function readAnswer(
  stream: CaseStream,
  milliseconds: number = ANSWER_TIME,
): Promise<Answer> {
  const deadline = Date.now() + milliseconds;
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    const end = Buffer.from(bytes).indexOf("\r\n\r\n");
    if (end >= 0) {
      const answer = parsedAnswer(bytes.subarray(0, end), bytes.subarray(end + 4));
      if (answer.kind !== "response" || !isInterim(answer.response.status)) return answer;
      bytes = answer.response.rest;
      continue;
    }
    if (bytes.length > MAX_HEAD) return { kind: "garbage", text: shown(bytes) };
    const more = await stream.read(Math.max(1, deadline - Date.now()));
    if (more === "silence") return { kind: "silence" };
    if (more === "end") {
      return bytes.length === 0 ? { kind: "end" } : { kind: "garbage", text: shown(bytes) };
    }
    bytes = Buffer.concat([bytes, more]);
  }
}

/** Whether a response is followed by another one (RFC 9110 §15.2); 101 is final here. */
function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== 101;
}

/** The beginning of bytes as text, for a verdict. */
function shown(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString("latin1"));
}

/** Takes a head apart (RFC 9112 §4). */
function parsedAnswer(head: Uint8Array, rest: Uint8Array): Answer {
  const [start = "", ...lines] = Buffer.from(head).toString("latin1").split("\r\n");
  const status = /^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(start)?.[1];
  const fields = lines.map((line) => /^([^\s:]+):(.*)$/.exec(line));
  if (status === undefined || fields.includes(null)) return { kind: "garbage", text: shown(head) };
  const pairs = fields.map((field): [string, string] => [
    field?.[1]?.toLowerCase() ?? "",
    field?.[2]?.trim() ?? "",
  ]);
  return {
    kind: "response",
    response: { status: Number(status), head: { start, fields: pairs }, rest },
  };
}

/** All values of a field, one for each time that it stands in the head. */
export function fieldValues(head: Head, name: string): string[] {
  return head.fields.filter(([key]) => key === name).map(([, value]) => value);
}

/** The elements of a field that is a list, empty ones left out (RFC 9110 §5.6.1). */
export function listElements(head: Head, name: string): string[] {
  return fieldValues(head, name).join(",").split(",").map((item) => item.trim()).filter(Boolean);
}

/** What the request asked for, as far as the answer depends on it. */
export interface Asked {
  readonly key: string;
  /** @default none */
  readonly subprotocols?: readonly string[];
  /** Names of extensions. @default none */
  readonly extensions?: readonly string[];
}

/** What is wrong with a response that opens a WebSocket (RFC 6455 §4.2.2); empty when it is right. */
export function openingFaults(head: Head, asked: Asked): string[] {
  const faults: string[] = [];
  if (!head.start.startsWith("HTTP/1.1 101")) faults.push(`it begins with "${head.start}"`);
  if (fieldValues(head, "upgrade").join().toLowerCase() !== "websocket") {
    faults.push("its Upgrade field is not websocket");
  }
  if (!listElements(head, "connection").some((token) => token.toLowerCase() === "upgrade")) {
    faults.push("its Connection field does not name Upgrade");
  }
  const accept = fieldValues(head, "sec-websocket-accept");
  if (accept.length !== 1 || accept[0] !== acceptKey(asked.key)) {
    faults.push(`its Sec-WebSocket-Accept is ${accept.join(" and ") || "missing"}`);
  }
  return [...faults, ...choiceFaults(head, asked)];
}

/** What is wrong with the choice of a subprotocol and of extensions. */
function choiceFaults(head: Head, asked: Asked): string[] {
  const faults: string[] = [];
  const subprotocols = fieldValues(head, "sec-websocket-protocol");
  if (subprotocols.length > 1) faults.push("it has two Sec-WebSocket-Protocol fields");
  for (const subprotocol of subprotocols) {
    if (!asked.subprotocols?.includes(subprotocol)) {
      faults.push(`it chooses the subprotocol "${subprotocol}", which was not offered`);
    }
  }
  for (const element of listElements(head, "sec-websocket-extensions")) {
    const name = element.split(";")[0]?.trim() ?? "";
    if (!asked.extensions?.includes(name)) {
      faults.push(`it accepts the extension "${name}", which was not offered`);
    }
  }
  return faults;
}
