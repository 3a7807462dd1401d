/**
 * Testing clients: the runtime's own, by the protocol of Autobahn|Testsuite.
 *
 * @module
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Case } from "../../../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";
import { testClients } from "../../../../autobahn/suite/run/test_clients.ts";
import { echoCase, FINE, measuredCase, rawCase } from "./testees.ts";

interface Suite {
  readonly port: number;
  readonly results: CaseResult[];
  readonly reports: string[];
  readonly abort: AbortController;
  readonly running: Promise<void>;
}

async function withSuite(
  cases: readonly Case[],
  test: (suite: Suite) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const results: CaseResult[] = [];
  const reports: string[] = [];
  const listening = Promise.withResolvers<Deno.NetAddr>();
  const running = testClients({
    hostname: "127.0.0.1",
    port: 0,
    cases,
    signal: abort.signal,
    onListen: listening.resolve,
    onResult: (result) => results.push(result),
    onUpdateReports: async (agent) => {
      await Promise.resolve();
      reports.push(agent);
    },
  });
  const { port, hostname } = await listening.promise;
  assertEquals(hostname, "127.0.0.1");
  try {
    await test({ port, results, reports, abort, running });
  } finally {
    abort.abort();
    await running;
  }
}

/** Visits a path with the runtime's WebSocket, and echoes or not; the last message that came. */
function visit({ port }: Suite, path: string, { echo = false } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    let last = "";
    socket.onmessage = ({ data }) => {
      if (echo) socket.send(data);
      else last = data;
    };
    socket.onerror = () => {};
    socket.onclose = () => resolve(last);
  });
}

Deno.test("test clients: a whole run of a client, as test clients do it", async () => {
  const cases = [
    echoCase("1.1.1"),
    echoCase("20.1", { testees: ["server"] }),
    measuredCase("9.1.1"),
  ];
  await withSuite(cases, async (suite) => {
    assertEquals(await visit(suite, "/getCaseCount"), "2");
    assertEquals(JSON.parse(await visit(suite, "/getCaseInfo?case=2")), {
      id: "9.1.1",
      description: "A case of a test.",
    });
    for (const position of [1, 2]) {
      await visit(suite, `/runCase?case=${position}&agent=deno`, { echo: true });
      const status = await visit(suite, `/getCaseStatus?case=${position}&agent=deno`);
      assertEquals(JSON.parse(status), { behavior: "OK", behaviorClose: "OK" });
    }
    assertEquals(await visit(suite, "/updateReports?agent=deno"), "");
    assertEquals(suite.reports, ["deno"]);
    assertEquals(
      suite.results.map((
        { id, agent, case: position, isServer },
      ) => [id, agent, position, isServer]),
      [["1.1.1", "deno", 1, true], ["9.1.1", "deno", 2, true]],
    );
    assertEquals(suite.results[0]?.droppedByMe, true);
    assertEquals(suite.results[0]?.httpRequest.split(" ")[1], "/runCase?case=1&agent=deno");
  });
});

Deno.test("test clients: many clients at once, each with its own results", async () => {
  await withSuite([echoCase("1.1.1")], async (suite) => {
    const agents = Array.from({ length: 10 }, (_, index) => `agent ${index}`);
    const statuses = await Promise.all(agents.map(async (agent) => {
      const query = `case=1&agent=${encodeURIComponent(agent)}`;
      // The status is asked for before the case has run.
      const status = visit(suite, `/getCaseStatus?${query}`);
      await visit(suite, `/runCase?${query}`, { echo: true });
      return await status;
    }));
    assertEquals(new Set(statuses), new Set(['{"behavior":"OK","behaviorClose":"OK"}']));
    assertEquals(suite.results.map(({ agent }) => agent).sort(), agents);
  });
});

