import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectionError } from "../../../lib/connection/errors.ts";
import { closeEventOf } from "../../../lib/engine/native/ending.ts";

Deno.test("native ending: what the runtime calls clean is passed on", () => {
  const clean = { code: 4000, reason: "why", wasClean: true };
  assertEquals(closeEventOf({ ...clean, message: undefined }), clean);
});

Deno.test("native ending: a text that is not known is the detail of ERR_STREAM_FAILED", () => {
  const dropped = { code: 0, reason: "", wasClean: false };
  const { error, ...event } = closeEventOf({ ...dropped, message: "Broken pipe (os error 32)" });
  assertEquals(event, { code: 1006, reason: "", wasClean: false });
  assertInstanceOf(error, ConnectionError);
  assertEquals(error.code, "ERR_STREAM_FAILED");
  assertEquals(error.message, "the byte stream failed: Broken pipe (os error 32)");
});

Deno.test("native ending: a drop without any text is ERR_STREAM_FAILED", () => {
  const { error } = closeEventOf({ code: 0, reason: "", wasClean: false, message: undefined });
  assertEquals(error?.message, "the byte stream failed");
});
