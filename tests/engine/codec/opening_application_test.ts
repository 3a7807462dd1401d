/**
 * What an application says during the opening on the codec engine, over real sockets: its
 * refusals, its mistakes, and its silence.
 */
import { assertEquals } from "@std/assert";
import type { Endpoint } from "../../../lib/server/endpoint.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { type HeadChanges, upgradeRequest } from "../../support/raw_head.ts";
import { RawPeer } from "../../support/raw_peer.ts";
import { ECHO, ServerRig } from "../../support/server_rig.ts";

/** The status of the answer to a request, and its body. */
async function statusOf(port: number, changes?: HeadChanges): Promise<[number, string]> {
  await using peer = await RawPeer.connect(port);
  await peer.write(upgradeRequest(changes));
  const head = await peer.readHead();
  const status = Number(head.startLine.split(" ")[1]);
  if (status === 101) return [status, ""];
  const { bytes, end } = await peer.readToEnd();
  assertEquals(end, "eof");
  return [status, new TextDecoder().decode(bytes)];
}

Deno.test("opening: an upgrade hook that fails is answered with 500 and told", async () => {
  const failing: Record<string, Endpoint> = {
    "/throws": {
      upgrade: () => {
        throw new Error("thrown");
      },
    },
    "/rejects": { upgrade: () => Promise.reject(new Error("rejected")) },
    "/header": { upgrade: () => ({ headers: { "X-A": "1\r\nX-B: 2" } }) },
    "/reserved": { upgrade: () => ({ headers: { "Sec-WebSocket-Accept": "x" } }) },
    "/protocol": { upgrade: () => ({ subprotocol: "a\r\nb" }) },
    "/status": { upgrade: () => new Response("fine") },
    "/body": {
      upgrade: () =>
        new Response(new ReadableStream({ start: (c) => c.error("x") }), { status: 401 }),
    },
    "/origin": {
      origin: () => {
        throw new Error("no policy");
      },
    },
    // What JavaScript may return where TypeScript would not.
    "/false": { upgrade: (() => false) as unknown as () => undefined },
    "/null": { upgrade: (() => null) as unknown as () => undefined },
  };
  await using rig = new ServerRig({ routes: failing });
  const paths = Object.keys(failing);
  for (const path of paths) {
    const [status, body] = await statusOf(rig.port, { startLine: `GET ${path} HTTP/1.1` });
    assertEquals([status, body.trim()], [500, "Internal Server Error"], path);
  }
  assertEquals(rig.errors.length, paths.length);
  await rig.untilPlaces(0);
  await rig.assertEchoes();
});

Deno.test("opening: a hook refuses with its own status, fields and body", async () => {
  const headers = { "WWW-Authenticate": "Bearer", "Content-Type": "text/css", "Connection": "x" };
  await using rig = new ServerRig({
    endpoint: { upgrade: () => new Response("who?", { status: 401, headers }) },
  });
  await using peer = await RawPeer.connect(rig.port);
  await peer.write(upgradeRequest());
  const { startLine, fields } = await peer.readHead();
  assertEquals(startLine, "HTTP/1.1 401 Unauthorized");
  assertEquals([...fields].map(([name, values]) => [name, ...values]), [
    ["connection", "close"],
    ["content-length", "4"],
    ["content-type", "text/css"],
    ["www-authenticate", "Bearer"],
  ]);
  assertEquals(new TextDecoder().decode((await peer.readToEnd()).bytes), "who?");
});

Deno.test("opening: a hook that hangs is answered with 503 at the deadline, and its result is void", async () => {
  const late = Promise.withResolvers<undefined>();
  const rejected = Promise.withResolvers<undefined>();
  const signals: AbortSignal[] = [];
  using timers = new HeldTimers();
  const asked = Promise.withResolvers<void>();
  const ask = (signal: AbortSignal, result: Promise<undefined>): Promise<undefined> => {
    if (signals.push(signal) === 2) asked.resolve();
    return result;
  };
  await using rig = new ServerRig({
    handshakeTimeout: HELD,
    routes: {
      "/late": { upgrade: ({ signal }) => ask(signal, late.promise) },
      "/rejected": { upgrade: ({ signal }) => ask(signal, rejected.promise) },
    },
  });
  const answers = ["/late", "/rejected"].map((path) =>
    statusOf(rig.port, { startLine: `GET ${path} HTTP/1.1` })
  );
  await asked.promise;
  await rig.assertEchoes();
  assertEquals([signals.map(({ aborted }) => aborted), timers.waiting], [[false, false], 2]);
  timers.expire();
  for (const [status] of await Promise.all(answers)) assertEquals(status, 503);
  await rig.untilPlaces(0);
  assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
  late.resolve(undefined);
  rejected.reject(new Error("too late"));
  await rig.assertEchoes();
  assertEquals([rig.opened.length, rig.errors.map(String)], [2, ["Error: too late"]]);
});

Deno.test("opening: an onError that throws harms nobody", async () => {
  const complaints: unknown[][] = [];
  const { error } = console;
  console.error = (...words) => complaints.push(words);
  try {
    let fails = true;
    await using rig = new ServerRig({
      endpoint: {
        ...ECHO,
        upgrade: () => {
          if (fails) throw new Error("thrown");
        },
      },
      onError: () => {
        throw new Error("thrown again");
      },
    });
    assertEquals((await statusOf(rig.port))[0], 500);
    fails = false;
    await rig.assertEchoes();
    assertEquals(complaints.length, 1);
  } finally {
    console.error = error;
  }
});
