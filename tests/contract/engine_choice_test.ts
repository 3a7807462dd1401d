/**
 * The contract for choosing an engine: what is asked for decides, the reason is told, and
 * nothing is ignored in silence.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import { serve, type ServeOptions } from "../../lib/server/serve.ts";

const nothing = () => {};

/** Every option of an endpoint that is beyond the native engine, with a right value. */
const BEYOND_NATIVE: Readonly<Endpoint> = {
  maxMessageBytes: 1024,
  maxFrameBytes: 1024,
  maxFragments: 10,
  streaming: true,
  receiveHighWaterMark: 1024,
  sendHighWaterMark: 1024,
  sendLimit: 262_144,
  slowConsumer: "block",
  heartbeat: {},
  messageTimeout: 1000,
  writeTimeout: 1000,
  closeTimeout: 1000,
  idleTimeout: 1000,
  maxLifetime: 1000,
  compression: true,
  drain: nothing,
  ping: nothing,
  pong: nothing,
};

/** Each of them alone, in each place where it may stand. */
const DEMANDS: readonly (readonly [what: string, name: string, options: ServeOptions])[] = [
  ...Object.entries(BEYOND_NATIVE).flatMap(([name, value]) => {
    const endpoint: Endpoint = { [name]: value };
    return [
      [`${name} of the endpoint`, name, { websocket: endpoint }],
      [`${name} of a route`, name, { websocket: {}, routes: { "/a": {}, "/b": endpoint } }],
    ] as const;
  }),
  // A handler for streams goes with the option.
  [
    "stream of the endpoint",
    "streaming, stream",
    { websocket: { streaming: true, stream: nothing } },
  ],
  ["compression of the endpoint, in detail", "compression", { websocket: { compression: {} } }],
  ["handshakeTimeout", "handshakeTimeout", { websocket: {}, handshakeTimeout: 1000 }],
];

for (const [what, name, options] of DEMANDS) {
  Deno.test(`engine choice: native with ${what} is refused by name`, () => {
    assertThrows(
      () => serve({ ...options, port: 0, engine: "native" }),
      TypeError,
      `Cannot serve on the native engine: it cannot honour ${name};`,
    );
  });

  Deno.test(`engine choice: auto with ${what} is codec, and says why`, async () => {
    await using server = serve({ ...options, port: 0 });
    const reason = `${name} ${name.includes(",") ? "need" : "needs"} it`;
    assertEquals([server.engine, server.engineReason], ["codec", reason]);
  });
}

/** What the native engine can do as well. */
const WITHIN_NATIVE: ServeOptions = {
  websocket: {
    subprotocols: ["a"],
    origin: "any",
    compression: false,
    open: nothing,
    message: nothing,
    close: nothing,
    error: nothing,
    upgrade: nothing,
  },
  routes: { "/other": { message: nothing } },
  fetch: () => new Response(),
  maxConnections: 10,
  perIp: 5,
  onError: nothing,
};

Deno.test("engine choice: auto is native when nothing is beyond it", async () => {
  await using server = serve({ ...WITHIN_NATIVE, port: 0 });
  assertEquals(server.engine, "native");
  assertEquals(server.engineReason, "nothing that is asked for is beyond it");
});

Deno.test("engine choice: an engine that is asked for is taken, and that is the reason", async () => {
  for (const engine of ["native", "codec", "epoll"] as const) {
    await using server = serve({ ...WITHIN_NATIVE, port: 0, engine });
    assertEquals([server.engine, server.engineReason], [engine, "asked for"]);
  }
});

Deno.test("engine choice: all demands are named, each once", async () => {
  const routes = { "/a": { idleTimeout: 5, ping: nothing }, "/b": { idleTimeout: 6 } };
  await using server = serve({ port: 0, routes });
  assertEquals(server.engineReason, "idleTimeout, ping need it");
  assertThrows(() => serve({ port: 0, routes, engine: "native" }), TypeError, "idleTimeout, ping;");
});

Deno.test("engine choice: an option that is undefined asks for nothing", async () => {
  const websocket = Object.fromEntries(
    Object.keys(BEYOND_NATIVE).map((name) => [name, undefined]),
  ) as Endpoint;
  await using server = serve({ port: 0, websocket });
  assertEquals(server.engine, "native");
});

Deno.test("engine choice: there is no other engine", () => {
  for (const engine of ["fast", "", 1]) {
    const options = { port: 0, engine } as unknown as ServeOptions;
    assertThrows(
      () => serve(options),
      TypeError,
      'engine must be "auto", "native", "codec" or "epoll"',
    );
  }
});
