/**
 * The layers of the library, checked on the real module graph; and the checker, checked
 * on graphs that are wrong on purpose.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  importViolations,
  lengthViolation,
  MAX_LINES,
  purityViolations,
} from "./tools/architecture.ts";
import { readImports, ROOT, sourceFiles } from "./tools/module_graph.ts";

/** Every name that `lib/mod.ts` exports, types included, in the order of the alphabet. */
const PUBLIC_NAMES: readonly string[] = [
  "AddressFailure",
  "AttemptInfo",
  "AttemptOptions",
  "BackoffOptions",
  "BasicCredentials",
  "Capabilities",
  "ClientTlsOptions",
  "Clock",
  "CloseCode",
  "CloseEvent",
  "CompressionMemory",
  "CompressionOptions",
  "CompressionQueue",
  "ConnectError",
  "ConnectErrorCode",
  "ConnectErrorOptions",
  "ConnectFunction",
  "ConnectOptions",
  "ConnectPhase",
  "Connection",
  "ConnectionClosedError",
  "ConnectionError",
  "ConnectionErrorCode",
  "ConnectionErrorOptions",
  "ConnectionHandlers",
  "ConnectionInfo",
  "ConnectionOptions",
  "ConnectionParts",
  "ConnectionState",
  "ContextTakeover",
  "CookieStore",
  "DeflateConfig",
  "DeflateOptions",
  "DisconnectCause",
  "EndReason",
  "Endpoint",
  "EngineChoice",
  "EngineName",
  "Environment",
  "FINAL_CLOSE_CODES",
  "FetchHandler",
  "HeadersOption",
  "HeartbeatOptions",
  "IncomingMessage",
  "MessageType",
  "OriginPolicy",
  "PROXY_VARIABLES",
  "PeerAddress",
  "PreparedMessage",
  "ProtocolError",
  "ProtocolErrorCode",
  "ProxyChooser",
  "ProxyOptions",
  "QueueOptions",
  "QueuePolicy",
  "ReconnectingConnection",
  "ReconnectingEnd",
  "ReconnectingError",
  "ReconnectingErrorCode",
  "ReconnectingErrorOptions",
  "ReconnectingHandlers",
  "ReconnectingOptions",
  "ReconnectingState",
  "ReconnectingUrl",
  "RefusalResponse",
  "RequestInfo",
  "ResolvedCompression",
  "ResolvedOptions",
  "SendOptions",
  "SendStreamOptions",
  "Sendable",
  "ServeOptions",
  "Server",
  "ShutdownOptions",
  "SlowConsumerPolicy",
  "StateChange",
  "TlsOptions",
  "Transport",
  "TransportReceiver",
  "UpgradeAnswer",
  "UpgradeHandler",
  "UpgradeOptions",
  "UpgradeRequest",
  "WaitOptions",
  "WebSocket",
  "WebSocketCloseInfo",
  "WebSocketError",
  "WebSocketOpenInfo",
  "WebSocketOptions",
  "WebSocketStream",
  "WebSocketStreamOptions",
  "compressionMemory",
  "compressionQueue",
  "connect",
  "createUpgradeHandler",
  "proxyFor",
  "reconnecting",
  "serve",
];

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

Deno.test("architecture: imports point one way only", async () => {
  const files = sourceFiles(["lib", "server.ts", "client.ts", "autobahn/suite"]);
  assert(files.includes("lib/protocol/errors.ts"), "the sources were not found");
  assertEquals(importViolations(await readImports(files)), []);
});

Deno.test("architecture: the graph that is checked is the real one", async () => {
  const imports = await readImports(["tests/architecture_test.ts"]);
  assertEquals(imports.map(({ from, to }) => `${from} -> ${to}`), [
    "tests/architecture_test.ts -> tests/std/assert.ts",
    "tests/architecture_test.ts -> tests/tools/architecture.ts",
    "tests/architecture_test.ts -> tests/tools/module_graph.ts",
  ]);
});

Deno.test("architecture: the protocol core uses nothing of a runtime", () => {
  const files = sourceFiles(["lib/protocol"]);
  assertEquals(files.flatMap((path) => purityViolations(path, read(path))), []);
});

Deno.test(`architecture: no file in lib/ is longer than ${MAX_LINES} lines`, () => {
  const files = sourceFiles(["lib"]);
  assertEquals(files.flatMap((path) => lengthViolation(path, read(path)) ?? []), []);
});

Deno.test("architecture: lib/mod.ts exports the pinned names and no others", async () => {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "lib/mod.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(output.stderr), "");
  const { nodes } = JSON.parse(new TextDecoder().decode(output.stdout));
  const symbols: { name: string }[] = Object.values<{ symbols: { name: string }[] }>(nodes)
    .flatMap((node) => node.symbols);
  assertEquals(symbols.map(({ name }) => name).sort(), PUBLIC_NAMES);
});

