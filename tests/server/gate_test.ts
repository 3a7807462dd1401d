/** The gate on its own: contexts in, decisions out. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import type { CloseEvent, PeerAddress } from "../../lib/connection/transport.ts";
import type { UpgradeContext, UpgradeDecision } from "../../lib/engine/host.ts";
import { requestHeadFrom } from "../../lib/protocol/handshake/head.ts";
import { AdmissionControl } from "../../lib/server/admission.ts";
import type { Endpoint, UpgradeRequest } from "../../lib/server/endpoint.ts";
import type { Gate } from "../../lib/server/gate.ts";
import { createGate } from "../../lib/server/options.ts";
import { SAMPLE_KEY } from "../support/raw_head.ts";

const ADDRESS: PeerAddress = { transport: "tcp", hostname: "192.0.2.1", port: 1234 };

interface Setup {
  readonly gate: Gate;
  readonly errors: unknown[];
}

function setUp(websocket: Endpoint | undefined, onError?: (error: unknown) => void): Setup {
  const errors: unknown[] = [];
  const gate = createGate({
    ...(websocket === undefined ? {} : { websocket }),
    onError: onError ?? ((error) => errors.push(error)),
  }, { admission: new AdmissionControl({ maxConnections: 2, perIp: 1 }), fetch: undefined });
  return { gate, errors };
}

/** A request with more fields, that offers subprotocols. */
function context(
  fields: Record<string, string> = {},
  subprotocols: readonly string[] = [],
): UpgradeContext {
  const url = new URL("http://a.example/room/7?q=1");
  const head = requestHeadFrom(
    "GET",
    "/room/7?q=1",
    Object.entries({ host: "a.example", ...fields }),
  );
  return {
    head,
    offer: { kind: "offer", key: SAMPLE_KEY, subprotocols, extensions: [] },
    url,
    remoteAddress: ADDRESS,
    secure: false,
    signal: new AbortController().signal,
  };
}

/** What a refusal says, or that it is none. */
function brief(decision: UpgradeDecision): [status: number, message: string] {
  return decision.kind === "accepted" ? [101, ""] : [decision.status, decision.message];
}

Deno.test("gate: what nobody serves is 404, what is not allowed is 403", async () => {
  assertEquals(brief(await setUp(undefined).gate.decide(context())), [
    404,
    "There is no WebSocket at this path.\n",
  ]);
  const { gate } = setUp({});
  assertEquals(brief(await gate.decide(context({ origin: "http://evil.example" }))), [
    403,
    "WebSocket connections from this origin are not allowed.\n",
  ]);
  assertEquals(brief(await gate.decide(context({ origin: "http://a.example" })))[0], 101);
});

Deno.test("gate: the hook sees the request as it is", async () => {
  const seen: UpgradeRequest[] = [];
  const { gate } = setUp({ upgrade: (request) => void seen.push(request) });
  const asked = context({ "x-multi": "a", "cookie": "é=1" }, ["v1"]);
  await gate.decide(asked);
  const [{ request, subprotocols, params, remoteAddress, secure, signal }] = seen as [
    UpgradeRequest,
  ];
  assertEquals([request.method, request.url, request.body], ["GET", asked.url.href, null]);
  assertEquals(Object.fromEntries(request.headers), {
    host: "a.example",
    "x-multi": "a",
    cookie: "é=1",
  });
  assertEquals([subprotocols, params, remoteAddress, secure], [["v1"], {}, ADDRESS, false]);
  assertStrictEquals(signal, asked.signal);
});

Deno.test("gate: the hook's answer decides the subprotocol, the fields and the data", async () => {
  const data = { user: 7 };
  const { gate } = setUp({
    subprotocols: ["v1", "v2"],
    upgrade: () => ({
      subprotocol: "v3",
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
      data,
    }),
  });
  const decision = await gate.decide(context({}, ["v3", "v2"]));
  assert(decision.kind === "accepted");
  assertEquals([decision.subprotocol, decision.headers, decision.data], [
    "v3",
    [["set-cookie", "a=1"], ["set-cookie", "b=2"]],
    data,
  ]);
});

Deno.test("gate: a hook without an answer leaves the choice to the endpoint", async () => {
  for (const upgrade of [undefined, () => {}, () => ({}), () => Promise.resolve(undefined)]) {
    const { gate } = setUp({
      subprotocols: ["v1", "v2"],
      ...(upgrade === undefined ? {} : { upgrade }),
    });
    const decision = await gate.decide(context({}, ["v2", "v3"]));
    assert(decision.kind === "accepted");
    assertEquals(
      [decision.subprotocol, decision.headers, decision.data],
      ["v2", [], undefined],
    );
  }
});

