/**
 * Testing a server: the runtime's own, and some that do as they please.
 *
 * @module
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Case } from "../../../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";
import { testServer } from "../../../../autobahn/suite/run/test_server.ts";
import {
  echoCase,
  FINE,
  measuredCase,
  rawCase,
  readAll,
  withEchoServer,
  withRawServer,
} from "./testees.ts";

/** Runs cases; the results in the order of the cases. */
async function run(
  url: URL,
  cases: readonly Case[],
  options: { jobs?: number; signal?: AbortSignal; caCerts?: readonly string[] } = {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  await testServer({
    url,
    agent: "a server",
    cases,
    jobs: 2,
    onResult: (result) => results.push(result),
    ...options,
  });
  return results.sort((a, b) => a.case - b.case);
}

const verdicts = (results: readonly CaseResult[]): string[] =>
  results.map(({ id, behavior, behaviorClose }) => `${id} ${behavior} ${behaviorClose}`);

Deno.test("test server: cases of each form have results", async () => {
  await withEchoServer(async (url) => {
    const raw = rawCase("20.1", async (stage) => {
      assertEquals([stage.testee, stage.accepted], ["server", undefined]);
      assertEquals(stage.target.path, "/echo?a=b");
      const { host, port, secure } = stage.target;
      assertEquals([host, port, secure], [url.host, Number(url.port), false]);
      const stream = await stage.connect();
      const request = `GET ${stage.target.path} HTTP/1.1\r\nHost: x\r\n\r\n`;
      await stream.write(new TextEncoder().encode(request), { chopBytes: 10 });
      const answer = await stream.read(5000);
      assertStringIncludes(new TextDecoder().decode(answer as Uint8Array), "404");
      assertEquals(await stage.stillEchoes(), true);
      return FINE;
    });
    const results = await run(url, [echoCase("1.1.1"), measuredCase("9.1.1"), raw]);
    assertEquals(verdicts(results), ["1.1.1 OK OK", "9.1.1 OK OK", "20.1 OK OK"]);

    const [scripted, measured, rawResult] = results;
    assertEquals(scripted?.received, [["message", "hello", false]]);
    assertEquals(scripted?.expected, { OK: [["message", "hello", false]] });
    assertEquals(scripted?.expectedClose, {
      closedByMe: true,
      closeCode: [1000],
      requireClean: true,
    });
    assertEquals(scripted?.txFrameStats, { 1: 1, 8: 1 });
    assertEquals(scripted?.rxFrameStats, { 1: 1, 8: 1 });
    assertEquals(scripted?.wirelog.map(([kind]) => kind).slice(0, 6), [
      "TO",
      "RO",
      "TF",
      "TO",
      "KL",
      "RO",
    ]);
    assertEquals([scripted?.isServer, scripted?.closedByMe, scripted?.wasClean], [
      false,
      true,
      true,
    ]);
    assertEquals([scripted?.localCloseCode, scripted?.remoteCloseCode], [1000, 1000]);
    assertEquals(scripted?.httpRequest.split("\r\n")[0], "GET /echo?a=b HTTP/1.1");
    assertEquals(scripted?.httpResponse.split("\r\n")[0], "HTTP/1.1 101 Switching Protocols");
    assertEquals([measured?.received, measured?.reportTime, measured?.trafficStats], [
      [],
      true,
      null,
    ]);
    assertEquals(rawResult?.httpResponse.split(" ")[1], "404");
    assertEquals(rawResult?.httpRequest.slice(0, 5), "GET /");
    assertEquals([rawResult?.expected, rawResult?.expectedClose], [{}, {}]);
    assertEquals(results.map(({ case: position }) => position), [1, 2, 3]);
  });
});

Deno.test("test server: compression that is not agreed on is not implemented", async () => {
  await withEchoServer(async (url) => {
    const [result] = await run(url, [
      measuredCase("12.1.1", { deflate: [{ noContextTakeover: false, maxWindowBits: 0 }] }),
    ]);
    assertEquals(verdicts([result!]), ["12.1.1 UNIMPLEMENTED OK"]);
    assertStringIncludes(
      result!.httpRequest,
      "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_",
    );
  });
});

Deno.test("test server: cases for clients only are left out, and positions are without them", async () => {
  await withEchoServer(async (url) => {
    const cases = [echoCase("21.1", { testees: ["client"] }), echoCase("1.1.1")];
    assertEquals((await run(url, cases)).map((result) => [result.case, result.id]), [[1, "1.1.1"]]);
  });
});

Deno.test("test server: a case that throws has failed, with its words", async () => {
  await withEchoServer(async (url) => {
    const script = (): never => {
      throw new Error("no such thing");
    };
    const results = await run(url, [
      echoCase("1.1.1", { script }),
      measuredCase("9.1.1", { measure: () => Promise.reject(new Error("no such thing")) }),
      rawCase("20.1", () => Promise.reject(new Error("no such thing"))),
    ]);
    for (const { behavior, result } of results) {
      assertEquals([behavior, result], ["FAILED", "The case itself failed: no such thing."]);
    }
  });
});

Deno.test("test server: a server that refuses, answers nonsense, or ends the connection", async () => {
  const answers: [answer: string, words: string][] = [
    ["HTTP/1.1 503 Busy\r\n\r\n", "the server refused with 503 Busy"],
    ["SSH-2.0\r\n\r\n", "the answer is not HTTP/1.1"],
    ["", "the server ended the connection"],
  ];
  for (const [answer, words] of answers) {
    const serve = async (conn: Deno.TcpConn): Promise<void> => {
      await conn.read(new Uint8Array(1024));
      await conn.write(new TextEncoder().encode(answer));
    };
    await withRawServer(serve, async (url) => {
      const [result] = await run(url, [echoCase("1.1.1")]);
      assertEquals(verdicts([result!]), ["1.1.1 FAILED FAILED"]);
      assertStringIncludes(result!.result, words);
      assertStringIncludes(result!.wasNotCleanReason!, words);
      assertEquals(result!.httpResponse, answer || "?");
    });
  }
});

Deno.test("test server: a server that is not there is named", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const url = new URL(`ws://127.0.0.1:${port}/`);
  const error = await assertRejects(() => run(url, [echoCase("1.1.1")]), Error);
  assertStringIncludes(error.message, `The server at ws://127.0.0.1:${port}/ cannot be reached`);
});