/** Imports that must be refused, each with a part of the reason. */
const WRONG_IMPORTS: readonly (readonly [from: string, to: string, reason: string])[] = [
  ["lib/protocol/a.ts", "lib/connection/b.ts", "it may import nothing outside of itself"],
  ["lib/protocol/deep/a.ts", "lib/mod.ts", "it may import nothing outside of itself"],
  ["lib/protocol/a.ts", "node:buffer", "runs on any JavaScript runtime"],
  ["lib/protocol/a.ts", "npm:commander@15.1.0", "runs on any JavaScript runtime"],
  ["lib/compression/a.ts", "lib/connection/b.ts", "it may import only protocol"],
  ["lib/connection/a.ts", "lib/engine/b.ts", "it may import only protocol, compression"],
  ["lib/connection/a.ts", "node:zlib", "only compression may import node:zlib"],
  ["lib/engine/a.ts", "lib/server/b.ts", "engine must not import lib/server/b.ts"],
  ["lib/server/a.ts", "lib/client/b.ts", "server must not import lib/client/b.ts"],
  ["lib/client/a.ts", "lib/server/b.ts", "client must not import lib/server/b.ts"],
  ["lib/server/a.ts", "lib/cli/b.ts", "server must not import lib/cli/b.ts"],
  ["lib/server/a.ts", "lib/std/http.ts", "server must not import lib/std/http.ts"],
  ["lib/server/a.ts", "npm:commander@15.1.0", "only cli may import npm:commander@15.1.0"],
  ["lib/server/a.ts", "https://example.com/a.ts", "server must not import https://example.com"],
  ["lib/hub/a.ts", "lib/connection/b.ts", "it may import nothing outside of itself"],
  ["lib/mod.ts", "lib/cli/b.ts", "mod must not import lib/cli/b.ts"],
  ["lib/cli/a.ts", "server.ts", "cli must not import server.ts"],
  ["lib/cli/a.ts", "tests/std/assert.ts", "cli must not import tests/std/assert.ts"],
  ["lib/other/a.ts", "lib/protocol/b.ts", "lib/other/a.ts is in no layer"],
  ["lib/stray.ts", "lib/protocol/b.ts", "lib/stray.ts is in no layer"],
  ["autobahn/suite/a.ts", "lib/protocol/mask.ts", "it may import nothing outside of itself"],
];

for (const [from, to, reason] of WRONG_IMPORTS) {
  Deno.test(`architecture: the checker refuses ${from} -> ${to}`, () => {
    const found = importViolations([{ from, to, line: 7 }]);
    assertEquals(found.map((each) => [each.startsWith(`${from}:7: `), each.includes(reason)]), [
      [true, true],
    ]);
  });
}

Deno.test("architecture: the checker lets the allowed direction pass", () => {
  const allowed: readonly (readonly [string, string])[] = [
    ["lib/protocol/a.ts", "lib/protocol/handshake/b.ts"],
    ["lib/compression/a.ts", "node:zlib"],
    ["lib/engine/a.ts", "node:http"],
    ["lib/engine/a.ts", "lib/connection/b.ts"],
    ["lib/server/a.ts", "lib/engine/b.ts"],
    ["lib/cli/a.ts", "lib/std/http.ts"],
    ["lib/cli/a.ts", "npm:commander@15.1.0"],
    ["lib/cli/a.ts", "deno.json"],
    ["server.ts", "lib/cli/a.ts"],
    ["autobahn/suite/a.ts", "autobahn/suite/b.ts"],
    ["tests/a_test.ts", "lib/cli/a.ts"],
  ];
  assertEquals(importViolations(allowed.map(([from, to]) => ({ from, to, line: 1 }))), []);
});

Deno.test("architecture: the checker sees what the protocol core must not use", () => {
  const source = `
export async function f(): Promise<void> {
  await Promise.resolve();
  setTimeout(f, 1);
  const a: Deno.Conn | undefined = undefined;
  for await (const b of []) b;
  return Math.random() > Date.now() ? a : globalThis.crypto;
}
`;
  assertEquals(purityViolations("lib/protocol/planted.ts", source).sort(), [
    "lib/protocol/planted.ts:2: protocol must not use async",
    "lib/protocol/planted.ts:3: protocol must not use await",
    "lib/protocol/planted.ts:4: protocol must not use setTimeout",
    "lib/protocol/planted.ts:5: protocol must not use Deno",
    "lib/protocol/planted.ts:6: protocol must not use for await",
    "lib/protocol/planted.ts:7: protocol must not use Date",
    "lib/protocol/planted.ts:7: protocol must not use Math.random",
    "lib/protocol/planted.ts:7: protocol must not use globalThis",
  ]);
});

Deno.test("architecture: names in comments, strings and properties are no use", () => {
  const source = `
// Deno and setTimeout
export interface Head { Date: string }
export const head = { Date: "Deno", fetch() {} };
export const text = \`await \${head.Date}\`;
`;
  assertEquals(purityViolations("lib/protocol/planted.ts", source), []);
});

Deno.test("architecture: the checker refuses a file of one line too many", () => {
  assertEquals(lengthViolation("lib/a.ts", "x\n".repeat(MAX_LINES)), undefined);
  assertEquals(
    lengthViolation("lib/a.ts", "x\n".repeat(MAX_LINES + 1)),
    `lib/a.ts: ${MAX_LINES + 1} lines, at most ${MAX_LINES} are allowed`,
  );
});
