import { assertEquals } from "@std/assert";
import { encodeBase64 } from "../../../lib/protocol/handshake/base64.ts";
import { bytes } from "./heads.ts";

Deno.test("base64: the vectors of RFC 4648 §10", () => {
  const vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
  vectors.forEach((expected, length) => {
    assertEquals(encodeBase64(bytes("foobar".slice(0, length))), expected);
  });
});

Deno.test("base64: the same as btoa for every byte value", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assertEquals(encodeBase64(all), btoa(String.fromCharCode(...all)));
});
