import { assertEquals, assertThrows } from "@std/assert";
import { joinModules } from "../../../../autobahn/suite/report/inline_modules.ts";

/** Runs joined modules, which leave what they have in `seen`. */
function run(sources: Record<string, string>): unknown[] {
  const seen: unknown[] = [];
  const script = joinModules("main.js", (name) => sources[name] ?? "");
  new Function("seen", script)(seen);
  return seen;
}

Deno.test("joined modules: exports reach those that import them, in order, once each", () => {
  const seen = run({
    "main.js":
      'import { one, Two } from "./a.js";\nimport {\n  three as drei,\n} from "./b.js";\n' +
      "seen.push(one(), new Two().name, drei);\n",
    "a.js": 'import { three } from "./b.js";\nexport function one() {\n  return three - 2;\n}\n' +
      'export class Two {\n  name = "two";\n}\nseen.push("a");\n',
    "b.js": 'export const three = 3;\nseen.push("b");\n',
  });
  assertEquals(seen, ["b", "a", 1, "two", 3]);
});

Deno.test("joined modules: each keeps its own names", () => {
  const seen = run({
    "main.js": 'import { a } from "./a.js";\nconst secret = 1;\nseen.push(a, secret);\n',
    "a.js": "const secret = 2;\nexport const a = secret;\n",
  });
  assertEquals(seen, [2, 1]);
});

Deno.test("joined modules: an asynchronous function may be exported", async () => {
  const [promise] = run({
    "main.js": 'import { later } from "./a.js";\nseen.push(later());\n',
    "a.js": "export async function later() {\n  return await 7;\n}\n",
  });
  assertEquals(await promise, 7);
});

Deno.test("joined modules: other forms are refused by name", () => {
  const forms = [
    "export default 1;",
    "export { a };",
    'import * as a from "./a.js";',
    'import a from "./a.js";',
    'import { a } from "npm:a";',
    "export let a = 1;",
  ];
  for (const form of forms) {
    const error = assertThrows(() => joinModules("main.js", () => `${form}\n`), SyntaxError);
    assertEquals(error.message, `main.js has a form that is not understood: ${form}`);
  }
});

Deno.test("joined modules: a circle is refused", () => {
  const sources: Record<string, string> = {
    "a.js": 'import { b } from "./b.js";\n',
    "b.js": 'import { a } from "./a.js";\n',
  };
  assertThrows(
    () => joinModules("a.js", (name) => sources[name] ?? ""),
    SyntaxError,
    "a.js → b.js → a.js",
  );
});

Deno.test("joined modules: what would end the script element is refused", () => {
  for (const text of ["</script>", "</SCRIPT ", "<!--"]) {
    assertThrows(() => joinModules("a.js", () => `const a = "${text}";\n`), SyntaxError, "a.js");
  }
});

Deno.test("joined modules: documentation is left out, and nothing else", () => {
  const script = joinModules(
    "a.js",
    () =>
      '/** One. */\nconst a = /** @type {x} */ ("/** */");\n  /**\n   * Two.\n   */\nseen.push(a);\n',
  );
  assertEquals(script.match(/One|Two/g), null);
  assertEquals(script.includes('const a = /** @type {x} */ ("/** */");\nseen.push(a);\n'), true);
});
