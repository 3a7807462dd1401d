/**
 * npm's ws as a client that a conformance suite tests, run by Node.js.
 *
 *     ws_cases_client.mjs URL JOBS
 *
 * NODE_PATH tells where ws is installed.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { runCases } from "./cases_client.mjs";

const [url, jobs] = process.argv.slice(2);
await runCases(createRequire(import.meta.url)("ws"), { url, agent: "ws", jobs: Number(jobs) });
