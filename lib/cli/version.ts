/**
 * The version of this release, which is written in `deno.json` alone.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** The version, for example `"0.1.0"`. */
export const VERSION: string = config.version;
