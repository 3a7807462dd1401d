import { assert, assertEquals } from "@std/assert";
import { LinePrinter } from "../../lib/cli/line_printer.ts";

/** A reader of the output that takes bytes only when told to. */
class SlowSink {
  readonly writes: string[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;

  async write(bytes: Uint8Array): Promise<number> {
    this.#waiting = Promise.withResolvers();
    await this.#waiting.promise;
    this.writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }

  /** Lets the write that waits succeed, or fail. */
  async take(error?: Error): Promise<void> {
    while (this.#waiting === undefined) await Promise.resolve();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting.resolve();
    else waiting.reject(error);
  }
}

function unexpected(error: unknown): never {
  throw error;
}

Deno.test("line printer: what is printed in one turn leaves in one write, in order", async () => {
  const sink = new SlowSink();
  const printer = new LinePrinter(sink, unexpected);
  for (const line of ["one", "", "潮"]) assertEquals(printer.print(line), undefined);
  await sink.take();
  await printer.flush();
  assertEquals(sink.writes, ["one\n\n潮\n"]);
  await printer.flush();
});

Deno.test("line printer: a sink that takes a part at a time gets all of it", async () => {
  let got = "";
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      got += new TextDecoder("latin1").decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
  };
  const printer = new LinePrinter(sink, unexpected);
  printer.print("seven by three");
  await printer.flush();
  assertEquals(got, "seven by three\n");
});

Deno.test("line printer: whoever prints too much waits until it is written", async () => {
  const sink = new SlowSink();
  const printer = new LinePrinter(sink, unexpected);
  assertEquals(printer.print("first"), undefined);
  await Promise.resolve();
  assertEquals(printer.print("x".repeat(60_000)), undefined);
  const waiting = printer.print("x".repeat(10_000));
  assert(waiting !== undefined);
  let waited = true;
  const released = waiting.then(() => waited = false);
  await sink.take();
  assert(waited);
  await sink.take();
  await released;
  assertEquals(sink.writes.map(({ length }) => length), [6, 70_002]);
  assertEquals(printer.print("light again"), undefined);
  await sink.take();
  await printer.flush();
});

Deno.test("line printer: a sink that fails is told once, and the rest is dropped", async () => {
  const sink = new SlowSink();
  const failures: unknown[] = [];
  const printer = new LinePrinter(sink, (error) => failures.push(error));
  printer.print("one");
  await Promise.resolve();
  const waiting = printer.print("x".repeat(100_000));
  const broken = new Deno.errors.BrokenPipe("gone");
  await sink.take(broken);
  await waiting;
  await printer.flush();
  assertEquals(printer.print("two"), undefined);
  assertEquals([failures, sink.writes], [[broken], []]);
});
