/**
 * The opening handshake of the server of the planted faults.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Direction } from "./deflate.ts";
import type { Fault } from "./faults.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What was agreed on, and the answer that says so. */
export interface Opening {
  readonly response: string;
  readonly deflate: { readonly incoming: Direction; readonly outgoing: Direction } | undefined;
}

/** Answers a request; `undefined` when it is no opening handshake. */
export function open(head: string, fault: Fault | undefined): Opening | undefined {
  const fields = new Map(
    head.split("\r\n").slice(1).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const key = fields.get("sec-websocket-key") ?? "";
  if (fault !== "no handshake check" && !isOpening(head, fields)) return undefined;
  const accept = createHash("sha1").update(fault === "wrong accept" ? GUID : key + GUID);
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
  ];
  const agreed = agree(fields.get("sec-websocket-extensions") ?? "");
  if (agreed !== undefined) lines.push(`Sec-WebSocket-Extensions: ${agreed.extension}`);
  return { response: `${lines.join("\r\n")}\r\n\r\n`, deflate: agreed };
}

function isOpening(head: string, fields: ReadonlyMap<string, string>): boolean {
  return /^GET \S+ HTTP\/1\.1\r\n/.test(head) &&
    fields.has("host") &&
    fields.get("upgrade")?.toLowerCase() === "websocket" &&
    (fields.get("connection") ?? "").toLowerCase().split(/\s*,\s*/).includes("upgrade") &&
    fields.get("sec-websocket-version") === "13" &&
    /^[A-Za-z0-9+/]{22}==$/.test(fields.get("sec-websocket-key") ?? "");
}

/** Takes the first offer, with all that it asks for. */
function agree(offers: string) {
  const [name, ...parameters] = (offers.split(",")[0] ?? "").split(";").map((part) => part.trim());
  if (name !== "permessage-deflate") return undefined;
  const asked = new Map(parameters.map((parameter) => {
    const [key = "", value = ""] = parameter.split("=");
    return [key, value];
  }));
  const contextTakeover = !asked.has("server_no_context_takeover");
  const windowBits = Number(asked.get("server_max_window_bits") ?? 15);
  const extension = [
    name,
    ...(contextTakeover ? [] : ["server_no_context_takeover"]),
    ...(windowBits === 15 ? [] : [`server_max_window_bits=${windowBits}`]),
  ].join("; ");
  return {
    extension,
    incoming: { windowBits: 15, contextTakeover: true },
    outgoing: { windowBits, contextTakeover },
  };
}
