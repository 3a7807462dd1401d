import { assertEquals } from "@std/assert";
import { requestHeadFrom } from "../../../lib/protocol/handshake/head.ts";

Deno.test("requestHeadFrom: a head of HTTP/1.1 with its fields in order", () => {
  const head = requestHeadFrom("GET", "/a?b", [["Host", "example.com"], ["X", "1"], ["x", "2"]]);
  assertEquals({ ...head, headers: [...head.headers] }, {
    method: "GET",
    target: "/a?b",
    httpVersion: "1.1",
    headers: [["Host", "example.com"], ["X", "1"], ["x", "2"]],
  });
});
