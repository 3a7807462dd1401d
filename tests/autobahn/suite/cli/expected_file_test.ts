/** Files of expected results. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  FileFormatError,
  formatExpected,
  parseExpected,
} from "../../../../autobahn/suite/cli/expected_file.ts";

Deno.test("expected file: what is written is in numeric order, and is read again", () => {
  const verdicts = new Map(
    [
      ["10.1.1", { behavior: "OK", behaviorClose: "OK" }],
      ["2.10", { behavior: "NON-STRICT", behaviorClose: "FAILED BY CLIENT" }],
      ["2.9", { behavior: "OK", behaviorClose: "UNCLEAN" }],
    ] as const,
  );
  const text = formatExpected(verdicts);
  assertEquals(
    text,
    `{
  "2.9": ["OK", "UNCLEAN"],
  "2.10": ["NON-STRICT", "FAILED BY CLIENT"],
  "10.1.1": ["OK", "OK"]
}
`,
  );
  assertEquals(new Map([...parseExpected(text, "a.json")].reverse()), verdicts);
});

const WRONG: readonly (readonly [text: string, message: string])[] = [
  ["", "a.json is no JSON"],
  ["{", "a.json is no JSON"],
  ["[]", "a.json: the whole must be an object"],
  ["null", "a.json: the whole must be an object"],
  [`{"1.1.1": "OK"}`, "a.json, case 1.1.1: it must be a list of two verdicts"],
  [`{"1.1.1": ["OK"]}`, "a.json, case 1.1.1: it must be a list of two verdicts"],
  [`{"1.1.1": ["OK", "Ok"]}`, "a.json, case 1.1.1: a verdict must be one of OK, INFORMATIONAL"],
  [`{"1.1.1": ["OK", null]}`, "got null"],
];

for (const [text, message] of WRONG) {
  Deno.test(`expected file: refused: ${text}`, () => {
    assertThrows(() => parseExpected(text, "a.json"), FileFormatError, message);
  });
}

for (const name of ["codec_server", "codec_client", "native_server"]) {
  Deno.test(`expected file: autobahn/expected/${name}.json has the form that is written`, () => {
    const path = new URL(`../../../../autobahn/expected/${name}.json`, import.meta.url);
    const text = Deno.readTextFileSync(path);
    const verdicts = parseExpected(text, name);
    assertEquals(verdicts.size, 517);
    assertEquals(formatExpected(verdicts), text);
  });
}