Deno.test("test server: wss, where the certificate is trusted", async () => {
  const read = (name: string): string => Deno.readTextFileSync(`tests/fixtures/${name}`);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: read("localhost.pem"),
    key: read("localhost_key.pem"),
    onListen: () => {},
  }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  try {
    const url = new URL(`wss://localhost:${server.addr.port}/`);
    const raw = rawCase("20.1", async (stage) => {
      assertEquals([stage.target.secure, stage.target.host], [true, url.host]);
      assertEquals(await stage.stillEchoes(), true);
      return FINE;
    });
    const results = await run(url, [echoCase("1.1.1"), raw], { caCerts: [read("ca.pem")] });
    assertEquals(verdicts(results), ["1.1.1 OK OK", "20.1 OK OK"]);
    await assertRejects(() => run(url, [echoCase("1.1.1")]), Error, "cannot be reached");
  } finally {
    await server.shutdown();
  }
});

Deno.test("test server: options that cannot be are refused", async () => {
  const url = new URL("http://127.0.0.1/");
  await assertRejects(() => run(url, []), TypeError, "must begin with ws:// or wss://");
  await assertRejects(
    () => run(new URL("ws://127.0.0.1/"), [], { jobs: 0 }),
    RangeError,
    "jobs must be a whole number from 1 on; got 0",
  );
});

Deno.test("test server: an abort ends cases that run, without results", async () => {
  await withRawServer(async (conn) => void await readAll(conn), async (url) => {
    const abort = new AbortController();
    const started = Promise.withResolvers<void>();
    const cases = [
      rawCase("20.1", async (stage) => {
        const stream = await stage.connect();
        started.resolve();
        await stream.read(100_000);
        return FINE;
      }),
      echoCase("1.1.1"),
      echoCase("1.1.2"),
    ];
    const running = run(url, cases, { signal: abort.signal });
    await started.promise;
    abort.abort();
    assertEquals(await running, []);
  });
});

Deno.test("test server: jobs run side by side, no more than told", async () => {
  await withEchoServer(async (url) => {
    let [running, most] = [0, 0];
    const cases = Array.from({ length: 7 }, (_, index) =>
      rawCase(`20.${index + 1}`, async () => {
        running++;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        return FINE;
      }));
    assertEquals((await run(url, cases, { jobs: 3 })).length, 7);
    assertEquals(most, 3);
  });
});
