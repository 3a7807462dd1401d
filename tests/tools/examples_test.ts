import { assertEquals } from "@std/assert";
import { examplesConfig } from "./examples.ts";

Deno.test("examples: the configuration maps the package to this checkout", () => {
  const config = examplesConfig({
    name: "@tidewire/tidewire",
    exports: { ".": "./lib/mod.ts", "./node": "./lib/node.ts" },
    imports: { "@std/assert": "./tests/std/assert.ts", "commander": "npm:commander@15.1.0" },
    compilerOptions: { strict: true, noUnusedLocals: true },
  }, new URL("file:///checkout/"));
  assertEquals(config, {
    imports: {
      "@std/assert": "file:///checkout/tests/std/assert.ts",
      "commander": "npm:commander@15.1.0",
      "@tidewire/tidewire": "file:///checkout/lib/mod.ts",
      "@tidewire/tidewire/node": "file:///checkout/lib/node.ts",
    },
    compilerOptions: { strict: true, noUnusedLocals: false, noUnusedParameters: false },
  });
});
