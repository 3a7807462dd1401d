import { assertEquals } from "@std/assert";
import { requestFault, responseFault } from "../../../lib/protocol/handshake/errors.ts";

Deno.test("requestFault: the status, and a sentence with the section", () => {
  assertEquals(requestFault("ERR_METHOD"), {
    status: 405,
    message: "a WebSocket is asked for with GET (RFC 6455 §4.2.1)",
  });
});

Deno.test("responseFault: a sentence with the section and what came instead", () => {
  assertEquals(
    responseFault("ERR_UNEXPECTED_STATUS", "got 404"),
    "the server must answer with the status 101, got 404 (RFC 6455 §4.1)",
  );
});
