/**
 * Runs the genuine Autobahn|Testsuite: `deno task autobahn --help` tells how.
 *
 * @module
 */
import { runAutobahn } from "./docker/autobahn_command.ts";

if (import.meta.main) Deno.exit(await runAutobahn(Deno.args));
