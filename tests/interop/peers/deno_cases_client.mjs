/**
 * The `WebSocket` of Deno as a client that a conformance suite tests.
 *
 *     deno_cases_client.mjs URL JOBS
 */
import { runCases } from "./cases_client.mjs";

const [url, jobs] = Deno.args;
await runCases(WebSocket, { url, agent: "Deno", jobs: Number(jobs) });
