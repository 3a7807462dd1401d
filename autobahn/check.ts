/**
 * Checks a report of Autobahn|Testsuite: `deno task autobahn:check --help` tells how.
 *
 * @module
 */
import { runCheck } from "./checker/check_command.ts";

if (import.meta.main) Deno.exit(runCheck(Deno.args));
