import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  ATTEMPT_DELAY,
  interleaveFamilies,
  raceAddresses,
  RaceError,
  type RaceOptions,
} from "../../lib/client/happy_eyeballs.ts";

Deno.test("happy eyeballs: the families take turns, beginning with that of the first address", () => {
  const rows: [given: string[], tried: string[]][] = [
    [[], []],
    [["1.1.1.1"], ["1.1.1.1"]],
    [["::1", "::2", "1.1.1.1", "2.2.2.2"], ["::1", "1.1.1.1", "::2", "2.2.2.2"]],
    [["1.1.1.1", "2.2.2.2", "::1"], ["1.1.1.1", "::1", "2.2.2.2"]],
    [["1.1.1.1", "::1", "::2", "::3"], ["1.1.1.1", "::1", "::2", "::3"]],
    [["::1", "::2", "::3", "1.1.1.1"], ["::1", "1.1.1.1", "::2", "::3"]],
  ];
  for (const [given, tried] of rows) assertEquals(interleaveFamilies(given), tried);
});

/** A stream that a race may win. */
interface Stream {
  readonly address: string;
  closed: boolean;
}

/** Attempts that end when the test says so. */
class Attempts {
  /** The addresses in the order in which they were tried. */
  readonly started: string[] = [];
  /** The addresses whose attempts were told to stop. */
  readonly stopped: string[] = [];
  readonly streams: Stream[] = [];
  readonly #ends = new Map<string, PromiseWithResolvers<Stream>>();
  readonly #onStart: (address: string, attempts: Attempts) => void;

  constructor(onStart: (address: string, attempts: Attempts) => void = () => {}) {
    this.#onStart = onStart;
  }

  get options(): Omit<RaceOptions<Stream>, "signal"> {
    return {
      connect: (address, signal) => {
        this.started.push(address);
        signal.addEventListener("abort", () => this.stopped.push(address));
        const end = Promise.withResolvers<Stream>();
        this.#ends.set(address, end);
        this.#onStart(address, this);
        return end.promise;
      },
      dispose: (stream) => {
        stream.closed = true;
      },
    };
  }

  succeed(address: string): void {
    const stream = { address, closed: false };
    this.streams.push(stream);
    this.#ends.get(address)?.resolve(stream);
  }

  fail(address: string): void {
    this.#ends.get(address)?.reject(new Error(`no ${address}`));
  }
}

const NEVER = new AbortController().signal;

Deno.test("happy eyeballs: the first that works wins, and no other is tried", async () => {
  const attempts = new Attempts((address, attempts) => attempts.succeed(address));
  const { winner, failures } = await raceAddresses(["a", "b"], {
    ...attempts.options,
    signal: NEVER,
    delay: 1,
  });
  assertEquals([winner.address, winner.closed, failures], ["a", false, []]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(attempts.started, ["a"]);
});

Deno.test("happy eyeballs: 250 ms after an address that says nothing, the next is tried", async () => {
  assertEquals(ATTEMPT_DELAY, 250);
  const started = performance.now();
  const attempts = new Attempts((address, attempts) => {
    if (address === "b") attempts.succeed("b");
  });
  const { winner } = await raceAddresses(["a", "b"], { ...attempts.options, signal: NEVER });
  const duration = performance.now() - started;
  assertEquals(winner.address, "b");
  assert(duration >= 245 && duration < 2000, `${duration} ms`);
  assertEquals(attempts.stopped, ["a", "b"]);
});

Deno.test("happy eyeballs: after an address that fails the next is tried at once", async () => {
  const started = performance.now();
  const attempts = new Attempts((address, attempts) => {
    if (address === "c") attempts.succeed("c");
    else attempts.fail(address);
  });
  const { winner, failures } = await raceAddresses(["a", "b", "c"], {
    ...attempts.options,
    signal: NEVER,
    delay: 60_000,
  });
  assertEquals(winner.address, "c");
  assertEquals(failures.map(({ address, error }) => [address, String(error)]), [
    ["a", "Error: no a"],
    ["b", "Error: no b"],
  ]);
  assert(performance.now() - started < 1000);
});

Deno.test("happy eyeballs: a slow one may still win, and the other is closed when it comes", async () => {
  const attempts = new Attempts((address, attempts) => {
    if (address === "b") attempts.succeed("a");
  });
  const { winner } = await raceAddresses(["a", "b", "c"], {
    ...attempts.options,
    signal: NEVER,
    delay: 1,
  });
  assertEquals(winner, { address: "a", closed: false });
  attempts.succeed("b");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(attempts.streams.map(({ address, closed }) => [address, closed]), [
    ["a", false],
    ["b", true],
  ]);
  assertEquals(attempts.started, ["a", "b"]);
});

Deno.test("happy eyeballs: two that come at once leave one open", async () => {
  const attempts = new Attempts((address, attempts) => {
    if (address === "b") ["a", "b"].forEach((each) => attempts.succeed(each));
  });
  const race = raceAddresses(["a", "b"], { ...attempts.options, signal: NEVER, delay: 1 });
  const { winner } = await race;
  await undefined;
  assertEquals(winner.address, "a");
  assertEquals(attempts.streams.map(({ closed }) => closed), [false, true]);
});

Deno.test("happy eyeballs: when all fail, all failures are told in their order", async () => {
  const attempts = new Attempts((address, attempts) => {
    if (address === "b") setTimeout(() => ["b", "a"].forEach((each) => attempts.fail(each)));
  });
  const error = await assertRejects(
    () => raceAddresses(["a", "b"], { ...attempts.options, signal: NEVER, delay: 1 }),
    RaceError,
  );
  assertEquals(error.name, "RaceError");
  assertEquals(error.failures.map(({ address }) => address), ["b", "a"]);
  const none = await assertRejects(
    () => raceAddresses([], { ...attempts.options, signal: NEVER }),
    RaceError,
  );
  assertEquals(none.failures, []);
});

Deno.test("happy eyeballs: the signal ends the race, with its reason, and what comes is closed", async () => {
  const reason = { why: "enough" };
  const attempts = new Attempts();
  const controller = new AbortController();
  const race = raceAddresses(["a", "b"], {
    ...attempts.options,
    signal: controller.signal,
    delay: 1,
  });
  while (attempts.started.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(reason);
  assertStrictEquals(await race.catch((error) => error), reason);
  assertEquals(attempts.stopped, ["a", "b"]);
  attempts.succeed("a");
  attempts.fail("b");
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(attempts.streams.map(({ closed }) => closed), [true]);

  const before = new Attempts();
  const early = raceAddresses(["a"], {
    ...before.options,
    signal: AbortSignal.abort(reason),
  });
  assertStrictEquals(await early.catch((error) => error), reason);
  assertEquals(before.started, []);
});
