/**
 * Running one case: bounds of time, and compression with a testee that has it.
 *
 * @module
 */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Case, DeflateRequest } from "../../../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";
import type { ServerTarget } from "../../../../autobahn/suite/run/raw_stage.ts";
import { runCase } from "../../../../autobahn/suite/run/run_case.ts";
import { connectStream } from "../../../../autobahn/suite/wire/connect.ts";
import { serve } from "../../../../lib/mod.ts";
import { echoCase, FINE, measuredCase, rawCase, readAll, withRawServer } from "./testees.ts";

function target({ hostname, port, host, pathname }: URL): ServerTarget {
  const address = { hostname, port: Number(port), secure: false };
  return { ...address, host, path: pathname, connect: () => connectStream(address) };
}

function run(
  url: URL,
  testCase: Case,
  options: { limit?: number; signal?: AbortSignal } = {},
): Promise<CaseResult | undefined> {
  const signal = new AbortController().signal;
  return runCase(target(url), { testCase, agent: "x", position: 1, signal, ...options });
}

/** A server that opens WebSockets, and says nothing more. */
async function withSilentServer(test: (url: URL) => Promise<void>): Promise<void> {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    websocket: { message: () => {} },
  });
  try {
    await test(new URL(server.url));
  } finally {
    await server.shutdown();
  }
}

Deno.test("run case: each form has a limit of time", async () => {
  await withSilentServer(async (url) => {
    const measured = measuredCase("9.1.1", { measure: () => new Promise(() => {}) });
    const scripted = echoCase("1.1.1", { script: () => {} });
    for (const testCase of [scripted, measured]) {
      const result = await run(url, testCase, { limit: 50 });
      assertEquals(result?.behavior, "FAILED");
      assertEquals(result?.result, "The case did not come to an end within 0.05 seconds.");
      assertEquals(result?.droppedByMe, true);
    }
    const raw = await run(url, rawCase("20.1", () => new Promise(() => {})), { limit: 50 });
    assertEquals(
      raw?.result,
      "The case itself failed: it did not come to an end within 0.05 seconds.",
    );
  });
});

Deno.test("run case: an abort ends a case, whatever it waits for", async () => {
  await withSilentServer(async (url) => {
    const forever = (): Promise<never> => new Promise(() => {});
    const cases = [
      rawCase("20.1", forever),
      rawCase("20.2", async (stage) => {
        await stage.connect();
        return await forever();
      }),
      echoCase("1.1.1", { script: async (peer) => void await peer.wait(1_000_000, "A") }),
    ];
    for (const testCase of cases) {
      const abort = new AbortController();
      const running = run(url, testCase, { signal: abort.signal });
      setTimeout(() => abort.abort(), 20);
      assertEquals(await running, undefined);
    }
    assertEquals(await run(url, echoCase("1.1.1"), { signal: AbortSignal.abort() }), undefined);
  });
});

Deno.test("run case: streams that a raw case leaves behind are ended", async () => {
  const lengths: number[] = [];
  const ended = Promise.withResolvers<void>();
  const serveConn = async (conn: Deno.TcpConn): Promise<void> => {
    lengths.push(await readAll(conn));
    if (lengths.length === 2) ended.resolve();
  };
  await withRawServer(serveConn, async (url) => {
    const raw = rawCase("20.1", async (stage) => {
      await (await stage.connect()).write(new Uint8Array(3));
      await stage.connect();
      return FINE;
    });
    assertEquals((await run(url, raw))?.behavior, "OK");
    await ended.promise;
    assertEquals(lengths.sort(), [0, 3]);
  });
});

const REQUESTS: readonly DeflateRequest[] = [
  { noContextTakeover: false, maxWindowBits: 0 },
  { noContextTakeover: true, maxWindowBits: 0 },
  { noContextTakeover: false, maxWindowBits: 9 },
  { noContextTakeover: true, maxWindowBits: 15 },
];

Deno.test("run case: compressed messages go there and back, whatever was agreed on", async () => {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    websocket: {
      compression: {
        threshold: 0,
        serverContextTakeover: "allow",
        clientContextTakeover: "allow",
      },
      message: (connection, data) => connection.send(data),
    },
  });
  const text = new TextEncoder().encode("never the same twice, always the same words. ".repeat(20));
  try {
    for (const request of REQUESTS) {
      const result = await run(
        new URL(server.url),
        measuredCase("12.1.1", {
          deflate: [request],
          measure: async (peer) => {
            for (let length = 0; length < text.length; length += 90) {
              const payload = text.subarray(0, length);
              peer.sendMessage(payload, { binary: false, fragmentBytes: 50 });
              assertEquals((await peer.nextMessage())?.payload, payload);
            }
            assertEquals(peer.deflate?.incoming, {
              noContextTakeover: request.noContextTakeover,
              windowBits: request.maxWindowBits || 15,
            });
            peer.sendClose(1000);
            return { behavior: "OK", result: "All came back." };
          },
        }),
      );
      assertEquals([result?.result, result?.behaviorClose], ["All came back.", "OK"]);
      const { trafficStats: traffic, reportCompressionRatio } = result!;
      assertEquals(reportCompressionRatio, true);
      assertLess(traffic!.outgoingCompressionRatio!, 0.5);
      assertLess(traffic!.incomingCompressionRatio!, 0.5);
      assertGreater(traffic!.preopenIncomingOctetsWireLevel, 100);
    }
  } finally {
    await server.shutdown();
  }
});
