/** Where the harness finds its peers, and where it keeps what it installs and builds. */
import { fileURLToPath } from "node:url";

const absolute = (relative: string): string =>
  fileURLToPath(new URL(relative, import.meta.url)).replace(/\/$/, "");

/** The root of the repository. */
export const ROOT: string = absolute("../../");

/** The sources of the peers. */
export const PEERS: string = absolute("peers/");

/** What `setup.ts` installs and builds; git ignores it. */
export const CACHE: string = absolute("../../.cache/interop/");

/** The npm packages among it. */
export const NODE_MODULES: string = `${CACHE}/node_modules`;

/** Debian's interpreter, the one that has Debian's `websockets`. */
export const PYTHON = "/usr/bin/python3";

/** Debian's Go libraries. */
export const GOPATH = "/usr/share/gocode";
