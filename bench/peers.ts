/**
 * The echo servers that are measured, and what each needs before it can be started.
 *
 * @module
 */

import type { Processes } from "./processes.ts";

/** A server in one setting, or the reason why it is not measured. */
export interface Row {
  /** Tells the rows apart. */
  readonly key: string;
  /** What the row is called in the tables. */
  readonly label: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Why it is not measured; the row then says so. */
  readonly missing?: string;
}

/** A server, and its row with default settings. */
export interface Peer extends Row {
  /** The key of the row too. */
  readonly key: PeerName;
}

/** The names that `--only` takes, in the order of the rows. */
export const PEER_NAMES = ["deno", "ws", "bun", "codec", "epoll", "native"] as const;

/** One of {@linkcode PEER_NAMES}. */
export type PeerName = (typeof PEER_NAMES)[number];

/** The row that ratios refer to, unless they say something else. */
export const BASELINE: PeerName = "deno";

const WS = "ws@8.23.0";
const BUN = "bun@1.4.5";

const BENCH = import.meta.dirname ?? "bench";
const CACHE = `${BENCH}/../.cache/bench`;

/** The command that runs a module of this directory with Deno. */
export function denoCommand(permissions: readonly string[], path: string): string[] {
  const flags = ["--quiet", "--no-prompt", "--no-lock", ...permissions];
  return [Deno.execPath(), "run", ...flags, `${BENCH}/${path}`];
}

/** Prepares one server: installs what it needs into `.cache/bench` and asks for its version. */
export async function preparePeer(key: PeerName, processes: Processes): Promise<Peer> {
  const network = ["--allow-net=127.0.0.1"];
  switch (key) {
    case "deno": {
      const command = denoCommand(network, "servers/deno_native.ts");
      return { key, label: `Deno.upgradeWebSocket, Deno ${Deno.version.deno}`, command };
    }
    case "ws":
      return await prepareWs(processes);
    case "bun":
      return await prepareBun(processes);
    case "codec":
    case "epoll":
    case "native": {
      const permissions = key === "epoll" ? [...network, "--allow-ffi"] : network;
      const command = [...denoCommand(permissions, "servers/tidewire.ts"), "--engine", key];
      return { key, label: `Tidewire, ${key} engine`, command };
    }
  }
}

async function prepareWs(processes: Processes): Promise<Peer> {
  const command = ["node", `${BENCH}/servers/ws.mjs`];
  const node = await firstLine(processes, ["node", "--version"]);
  const label = `${WS.replace("@", " ")} on Node ${node?.replace("v", "") ?? ""}`.trimEnd();
  const missing = node === undefined
    ? "node is not installed"
    : await install(processes, { specifier: WS, proof: "ws/package.json" });
  return { key: "ws", label, command, ...(missing === undefined ? {} : { missing }) };
}

async function prepareBun(processes: Processes): Promise<Peer> {
  const program = `${CACHE}/node_modules/.bin/bun`;
  const command = [program, `${BENCH}/servers/bun.ts`];
  const failure = await install(processes, { specifier: BUN, proof: ".bin/bun" });
  const version = failure === undefined
    ? await firstLine(processes, [program, "--version"])
    : undefined;
  if (version !== undefined) return { key: "bun", label: `Bun ${version}`, command };
  return { key: "bun", label: "Bun", command, missing: failure ?? "bun does not start" };
}

/** Installs an npm package unless it is there; answers why it failed. */
async function install(
  processes: Processes,
  { specifier, proof }: { specifier: string; proof: string },
): Promise<string | undefined> {
  // The version is part of the directory's record, so that a new one is installed when it changes.
  const record = `${CACHE}/package.json`;
  const [name, version] = specifier.split("@");
  if (await exists(`${CACHE}/node_modules/${proof}`)) {
    const { dependencies } = JSON.parse(await Deno.readTextFile(record));
    if (dependencies?.[name ?? ""] === version) return undefined;
  }
  console.error(`installing ${specifier} into .cache/bench`);
  const flags = ["--no-audit", "--no-fund", "--save-exact", "--loglevel=error"];
  try {
    const npm = ["npm", "install", "--prefix", CACHE, ...flags, specifier];
    const { code, stderr } = await processes.run(npm);
    if (code === 0) return undefined;
    return `npm install ${specifier} failed: ${stderr.trim().split("\n")[0] ?? ""}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "npm is not installed";
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The first line that a command prints, or `undefined` when it cannot be run. */
async function firstLine(
  processes: Processes,
  command: readonly string[],
): Promise<string | undefined> {
  try {
    const { code, stdout } = await processes.run(command);
    return code === 0 ? stdout.split("\n")[0] : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
