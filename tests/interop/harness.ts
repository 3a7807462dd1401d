/** Runs checks between a client and a server, and shows each as a test step. */
import { ECHO_CHECKS, SERVED_CHECKS } from "./checks.ts";
import type { ClientPeer, ServerPeer } from "./peers.ts";
import { type Command, Program } from "./program.ts";
import type { Row } from "./peers/exerciser.mjs";

/** What a server can be asked. */
export interface Target {
  /** The URL of its echo endpoint. */
  readonly url: string;
  readonly checks: readonly string[];
}

/** A client as a function: runs the checks against the URL, one row for each. */
export type Client = (url: string, checks: readonly string[]) => Promise<Row[]>;

/**
 * What a peer is told of permessage-deflate, in its own terms: `true` for its defaults,
 * `false` for none.
 */
export type PeerCompression = boolean | Readonly<Record<string, unknown>>;

/** Starts an echo server of another implementation. */
export async function startServerPeer(
  peer: ServerPeer,
  compression: PeerCompression = true,
): Promise<{ program: Program } & Target> {
  const program = new Program(compressing(peer.command, compression), ["0"]);
  const [, address] = await program.line(/^listening (\S+)$/);
  return { program, url: `ws://${address}/echo`, checks: [...ECHO_CHECKS, ...SERVED_CHECKS] };
}

/** A client of another implementation. */
export function clientPeer(
  peer: Pick<ClientPeer, "command">,
  compression: PeerCompression = true,
): Client {
  return async (url, checks) => {
    await using program = new Program(compressing(peer.command, compression), [url, ...checks]);
    await program.success();
    return program.lines.map((line) => JSON.parse(line));
  };
}

function compressing(command: Command, compression: PeerCompression): Command {
  return { ...command, env: { ...command.env, INTEROP_COMPRESSION: JSON.stringify(compression) } };
}

/**
 * Runs what the server offers and the client can do, then shows every check as a step:
 * passed, failed with the peer's words, or ignored with the reason in its name.
 */
export async function runChecks(
  t: Deno.TestContext,
  { client, target, cannot = {}, examine }: {
    client: Client;
    target: Target;
    /** @default {} */
    cannot?: ClientPeer["cannot"];
    /** Looks at what came of a check that passed, the so-manieth that was run. */
    examine?: (row: Row, index: number) => void;
  },
): Promise<void> {
  const possible = target.checks.filter((check) => !(check in cannot));
  const rows = await client(target.url, possible);
  for (const check of target.checks) {
    const reason = cannot[check];
    if (reason !== undefined) {
      await t.step({ name: `${check}: cannot, ${reason}`, ignore: true, fn: () => {} });
      continue;
    }
    await t.step(check, () => {
      const row = rows.find((row) => row.check === check);
      if (!row) throw new Error("The client has not reported this check");
      if (row.ok !== true) throw new Error(row.error ?? "The client gives no reason");
      examine?.(row, possible.indexOf(check));
    });
  }
}
