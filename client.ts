/**
 * The client command: `deno task client --help` tells what it can do.
 *
 * @module
 */
import { runClient } from "./lib/cli/client_command.ts";

if (import.meta.main) Deno.exit(await runClient(Deno.args));
