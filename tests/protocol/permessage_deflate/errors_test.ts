import { assertEquals } from "@std/assert";
import { deflateFailure } from "../../../lib/protocol/permessage_deflate/errors.ts";

Deno.test("deflateFailure: a code, and a sentence with what came and the section", () => {
  assertEquals(deflateFailure("ERR_DEFLATE_DUPLICATE", "server_max_window_bits"), {
    kind: "failure",
    code: "ERR_DEFLATE_DUPLICATE",
    message: "permessage-deflate must have each parameter once, " +
      'got "server_max_window_bits" (RFC 7692 §7)',
  });
});

Deno.test("deflateFailure: nothing came", () => {
  assertEquals(
    deflateFailure("ERR_DEFLATE_SERVER_TAKEOVER", undefined).message,
    "the server must answer server_no_context_takeover, which it was asked for, " +
      "got none (RFC 7692 §7.1.1.1)",
  );
});

Deno.test("deflateFailure: what came is cut, and safe to print", () => {
  const message = (text: string) => deflateFailure("ERR_DEFLATE_VALUE", text).message;
  assertEquals(message("\x1b[31m\u202e"), message("?[31m?"));
  assertEquals(message("a".repeat(101)), message(`${"a".repeat(100)}...`).replace("......", "..."));
  assertEquals(message("a".repeat(100)).includes(`got "${"a".repeat(100)}" (`), true);
});
