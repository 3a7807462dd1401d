/** `autobahn/README.md`: every expected result that is not OK is explained there, and no other. */
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { parseExpected } from "../../autobahn/suite/cli/expected_file.ts";
import { verdictText } from "../../autobahn/suite/cli/verdicts.ts";
import { ROOT } from "./processes.ts";

const FILES = [...Deno.readDirSync(`${ROOT}autobahn/expected`)]
  .map(({ name }) => name.replace(/\.json$/, "")).sort();

/** A row of the table. */
interface Explanation {
  readonly patterns: readonly string[];
  readonly verdicts: string;
  readonly files: readonly string[];
  readonly why: string;
}

function explanations(): Explanation[] {
  const text = Deno.readTextFileSync(`${ROOT}autobahn/README.md`);
  const code = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
  return text.split("\n")
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .filter(([first = ""]) => /^`\d+\./.test(first))
    .map(([cases = "", verdicts = "", files = "", why = ""]) => ({
      patterns: code(cases),
      verdicts,
      files: code(files),
      why,
    }));
}

/** Whether a pattern of the table means the case: a number, or a section and a star. */
function means(pattern: string, id: string): boolean {
  return pattern.endsWith("*") ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

const TABLE = explanations();

Deno.test("autobahn/README.md: its tables name files that are there, and give sentences", () => {
  assert(TABLE.length > 0, "the table was not found");
  const named = [...new Set(TABLE.flatMap(({ files }) => files))];
  assertEquals(named.filter((file) => !FILES.includes(file)), []);
  for (const { patterns, why } of TABLE) {
    assert(/\.$/.test(why), `${patterns.join(", ")} needs a sentence`);
  }
});

for (const file of FILES) {
  const expected = parseExpected(
    Deno.readTextFileSync(`${ROOT}autobahn/expected/${file}.json`),
    file,
  );
  const others = [...expected]
    .filter(([, { behavior, behaviorClose }]) => behavior !== "OK" || behaviorClose !== "OK");

  Deno.test(`autobahn/README.md: every result of ${file} that is not OK is explained once`, () => {
    for (const [id, verdict] of others) {
      const rows = TABLE.filter((row) =>
        row.files.includes(file) && row.patterns.some((pattern) => means(pattern, id)) &&
        row.verdicts === verdictText(verdict)
      );
      assertEquals(rows.length, 1, `${id} of ${file}, ${verdictText(verdict)}`);
    }
  });

  Deno.test(`autobahn/README.md: nothing is explained that ${file} does not have`, () => {
    for (const { patterns, verdicts, files } of TABLE) {
      if (!files.includes(file)) continue;
      for (const pattern of patterns) {
        const found = others.filter(([id]) => means(pattern, id));
        assert(found.length > 0, `${pattern} of ${file}`);
        // 12.* means all of them, not some.
        const all = [...expected.keys()].filter((id) => means(pattern, id));
        assertEquals(found.length, all.length, `${pattern} of ${file}`);
        assert(found.every(([, each]) => verdictText(each) === verdicts), `${pattern} of ${file}`);
      }
    }
  });
}

for (const document of ["autobahn/README.md", "autobahn/suite/README.md"]) {
  const text = Deno.readTextFileSync(ROOT + document);

  Deno.test(`${document}: its links lead somewhere`, () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    for (const link of links) {
      const url = new URL(link, `file://${ROOT}${document}`);
      assert(Deno.statSync(url).isFile || Deno.statSync(url).isDirectory, link);
    }
  });

  Deno.test(`${document}: the tasks that it names are tasks`, () => {
    const tasks = [...text.matchAll(/deno task ([a-z][a-z:]*)/g)].map(([, task]) => task!);
    assert(tasks.length > 0, "no task was found");
    assertEquals(tasks.filter((task) => !(task in config.tasks)), []);
  });
}

Deno.test("autobahn/suite/README.md: it has a row for every folder, and names files that are there", () => {
  const folders = [...Deno.readDirSync(`${ROOT}autobahn/suite`)]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const rows = Deno.readTextFileSync(`${ROOT}autobahn/suite/README.md`)
    .matchAll(/^\| `([a-z]+)\/` +\|[^|]+\| `([^`]+)`/gm);
  const named = [...rows].map(([, folder, file]) => [folder!, file!] as const);
  assertEquals(named.map(([folder]) => folder).sort(), folders);
  for (const [folder, file] of named) {
    assert(Deno.statSync(`${ROOT}autobahn/suite/${folder}/${file}`).isFile);
  }
});
