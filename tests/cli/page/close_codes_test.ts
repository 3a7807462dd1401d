import { assertEquals, assertThrows } from "@std/assert";
import { closeMeaning, parseClose } from "../../../lib/cli/page/close_codes.js";

Deno.test("page close codes: each range has its meaning", () => {
  const rows: [code: number, meaning: string][] = [
    [1000, "normal"],
    [1006, "lost, without a closing handshake"],
    [1016, "an unknown code"],
    [3000, "a registered code"],
    [4999, "the application’s own code"],
  ];
  for (const [code, meaning] of rows) assertEquals(closeMeaning(code), meaning);
});

Deno.test("page close codes: what a page may not send is refused in words", () => {
  assertEquals(parseClose("1000", ""), { code: 1000, reason: "" });
  assertEquals(parseClose("4999", "潮".repeat(41)), { code: 4999, reason: "潮".repeat(41) });
  for (const code of ["", "999", "1001", "1006", "2999", "5000", "1e3", "1000.0", "x"]) {
    assertThrows(() => parseClose(code, ""), Error, "The close code must be 1000, or from 3000");
  }
  assertThrows(() => parseClose("1000", `${"潮".repeat(41)}x`), Error, "this one has 124.");
});
