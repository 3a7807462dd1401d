import { assertEquals } from "@std/assert";
import { acceptKey, isKey } from "../../../lib/protocol/handshake/accept_key.ts";
import { ACCEPT, KEY } from "./heads.ts";

Deno.test("acceptKey: the example of RFC 6455 §1.3", () => {
  assertEquals(acceptKey(KEY), ACCEPT);
});

Deno.test("isKey: 16 bytes in base64, and nothing else", () => {
  assertEquals(isKey(KEY), true);
  assertEquals(isKey("AAAAAAAAAAAAAAAAAAAAAA=="), true);
  const wrong = {
    empty: "",
    "15 bytes": "AAAAAAAAAAAAAAAAAAAA",
    "17 bytes": "AAAAAAAAAAAAAAAAAAAAAAA=",
    "18 bytes": "AAAAAAAAAAAAAAAAAAAAAAAA",
    "no padding": "AAAAAAAAAAAAAAAAAAAAAA",
    "base64url": "AAAAAAAAAAAAAAAAAAAA-_==",
    "not base64": "AAAAAAAAAAA AAAAAAAAAA==",
    "a line break after it": `${KEY}\n`,
    "two": `${KEY}, ${KEY}`,
  };
  for (const [name, key] of Object.entries(wrong)) assertEquals(isKey(key), false, name);
});
