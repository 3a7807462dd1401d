/**
 * The command against our own server over TLS: a few cases of each section have the results that
 * they have over TCP.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { serve } from "../../../../lib/mod.ts";
import { ROOT, run } from "../../processes.ts";
import { fixture } from "../stream_rig.ts";

/** Of section 28 the first is about a testee that meets a full window. */
const CASES = "1.1.1,1.2.8,2.3,2.10,3.2,4.1.3,5.1,5.3,5.15,6.1.2,6.2.3,6.3.1,6.4.2,7.1.1,7.1.5," +
  "7.3.2,7.7.1,7.9.2,7.13.1,9.1.2,9.2.3,9.3.6,9.5.4,9.7.3,10.1.1,12.1.4,12.2.11,13.1.1,13.3.3," +
  "13.7.5,20.1.1,20.1.18,22.1.*,23.1.1,24.1.1,25.1.1,25.8.1,26.1.1,28.1.1,28.1.3";

const PERMISSIONS = ["--allow-net=127.0.0.1,localhost,[::1]", `--allow-read=${ROOT}`];

Deno.test("wss: our server has the results that it has over TCP, with --ca", async () => {
  await using server = serve({
    port: 0,
    engine: "codec",
    tls: { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") },
    websocket: {
      compression: true,
      maxMessageBytes: 64 * 1024 * 1024,
      maxFragments: 100_000,
      message: (connection, data) => connection.send(data),
    },
  });
  const { port } = new URL(server.url);
  const expected = ["codec_server.json", "beyond_codec_server.json"]
    .flatMap((name) => ["--expected", `${ROOT}autobahn/expected/${name}`]);
  const { code, stdout, stderr } = await run("autobahn/suite/main.ts", [
    `wss://localhost:${port}/echo`,
    ...["--ca", `${ROOT}tests/fixtures/ca.pem`, "--no-out", "--cases", CASES],
    ...expected,
  ], { permissions: PERMISSIONS });
  assertEquals(code, 0, stdout + stderr);
});
