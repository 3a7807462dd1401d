/**
 * The conformance suite: `deno task conformance --help` tells what it can do.
 *
 * @module
 */
import { runConformance } from "./cli/conformance.ts";

if (import.meta.main) Deno.exit(await runConformance(Deno.args));
