import { assertEquals, assertLess } from "@std/assert";
import { HeaderList } from "../../../lib/protocol/handshake/header_list.ts";

Deno.test("HeaderList: keeps order, duplicates and case", () => {
  const list = new HeaderList([["B", "1"], ["a", "2"]]);
  list.append("b", "3");
  assertEquals([...list], [["B", "1"], ["a", "2"], ["b", "3"]]);
  assertEquals(list.size, 3);
});

Deno.test("HeaderList: looks names up in any case", () => {
  const list = new HeaderList([["Set-Cookie", "a=1"], ["set-cookie", "b=2"], ["X", ""]]);
  assertEquals(list.get("SET-COOKIE"), "a=1, b=2");
  assertEquals(list.getAll("set-Cookie"), ["a=1", "b=2"]);
  assertEquals(list.has("SET-cookie"), true);
  assertEquals(list.get("x"), "");
  assertEquals(list.has("x"), true);
});

Deno.test("HeaderList: what is absent is undefined, empty and false", () => {
  const list = new HeaderList();
  assertEquals(list.size, 0);
  assertEquals(list.get("host"), undefined);
  assertEquals(list.getAll("host"), []);
  assertEquals(list.has("host"), false);
});

Deno.test("HeaderList: a list that was handed out changes nothing inside", () => {
  const list = new HeaderList([["a", "1"]]);
  list.getAll("a").push("2");
  assertEquals(list.get("a"), "1");
});

Deno.test("HeaderList: is made from the platform's Headers and from another list", () => {
  const headers = new Headers({ Host: "example.com", Upgrade: "websocket" });
  const list = new HeaderList(new HeaderList(headers));
  assertEquals(list.get("Host"), "example.com");
  assertEquals(list.get("Upgrade"), "websocket");
});

Deno.test("HeaderList: names of Object.prototype are names like others", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const list = new HeaderList();
  for (const name of names) {
    assertEquals(list.has(name), false);
    assertEquals(list.get(name), undefined);
  }
  for (const name of names) list.append(name, `value of ${name}`);
  for (const name of names) assertEquals(list.getAll(name), [`value of ${name}`]);
  assertEquals(({} as Record<string, unknown>)["value of __proto__"], undefined);
});

Deno.test("HeaderList: a hundred thousand fields of one name take linear time", () => {
  const start = performance.now();
  const list = new HeaderList();
  for (let i = 0; i < 100_000; i++) list.append("X-Same", "v");
  assertEquals(list.get("x-same")?.length, 299_998);
  assertLess(performance.now() - start, 5_000);
});
