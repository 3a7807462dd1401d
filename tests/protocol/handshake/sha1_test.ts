import { assertEquals } from "@std/assert";
import { sha1 } from "../../../lib/protocol/handshake/sha1.ts";
import { bytes } from "./heads.ts";

/** The digest in hexadecimal. */
function digest(message: string): string {
  return Array.from(sha1(bytes(message)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("sha1: the vectors of FIPS 180-4 and of the NIST examples", () => {
  assertEquals(digest("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  assertEquals(
    digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  );
  assertEquals(digest(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  assertEquals(digest("a".repeat(1_000_000)), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
});

Deno.test("sha1: the same as WebCrypto at every length around two blocks", async () => {
  for (let length = 0; length <= 130; length++) {
    const message = Uint8Array.from({ length }, (_, i) => i * 7 + length);
    const expected = new Uint8Array(await crypto.subtle.digest("SHA-1", message));
    assertEquals(sha1(message), expected, `length ${length}`);
  }
});
