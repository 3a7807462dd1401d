/**
 * Whatever comes in, the frame parser never throws, tells nothing after a fault, and makes
 * the same of it wherever it is cut. A failure prints its seed, which `TIDEWIRE_SEED` sets.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FrameParser, type FrameParserOptions } from "../../lib/protocol/frame_parser.ts";
import { anyInput, cutBySizes, pieceSizes } from "../support/protocol_arbitraries.ts";
import { FrameRecorder } from "../support/recorder.ts";
import { seeded } from "../support/seed.ts";

/** How a parser is set up, and the longest frame that its sink puts up with. */
interface Options extends FrameParserOptions {
  readonly limit: number;
}

/** What a parser makes of `pieces`, which are left as they are. */
function parse(pieces: readonly Uint8Array[], { limit, ...options }: Options): string[] {
  const sink = new FrameRecorder();
  sink.onEvent = (event) => {
    const length = Number(sink.events.at(-1)!.split(" ").at(-1));
    return event === "data" && length > limit ? "ERR_FRAME_TOO_LARGE" : undefined;
  };
  const parser = new FrameParser(sink, options);
  for (const piece of pieces) parser.push(piece.slice(), 0, piece.length);
  return sink.events;
}

const anyOptions: fc.Arbitrary<Options> = fc.record({
  role: fc.constantFrom("server", "client"),
  limit: fc.constantFrom(0, 10, 200, Infinity),
  allowRsv1: fc.boolean(),
});

function assertHolds(
  input: Uint8Array,
  sizes: readonly number[],
  options: Options,
): void {
  const whole = parse([input], options);
  assertEquals(parse(cutBySizes(input, sizes), options), whole);
  assertEquals(parse(cutBySizes(input, [1]), options), whole);
  const failure = whole.findIndex((event) => event.startsWith("failure "));
  if (failure !== -1) assertEquals(failure, whole.length - 1, "nothing follows a failure");
}

Deno.test("FrameParser: frames and garbage, cut anywhere, give the same events", () => {
  const property = fc.property(anyInput, pieceSizes, anyOptions, assertHolds);
  fc.assert(property, seeded({ numRuns: 1500, interruptAfterTimeLimit: 2000 }));
});

Deno.test("FrameParser: arbitrary bytes, cut anywhere, give the same events", () => {
  const bytes = fc.uint8Array({ maxLength: 200, size: "max" });
  const property = fc.property(bytes, pieceSizes, anyOptions, assertHolds);
  fc.assert(property, seeded({ numRuns: 1500, interruptAfterTimeLimit: 1000 }));
});
