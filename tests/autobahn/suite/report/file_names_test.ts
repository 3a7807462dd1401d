import { assertEquals } from "@std/assert";
import { caseFileName, fileStem, stemOf } from "../../../../autobahn/suite/report/file_names.ts";
import { HOSTILE_AGENT } from "./fixtures.ts";

const NONE: ReadonlySet<string> = new Set();

Deno.test("file names: letters and digits stay, other characters become underscores", () => {
  assertEquals(fileStem("  WS 8.23 (Server) ", NONE), "ws_8_23__server");
  assertEquals(fileStem("head-codec", NONE), "head_codec");
  assertEquals(caseFileName("head_codec", "12.1.10"), "head_codec_case_12_1_10.json");
});

Deno.test("file names: a hostile name stays within the folder", () => {
  const stem = fileStem(HOSTILE_AGENT, NONE);
  assertEquals(/^[a-z0-9_]+$/.test(stem), true, stem);
  assertEquals(stemOf(caseFileName(stem, "1.1.1")), stem);
});

Deno.test("file names: two agents never share a stem", () => {
  assertEquals(fileStem("a-b", new Set(["a_b"])), "a_b_2");
  assertEquals(fileStem("a b", new Set(["a_b", "a_b_2"])), "a_b_3");
  assertEquals(fileStem("水", new Set([""])), "_2");
});

Deno.test("file names: a long name is cut", () => {
  assertEquals(fileStem("x".repeat(5_000), NONE), "x".repeat(120));
});

Deno.test("file names: only the name of a case's file has a stem", () => {
  assertEquals(stemOf("my_case_case_1_2.json"), "my_case");
  for (const name of ["../a_case_1.json", "a_case_1.html", "index.json", "A_case_1.json", ""]) {
    assertEquals(stemOf(name), undefined, name);
  }
});
