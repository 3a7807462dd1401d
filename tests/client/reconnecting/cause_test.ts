/**
 * After what another attempt is made, when nobody says otherwise.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ConnectError, type ConnectErrorCode } from "../../../lib/client/connect_error.ts";
import {
  describeCause,
  FINAL_CLOSE_CODES,
  isTransient,
} from "../../../lib/client/reconnecting/cause.ts";
import { refusal } from "./rig.ts";

function afterClose(code: number, finalCodes: readonly number[] = FINAL_CLOSE_CODES): boolean {
  return isTransient({ kind: "closed", event: { code, reason: "", wasClean: true } }, finalCodes);
}

function afterFailure(error: unknown): boolean {
  return isTransient({ kind: "failed", error }, FINAL_CLOSE_CODES);
}

function afterCode(code: ConnectErrorCode, cause?: unknown): boolean {
  return afterFailure(new ConnectError(code, "", { cause }));
}

Deno.test("causes: close codes that end it, and those that do not", () => {
  const final = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003];
  assertEquals([...FINAL_CLOSE_CODES], final);
  const all = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
    .concat([3000, 3001, 3003, 3008, 4000, 4001, 4999]);
  for (const code of all) assertEquals(afterClose(code), !final.includes(code), `${code}`);
});

Deno.test("causes: the list of close codes can be another one", () => {
  assertEquals(afterClose(4001, [...FINAL_CLOSE_CODES, 4001]), false);
  assertEquals(afterClose(1000, [4001]), true);
});

Deno.test("causes: refusals that end it, and those that do not", () => {
  const transient = [408, 425, 429, 500, 502, 503, 504, 507, 511, 520, 522, 599];
  const final = [200, 204, 301, 302, 307, 400, 401, 403, 404, 405, 407, 410, 426, 431, 501, 505];
  for (const status of transient) assertEquals(afterFailure(refusal(status)), true, `${status}`);
  for (const status of final) assertEquals(afterFailure(refusal(status)), false, `${status}`);
});

Deno.test("causes: failures of the network pass, failures of a handshake stay", () => {
  assertEquals(afterCode("ERR_UNREACHABLE"), true);
  assertEquals(afterCode("ERR_TIMEOUT"), true);
  assertEquals(afterCode("ERR_STREAM"), true);
  assertEquals(afterCode("ERR_HANDSHAKE"), false);
  assertEquals(afterCode("ERR_TLS", new Deno.errors.InvalidData("bad certificate")), false);
  assertEquals(afterCode("ERR_TLS", new Deno.errors.UnexpectedEof("unexpected end of file")), true);
  assertEquals(afterCode("ERR_REFUSED"), false);
});

Deno.test("causes: wrong arguments and missing permissions stay, other errors may pass", () => {
  assertEquals(afterFailure(new TypeError("no URL")), false);
  assertEquals(afterFailure(new RangeError("too large")), false);
  assertEquals(afterFailure(new Deno.errors.NotCapable("no net")), false);
  assertEquals(afterFailure(new Error("the proxy is down")), true);
  assertEquals(afterFailure("down"), true);
});

Deno.test("causes: what a hook throws passes, even a TypeError, which is how fetch fails", () => {
  assertEquals(
    isTransient({ kind: "hook", error: new TypeError("fetch failed") }, FINAL_CLOSE_CODES),
    true,
  );
});

Deno.test("causes: a sentence about each", () => {
  const closed = (code: number, reason: string) =>
    describeCause({ kind: "closed", event: { code, reason, wasClean: true } });
  assertEquals(closed(1006, ""), "the connection ended with code 1006");
  assertEquals(closed(4001, "kicked"), "the connection ended with code 4001, kicked");
  assertEquals(describeCause({ kind: "failed", error: refusal(401) }), "refused with 401");
  assertEquals(describeCause({ kind: "hook", error: 7 }), "7");
});
