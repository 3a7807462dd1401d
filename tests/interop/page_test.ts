/** The page of our server, on every engine, in a browser. */
import { clientPeer, runChecks } from "./harness.ts";
import { PAGE_VISITOR } from "./peers.ts";
import { ENGINES, startServer } from "./under_test.ts";

/** What the page does; `peers/page_visitor.mjs` knows how to see it. */
const USES: readonly string[] = [
  "text",
  "bytes",
  "file",
  "subprotocol",
  "hostile text is shown and does nothing",
  "ticker",
  "close 3001",
  "what is wrong is said in a sentence",
  "a refusal is said in a sentence",
];

/** How it looks, which the engine does not change. */
const LOOKS: readonly string[] = ["nothing is wider than a desk", "nothing is wider than a phone"];

for (const engine of ENGINES) {
  Deno.test(`interop page, ${engine} engine`, async (t) => {
    const { program, url } = await startServer(engine);
    await using server = program;
    const checks = engine === ENGINES[0] ? [...USES, ...LOOKS] : USES;
    await runChecks(t, { client: clientPeer(PAGE_VISITOR), target: { url, checks } });
    await t.step("the server has seen the close code and the reason", async () => {
      await server.line(/connection closed .*code=3001 .*the tide is out/);
    });
  });
}
