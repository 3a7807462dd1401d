import { assert, assertEquals, assertThrows } from "@std/assert";
import { writeText } from "../../lib/cli/output.ts";

Deno.test("output: a sink that takes a part at a time gets the whole text in order", () => {
  const got: number[] = [];
  const sink = {
    writeSync(bytes: Uint8Array): number {
      got.push(...bytes.subarray(0, 3));
      return Math.min(3, bytes.length);
    },
  };
  assert(writeText(sink, "tide 潮\n"));
  assertEquals(new TextDecoder().decode(new Uint8Array(got)), "tide 潮\n");
});

Deno.test("output: an empty text is written without asking the sink", () => {
  assert(writeText({ writeSync: () => assertNever() }, ""));
});

Deno.test("output: a reader that has gone away ends the writing in silence", () => {
  const sink = {
    writeSync(): number {
      throw new Deno.errors.BrokenPipe("gone");
    },
  };
  assertEquals(writeText(sink, "text"), false);
});

Deno.test("output: any other fault is thrown", () => {
  const sink = {
    writeSync(): number {
      throw new Deno.errors.BadResource("closed");
    },
  };
  assertThrows(() => writeText(sink, "text"), Deno.errors.BadResource, "closed");
});

function assertNever(): never {
  throw new Error("not reached");
}
