/**
 * The steps of opening a connection, as `--verbose` tells them.
 *
 * @module
 */
import { errorText } from "../../client/connect_error.ts";
import type { ConnectPhase } from "../../client/phases.ts";
import type { PeerAddress } from "../../connection/transport.ts";
import type { ClientEvent } from "./events.ts";

/** Fields whose values are passwords or as good as these. */
const SECRET_FIELD = /^((?:proxy-)?authorization:[ \t]*(?:\S+[ \t]+)?).*$/i;

/** What to tell of a step. */
export function stepOf(phase: ConnectPhase): Extract<ClientEvent, { type: "step" }> {
  const [name, lines = []] = describe(phase);
  return { type: "step", name, elapsed: phase.time, lines };
}

function describe(phase: ConnectPhase): [name: string, lines?: string[]] {
  switch (phase.phase) {
    case "resolve":
      return [`${phase.host} is ${phase.addresses.join(", ")}`];
    case "connect": {
      const failures = phase.failures.map(({ address, error }) =>
        `* ${address}: ${errorText(error)}`
      );
      return [`reached the ${phase.to} at ${addressOf(phase.address)}`, failures];
    }
    case "proxy-request":
      return ["asked the proxy for a tunnel", headLines(">", phase.head)];
    case "proxy-response":
      return [`the proxy answered ${phase.status}`, headLines("<", phase.head)];
    case "tls": {
      const trust = phase.verified ? "certificate verified" : "CERTIFICATE NOT VERIFIED";
      const alpn = phase.alpn === null ? "" : `, ${phase.alpn}`;
      return [`TLS with the ${phase.to} as ${phase.serverName}: ${trust}${alpn}`];
    }
    case "request":
      return [`asked ${phase.url} for a WebSocket`, headLines(">", phase.head)];
    case "response":
      return [`the server answered ${phase.status}`, headLines("<", phase.head)];
    case "redirect":
      return [`redirected to ${phase.to}${phase.crossOrigin ? ", without credentials" : ""}`];
    case "open":
      return [`open at ${phase.url}`];
  }
}

/** The lines of a head, each behind the mark of its direction; passwords are left out. */
function headLines(mark: string, head: string): string[] {
  return head.trimEnd().split("\r\n").map((line) =>
    `${mark} ${line.replace(SECRET_FIELD, "$1(hidden)")}`
  );
}

function addressOf({ transport, hostname, port }: PeerAddress): string {
  if (transport === "unix") return `unix socket ${hostname}`;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
