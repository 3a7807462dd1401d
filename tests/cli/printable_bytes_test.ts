import { assertEquals } from "@std/assert";
import { printableBytes } from "../../lib/cli/printable_bytes.ts";

Deno.test("printable: bytes are shown by their number and as hexadecimal digits", () => {
  const rows: [length: number, shown: string][] = [
    [0, "<0 bytes>"],
    [1, "<1 byte> 00"],
    [3, "<3 bytes> 000102"],
    [64, `<64 bytes> ${Uint8Array.from({ length: 64 }, (_, i) => i).toHex()}`],
    [65, `<65 bytes> ${Uint8Array.from({ length: 64 }, (_, i) => i).toHex()}…`],
  ];
  for (const [length, shown] of rows) {
    assertEquals(printableBytes(Uint8Array.from({ length }, (_, i) => i)), shown);
  }
});
