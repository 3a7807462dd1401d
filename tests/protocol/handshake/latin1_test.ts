import { assertEquals } from "@std/assert";
import { decodeLatin1, encodeLatin1 } from "../../../lib/protocol/handshake/latin1.ts";

Deno.test("latin1: every byte is the character of its number, both ways", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const text = decodeLatin1(all);
  assertEquals(Array.from(text, (c) => c.charCodeAt(0)), Array.from(all));
  assertEquals(encodeLatin1(text), all);
});

Deno.test("latin1: nothing, and far more than one call can take", () => {
  assertEquals(decodeLatin1(new Uint8Array()), "");
  assertEquals(encodeLatin1(""), new Uint8Array());
  assertEquals(decodeLatin1(new Uint8Array(1_000_001).fill(0x78)), "x".repeat(1_000_001));
});
