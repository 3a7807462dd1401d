import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectError, errorText, type RefusalResponse } from "../../lib/client/connect_error.ts";

Deno.test("connect error: it has a name, a code, a message, and the rest if given", () => {
  const bare = new ConnectError("ERR_TIMEOUT", "too slow");
  assertInstanceOf(bare, Error);
  assertEquals([bare.name, bare.code, bare.message], ["ConnectError", "ERR_TIMEOUT", "too slow"]);
  assertEquals([bare.cause, bare.response], [undefined, undefined]);

  const response: RefusalResponse = {
    status: 401,
    reason: "Unauthorized",
    headers: new Headers(),
    body: new Uint8Array(0),
  };
  const cause = new Error("below");
  const full = new ConnectError("ERR_REFUSED", "no", { response, cause });
  assertEquals([full.response, full.cause], [response, cause]);
});

Deno.test("connect error: the runtime's words come without the system's number", () => {
  const rows: [error: unknown, text: string][] = [
    [new Error("Connection refused (os error 111)"), "Connection refused"],
    [new Error("unexpected (os error 1) here"), "unexpected (os error 1) here"],
    ["thrown as a string", "thrown as a string"],
  ];
  for (const [error, text] of rows) assertEquals(errorText(error), text);
});