Deno.test("gate: a Response refuses, with what belongs to the message left out", async () => {
  const headers = { "Location": "/login", "Content-Length": "9", "Transfer-Encoding": "x" };
  const { gate, errors } = setUp({
    upgrade: () => new Response("elsewhere", { status: 302, headers }),
  });
  assertEquals(await gate.decide(context()), {
    kind: "refused",
    status: 302,
    headers: [["content-type", "text/plain;charset=UTF-8"], ["location", "/login"]],
    message: "elsewhere",
  });
  assertEquals(errors, []);
});

Deno.test("gate: the mistakes of a hook are 500 and told, each with a reason", async () => {
  const rows: [answer: unknown, message: string][] = [
    [new Response(null, { status: 204 }), "returned a Response with status 204"],
    [Response.error(), "returned a Response with status 0"],
    [{ subprotocol: "v9" }, 'chose the subprotocol "v9", which the client did not offer'],
    [{ headers: { "X-A": "1\r\nX-B: 2" } }, ""],
    [false, "returned false: it must be a Response, an answer, or nothing"],
    [null, "returned null"],
    ["no", "returned no"],
  ];
  const hooks = rows.map(([answer, message]) => [() => answer as undefined, message] as const);
  const rejecting = () => Promise.reject(new Error("rejected"));
  for (const [upgrade, message] of [...hooks, [rejecting, "rejected"] as const]) {
    const { gate, errors } = setUp({ upgrade });
    assertEquals(brief(await gate.decide(context())), [500, "Internal Server Error\n"]);
    assert(errors.length === 1 && errors[0] instanceof Error);
    assert(errors[0].message.includes(message), errors[0].message);
  }
});

Deno.test("gate: an onError that throws or rejects is written to the console", async () => {
  const complaints: string[] = [];
  const { error } = console;
  console.error = (...words) => complaints.push(words.join(" "));
  try {
    const throwing = () => {
      throw new Error("second");
    };
    const rejecting = () => Promise.reject(new Error("second"));
    for (const onError of [throwing, rejecting]) {
      const { gate } = setUp({ upgrade: () => Promise.reject(new Error("first")) }, onError);
      assertEquals(brief(await gate.decide(context()))[0], 500);
    }
    assertEquals(complaints.length, 2);
    for (const complaint of complaints) {
      assertEquals(
        complaint,
        "The onError of a WebSocket server failed: Error: second on Error: first",
      );
    }
  } finally {
    console.error = error;
  }
});

Deno.test("gate: places are counted by address, and not for unix sockets", () => {
  const { gate } = setUp({});
  assertEquals(gate.admit(ADDRESS).kind, "admitted");
  assertEquals(gate.admit({ ...ADDRESS, port: 2 }), {
    kind: "refused",
    status: 429,
    message: "There are too many connections from this address. Close one, or try again later.",
    headers: [["retry-after", "10"]],
  });
  const unix = gate.admit({ transport: "unix", hostname: "", port: 0 });
  assert(unix.kind === "admitted");
  const refused = gate.admit({ transport: "unix", hostname: "", port: 0 });
  assert(refused.kind === "refused");
  assertEquals(refused.status, 503);
  unix.release();
  assertEquals(gate.admit({ transport: "unix", hostname: "", port: 0 }).kind, "admitted");
});

Deno.test("gate: while it drains all are refused, those too who were asked about before", async () => {
  const answer = Promise.withResolvers<undefined>();
  const { gate } = setUp({ upgrade: () => answer.promise });
  const before = gate.decide(context());
  gate.drain();
  answer.resolve(undefined);
  for (const decision of [await before, await gate.decide(context())]) {
    assertEquals(brief(decision), [503, "The server is shutting down.\n"]);
  }
});

Deno.test("gate: a connection is kept until it has ended; one that opens too late gets 1001", async () => {
  const { gate } = setUp({});
  const ended = Promise.withResolvers<CloseEvent>();
  const closes: number[] = [];
  const connection = {
    closed: ended.promise,
    close: (code: number) => void closes.push(code),
  } as unknown as Connection;
  gate.onOpen(connection);
  assertEquals([[...gate.connections], closes], [[connection], []]);
  ended.resolve({ code: 1000, reason: "", wasClean: true });
  await ended.promise;
  assertEquals(gate.connections.size, 0);
  gate.drain();
  gate.onOpen(connection);
  assertEquals(closes, [1001]);
});
