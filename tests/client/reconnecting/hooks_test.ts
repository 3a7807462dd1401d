/**
 * What the application is asked before an attempt and after a failure.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import type { DisconnectCause } from "../../../lib/client/reconnecting/cause.ts";
import { ReconnectingError } from "../../../lib/client/reconnecting/errors.ts";
import type { AttemptOptions } from "../../../lib/client/reconnecting/options.ts";
import { settle } from "../../support/fake_clock.ts";
import { breakOff, closeByPeer, refusal, Rig } from "./rig.ts";

Deno.test("hooks: beforeAttempt hears the number of the attempt and what went wrong", async () => {
  const heard: [number, DisconnectCause | undefined][] = [];
  const rig = new Rig({
    beforeAttempt: (attempt, { cause }) => void heard.push([attempt, cause]),
  });
  const error = refusal(503);
  await (await rig.attempt()).fail(error);
  await rig.clock.advance(499);
  await closeByPeer(await rig.open(), 1012);
  await rig.clock.advance(999);
  assertEquals(heard, [
    [1, undefined],
    [2, { kind: "failed", error }],
    [3, { kind: "closed", event: { code: 1012, reason: "", wasClean: true } }],
  ]);
  rig.tested.close();
  await rig.over();
});

Deno.test("hooks: what beforeAttempt gives holds for that attempt, over the options", async () => {
  const answers: (AttemptOptions | undefined)[] = [
    { headers: { authorization: "Bearer 1" }, subprotocols: "b" },
    undefined,
    { url: "ws://b.example/" },
  ];
  const rig = new Rig({
    headers: { authorization: "Bearer 0", origin: "https://a.example" },
    subprotocols: ["a"],
    timeout: 1234,
    beforeAttempt: () => Promise.resolve(answers.shift()),
  });
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const attempt = await rig.attempt();
    const { timeout, subprotocols } = attempt.options;
    seen.push([attempt.url, attempt.headers, subprotocols, timeout]);
    await attempt.fail();
    await rig.clock.advance(30_000);
  }
  const usual = { authorization: "Bearer 0", origin: "https://a.example" };
  assertEquals(seen, [
    ["ws://a.example/", { authorization: "Bearer 1" }, "b", 1234],
    ["ws://a.example/", usual, ["a"], 1234],
    ["ws://b.example/", usual, ["a"], 1234],
  ]);
  rig.tested.close();
  await rig.over();
});

Deno.test("hooks: options for connect alone reach it, ours do not", async () => {
  const rig = new Rig({ maxMessageBytes: 5, data: 7, maxAttempts: 9, queue: { maxBytes: 1 } });
  const { options } = await rig.attempt();
  assertEquals(Object.keys(options).sort(), [
    "data",
    "handlers",
    "heartbeat",
    "maxMessageBytes",
    "signal",
  ]);
  rig.tested.close();
  await rig.over();
});

Deno.test("hooks: header fields that come from an iterator last for every attempt", async () => {
  function* fields(): Generator<[string, string]> {
    yield ["origin", "https://a.example"];
  }
  const rig = new Rig({ headers: fields() });
  for (let i = 0; i < 3; i++) {
    const attempt = await rig.attempt();
    assertEquals(attempt.headers, { origin: "https://a.example" });
    await attempt.fail();
    await rig.clock.advance(30_000);
  }
  rig.tested.close();
  await rig.over();
});

Deno.test("hooks: a function gives the URL of each attempt", async () => {
  let asked = 0;
  const rig = new Rig({ url: () => Promise.resolve(new URL(`ws://a.example/${++asked}`)) });
  for (const path of [1, 2, 3]) {
    const attempt = await rig.attempt();
    assertEquals(attempt.url, `ws://a.example/${path}`);
    await attempt.fail();
    await rig.clock.advance(30_000);
  }
  rig.tested.close();
  await rig.over();
});

for (const hook of ["beforeAttempt", "url"] as const) {
  Deno.test(`hooks: what ${hook} throws makes a failed attempt, whatever it is`, async () => {
    const errors: unknown[] = [new TypeError("fetch failed"), new Error("no token"), "nothing"];
    const thrown = [...errors];
    const throwing = () => {
      if (thrown.length > 0) throw thrown.shift();
    };
    const rig = new Rig(
      hook === "beforeAttempt" ? { beforeAttempt: throwing } : {
        url: () => {
          throwing();
          return "ws://a.example/";
        },
      },
    );
    await rig.clock.advance(499 + 999 + 1999);
    await rig.attempt();
    const waits = rig.changes.filter(({ state }) => state === "waiting");
    const causes = errors.map((error): DisconnectCause => ({ kind: "hook", error }));
    assertEquals(waits.map(({ cause }) => cause), causes);
    assertEquals([rig.tested.attempt, rig.attempts.length], [4, 1]);
    rig.tested.close();
    await rig.over();
  });

  Deno.test(`hooks: ${hook} that never answers makes a failed attempt after the timeout`, async () => {
    const signals: AbortSignal[] = [];
    const silent = Promise.withResolvers<never>().promise;
    const rig = new Rig({
      timeout: 3000,
      ...(hook === "url" ? { url: () => silent } : {
        beforeAttempt: (_, { signal }) => {
          signals.push(signal);
          return silent;
        },
      }),
    });
    await rig.clock.advance(2999);
    assertEquals(rig.tested.state, "connecting");
    await rig.clock.advance(1);
    assertEquals(rig.tested.state, "waiting");
    const cause = rig.changes.at(-1)?.cause;
    assert(cause?.kind === "hook" && cause.error instanceof ConnectError);
    assertEquals([cause.error.code, cause.error.message], [
      "ERR_TIMEOUT",
      "What is asked before an attempt did not answer within 3000 ms",
    ]);
    for (const signal of signals) assertStrictEquals(signal.reason, cause.error);
    rig.tested.close();
    await rig.over();
  });
}

Deno.test("hooks: beforeAttempt that gives false ends it, without an error", async () => {
  const rig = new Rig({ beforeAttempt: (attempt) => attempt < 2 ? undefined : false });
  await breakOff(await rig.open());
  await rig.clock.advance(499);
  const { why, error, cause } = await rig.over();
  assertEquals([why, error, cause?.kind], ["stopped", undefined, "closed"]);
  assertEquals(await rig.tested.receive(), undefined);
  assertEquals(rig.attempts.length, 1);
});

Deno.test("hooks: beforeAttempt that gives something else is a mistake that ends it", async () => {
  for (const wrong of [true, null, "token", 5]) {
    const rig = new Rig({ beforeAttempt: () => wrong as unknown as undefined });
    const { why, error } = await rig.over();
    assertEquals(why, "not-retried");
    assert(error instanceof ReconnectingError && error.cause instanceof TypeError);
    const got = wrong === null ? "null" : typeof wrong;
    assertEquals(
      error.cause.message,
      `beforeAttempt must give options, false or nothing; got ${got}`,
    );
  }
});

Deno.test("hooks: shouldReconnect decides, and hears what would be decided without it", async () => {
  const heard: [string, boolean][] = [];
  const rig = new Rig({
    shouldReconnect: (cause, byDefault) => {
      heard.push([cause.kind, byDefault]);
      return heard.length < 4;
    },
  });
  await (await rig.attempt()).fail(refusal(401));
  await rig.clock.advance(499);
  await (await rig.attempt()).fail(refusal(503));
  await rig.clock.advance(999);
  await closeByPeer(await rig.open(), 1000);
  await rig.clock.advance(1999);
  await closeByPeer(await rig.open(), 1001);
  assertEquals(heard, [["failed", false], ["failed", true], ["closed", false], ["closed", true]]);
  assertEquals((await rig.over()).why, "not-retried");
});

Deno.test("hooks: the limits hold whatever shouldReconnect says", async () => {
  const rig = new Rig({ shouldReconnect: () => true, maxAttempts: 2 });
  for (let i = 0; i < 2; i++) {
    await (await rig.attempt()).fail(refusal(404));
    await rig.clock.advance(30_000);
  }
  assertEquals((await rig.over()).why, "gave-up");
});

Deno.test("hooks: shouldReconnect that throws, or decides nothing, ends it with that error", async () => {
  const throwing = () => {
    throw new Error("undecided");
  };
  const wrong = () => Promise.resolve(true) as unknown as boolean;
  for (const shouldReconnect of [throwing, wrong]) {
    const rig = new Rig({ shouldReconnect });
    await (await rig.attempt()).fail();
    const { why, error, cause } = await rig.over();
    assertEquals([why, cause?.kind], ["not-retried", "failed"]);
    assert(error instanceof ReconnectingError && error.cause instanceof Error);
    assertEquals(
      error.cause.message,
      shouldReconnect === throwing
        ? "undecided"
        : "shouldReconnect must give true or false; got object",
    );
  }
});

Deno.test("hooks: a state listener may close it, and send", async () => {
  const rig: Rig = new Rig({
    onStateChange: ({ state }) => {
      if (state !== "waiting") return;
      rig.tested.send("never");
      rig.tested.close();
    },
  });
  await (await rig.attempt()).fail();
  const { why, unsent } = await rig.over();
  assertEquals([why, unsent], ["closed", 1]);
  await assertRejects(() => rig.tested.until("open"), Error, "the connection is closed");
  await settle();
});