Deno.test("test clients: a raw case has the client's connection, and what it asked for", async () => {
  const raw = rawCase("21.1", async ({ accepted, testee, target, ...stage }) => {
    assertEquals([testee, target.path], ["client", "/runCase?case=1&agent=x"]);
    assertEquals(accepted?.request.start, "GET /runCase?case=1&agent=x HTTP/1.1");
    const names = accepted!.request.fields.map(([name]) => name);
    assertEquals(names.includes("sec-websocket-key"), true);
    await accepted!.stream.write(
      new TextEncoder().encode("HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    );
    assertEquals(await accepted!.stream.read(5000), "end");
    void stage;
    return FINE;
  });
  await withSuite([raw], async (suite) => {
    await visit(suite, "/runCase?case=1&agent=x");
    await visit(suite, "/getCaseStatus?case=1&agent=x");
    const [result] = suite.results;
    assertEquals([result?.behavior, result?.result], ["OK", "Fine."]);
    assertEquals(result?.httpResponse.split("\r\n")[0], "HTTP/1.1 500 No");
  });
});

Deno.test("test clients: the port of a raw case is the one that is listened on", async () => {
  const targets: unknown[] = [];
  const raw = rawCase("21.1", ({ target }) => {
    targets.push(target);
    return Promise.resolve(FINE);
  });
  await withSuite([raw], async (suite) => {
    const path = "/runCase?case=1&agent=x";
    for (const fields of ["Host: example.com", "Host: example.com:1", "X: y"]) {
      await http(suite, `GET ${path} HTTP/1.1\r\n${fields}`);
    }
    const { port } = suite;
    assertEquals(
      targets,
      ["example.com", "example.com:1", "127.0.0.1"].map((host) => ({ path, host, port })),
    );
  });
});

Deno.test("test clients: only a server can be connected to", async () => {
  const raw = rawCase("21.1", async (stage) => {
    await assertRejects(() => stage.connect(), Error, "Only a server can be connected to");
    assertEquals(await stage.stillEchoes(), false);
    return FINE;
  });
  await withSuite([raw], async (suite) => {
    await visit(suite, "/runCase?case=1&agent=x");
    await visit(suite, "/getCaseStatus?case=1&agent=x");
    assertEquals(suite.results[0]?.result, "Fine.");
  });
});

Deno.test("test clients: a client whose handshake is wrong is refused, and its case has failed", async () => {
  await withSuite([echoCase("1.1.1")], async (suite) => {
    const answer = await http(suite, "GET /runCase?case=1&agent=x HTTP/1.1\r\nHost: x");
    assertEquals(answer.split("\r\n")[0], "HTTP/1.1 426 Upgrade Required");
    await visit(suite, "/getCaseStatus?case=1&agent=x");
    const [result] = suite.results;
    assertEquals([result?.behavior, result?.behaviorClose], ["FAILED", "FAILED"]);
    assertStringIncludes(result!.result, "never completed");
  });
});

Deno.test("test clients: anything else has a clear answer", async () => {
  await withSuite([echoCase("1.1.1")], async (suite) => {
    const rows: [request: string, status: string][] = [
      ["GET / HTTP/1.1\r\nHost: x", "404"],
      ["GET /getCaseCount HTTP/1.1\r\nHost: x", "426"],
      ["GET /runCase?case=7&agent=x HTTP/1.1\r\nHost: x", "404"],
      ["nonsense", "400"],
    ];
    for (const [request, status] of rows) {
      assertEquals((await http(suite, request)).split(" ")[1], status, request);
    }
    const endless = await http(suite, `GET / HTTP/1.1\r\nX: ${"y".repeat(70_000)}`);
    assertEquals(endless.split(" ")[1], "431");
  });
});

Deno.test("test clients: a client asks to stop", async () => {
  await withSuite([echoCase("1.1.1")], async (suite) => {
    await visit(suite, "/stopServer");
    await suite.running;
  });
});

Deno.test("test clients: an abort ends cases that run, without results", async () => {
  await withSuite([echoCase("1.1.1", { expected: {} })], async (suite) => {
    const socket = new WebSocket(`ws://127.0.0.1:${suite.port}/runCase?case=1&agent=x`);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.onerror = () => {};
    await new Promise((resolve) => socket.onmessage = resolve);
    suite.abort.abort();
    await suite.running;
    await closed;
    assertEquals(suite.results, []);
  });
});

Deno.test("test clients: an address that is taken is named", async () => {
  await withSuite([], async ({ port }) => {
    const again = testClients({
      hostname: "127.0.0.1",
      port,
      cases: [],
      signal: new AbortController().signal,
      onListen: () => {},
      onResult: () => {},
      onUpdateReports: () => Promise.resolve(),
    });
    await assertRejects(() => again, Error, `Cannot listen on 127.0.0.1:${port}: `);
  });
});

/** Sends a head, and reads all that is answered. */
async function http({ port }: Suite, head: string): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  const reader = conn.readable.pipeThrough(new TextDecoderStream()).getReader();
  let answer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return answer;
    answer += value;
  }
}
