/**
 * The server command: `deno task serve --help` tells what it can do.
 *
 * @module
 */
import { runServer } from "./lib/cli/server_command.ts";

if (import.meta.main) Deno.exit(await runServer(Deno.args));
