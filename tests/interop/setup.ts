/**
 * Installs and builds what the interop tests need: Debian packages (as root, where
 * they are missing), npm packages and the Go programs in `.cache/interop`. Says what
 * it does, and nothing when everything is there.
 */
import { CACHE, GOPATH, NODE_MODULES, PEERS, PYTHON } from "./paths.ts";

/** Debian packages, each with a file that tells whether it is there. */
const DEBIAN: Readonly<Record<string, string>> = {
  "golang-go": "/usr/bin/go",
  "golang-github-gorilla-websocket-dev": `${GOPATH}/src/github.com/gorilla/websocket/conn.go`,
  "python3": PYTHON,
  "python3-websockets": "/usr/lib/python3/dist-packages/websockets/__init__.py",
  "chromium": "/usr/bin/chromium",
};

/** npm packages and their versions. None has dependencies but the runtimes, whose programs are. */
const NPM: Readonly<Record<string, string>> = {
  "ws": "8.23.0",
  "playwright-core": "1.65.1",
  "bun": "1.4.5",
  "node": "24.21.0",
};

/** Those that need their install scripts, which put a program in its place. */
const SCRIPTED: readonly string[] = ["bun", "node"];

class SetupError extends Error {}

async function exitCode(command: string, options: Deno.CommandOptions): Promise<number> {
  try {
    return (await new Deno.Command(command, options).spawn().status).code;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new SetupError(`There is no ${command} here.`);
    throw error;
  }
}

async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const code = await exitCode(command, { args, env, stdin: "null" });
  if (code !== 0) throw new SetupError(`${command} ${args.join(" ")} ended with exit code ${code}`);
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

async function installDebianPackages(): Promise<void> {
  const missing: string[] = [];
  for (const [name, file] of Object.entries(DEBIAN)) {
    if (!await exists(file)) missing.push(name);
  }
  if (missing.length === 0) return;
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  if (Deno.uid() !== 0) {
    throw new SetupError(`Run this as root first: apt-get ${install.join(" ")}`);
  }
  console.log(`Installing from Debian: ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], env);
  await run("apt-get", ["-q", ...install], env);
}

async function installedVersion(name: string): Promise<string | undefined> {
  const manifest = `${NODE_MODULES}/${name}/package.json`;
  if (!await exists(manifest)) return undefined;
  return JSON.parse(await Deno.readTextFile(manifest)).version;
}

async function installNpmPackages(): Promise<void> {
  for (const scripted of [false, true]) {
    const missing: string[] = [];
    for (const [name, version] of Object.entries(NPM)) {
      if (SCRIPTED.includes(name) !== scripted) continue;
      if (await installedVersion(name) !== version) missing.push(`${name}@${version}`);
    }
    if (missing.length === 0) continue;
    console.log(`Installing from npm: ${missing.join(", ")}`);
    const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--save-exact"];
    if (!scripted) flags.push("--ignore-scripts");
    await run("npm", ["install", "--prefix", CACHE, ...flags, ...missing]);
  }
}

/** Builds without modules, from Debian's sources; Go itself knows what is up to date. */
async function buildGorillaPeers(): Promise<void> {
  for (const name of ["echo_server", "client"]) {
    const args = ["build", "-o", `${CACHE}/gorilla/${name}`, `${PEERS}/gorilla/${name}/main.go`];
    await run("go", args, { GO111MODULE: "off", GOPATH });
  }
}

if (import.meta.main) {
  try {
    await Deno.mkdir(`${CACHE}/gorilla`, { recursive: true });
    await installDebianPackages();
    await installNpmPackages();
    await buildGorillaPeers();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`The interop tests cannot be set up. ${error.message}`);
    Deno.exit(1);
  }
}
