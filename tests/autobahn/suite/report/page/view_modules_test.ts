/** Filters, links, words and data of the report page. */
import { assertEquals } from "@std/assert";
import {
  EVERYTHING,
  formatView,
  parseView,
  rowFilter,
} from "../../../../../autobahn/suite/report/page/filters.js";
import {
  closeCodeName,
  maySend,
  opcodeName,
} from "../../../../../autobahn/suite/report/page/opcodes.js";
import { countCells } from "../../../../../autobahn/suite/report/page/overview.js";
import {
  counted,
  printable,
  printableLines,
} from "../../../../../autobahn/suite/report/page/printable.js";
import { rowsOf, unpack } from "../../../../../autobahn/suite/report/page/report_data.js";
import { ruleLinks } from "../../../../../autobahn/suite/report/page/rule_links.js";
import { reportPage } from "../../../../../autobahn/suite/report/html.ts";
import { packResults, pageIndex } from "../../../../../autobahn/suite/report/page_data.ts";
import { BEHAVIORS } from "../../../../../autobahn/suite/model/behavior.ts";
import { caseResult, failedResult, HOSTILE_AGENT } from "../fixtures.ts";

const RESULTS = [
  caseResult(),
  failedResult(),
  failedResult({ id: "6.4.11", behavior: "OK", behaviorClose: "UNCLEAN" }),
  caseResult({ id: "10.1.1", description: `Long ${"word ".repeat(40)}\nsecond line` }),
  caseResult({ agent: "other" }),
  failedResult({ agent: "other", behavior: "OK", result: "As expected." }),
];
const INDEX = pageIndex(RESULTS, { groups: {}, behaviors: BEHAVIORS });
const ROWS = rowsOf(INDEX);

/** The cases that a view shows. */
function shown(view: Partial<Parameters<typeof rowFilter>[0]>, agents = [0, 1]): string[] {
  return ROWS.filter(rowFilter({ ...EVERYTHING, ...view }, agents)).map(({ id }) => id);
}

Deno.test("report data: rows in the order of the numbers, with a cell for each agent", () => {
  assertEquals(ROWS.map(({ id, section }) => [id, section]), [
    ["1.1.1", "1"],
    ["6.4.1", "6"],
    ["6.4.11", "6"],
    ["10.1.1", "10"],
  ]);
  assertEquals(ROWS[1]?.cells, [
    {
      behavior: "FAILED",
      behaviorClose: "OK",
      result: "Something else came.",
      resultClose: "The connection was closed as it should be.",
      duration: 3,
      remoteCloseCode: 1000,
    },
    {
      behavior: "OK",
      behaviorClose: "OK",
      result: "As expected.",
      resultClose: "The connection was closed as it should be.",
      duration: 3,
      remoteCloseCode: 1000,
    },
  ]);
  assertEquals(ROWS[3]?.cells[1], undefined);
});

Deno.test("report data: a long description is cut between words, at its first line", () => {
  assertEquals(ROWS[0]?.title, "Sends an empty text message.");
  assertEquals(ROWS[3]?.title.endsWith(" word …"), true);
  assertEquals((ROWS[3]?.title.length ?? 0) <= 112, true);
});

Deno.test("report data: what was packed is unpacked", async () => {
  const [pack] = packResults([failedResult({ agent: HOSTILE_AGENT })]);
  assertEquals(await unpack(pack?.packed ?? ""), {
    "6.4.1": failedResult({ agent: HOSTILE_AGENT }),
  });
});

Deno.test("filters: verdicts of either column, of the agents that are shown", () => {
  assertEquals(shown({ verdicts: ["FAILED"] }), ["6.4.1"]);
  assertEquals(shown({ verdicts: ["FAILED", "UNCLEAN"] }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ verdicts: ["FAILED"] }, [1]), []);
  assertEquals(shown({}, [1]), ["1.1.1", "6.4.1"]);
});

Deno.test("filters: a verdict counts where it stands in one of both columns", () => {
  const cells = INDEX.agents[0]?.cells.filter((cell) => cell !== null) ?? [];
  assertEquals(countCells(cells, "OK"), { behaviour: 3, closing: 3, either: 4 });
  assertEquals(shown({ verdicts: ["OK"] }, [0]).length, 4);
  assertEquals(countCells(cells, "FAILED"), { behaviour: 1, closing: 0, either: 1 });
  assertEquals(countCells(cells, "NON-STRICT"), { behaviour: 0, closing: 0, either: 0 });
});

Deno.test("report page: what the verdicts of the filters are is said beside them", () => {
  const page = reportPage(RESULTS, {});
  assertEquals(
    /<fieldset id="verdicts">\s*<legend>([^<]*)</.exec(page)?.[1],
    "Behaviour or closing:",
  );
});

Deno.test("filters: a section, and cases in which agents differ", () => {
  assertEquals(shown({ section: "6" }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ section: "1" }), ["1.1.1"]);
  assertEquals(shown({ differ: true }), ["6.4.1"]);
});

Deno.test("filters: words are looked for in numbers, descriptions, rules and sentences", () => {
  assertEquals(shown({ text: "SECOND fragment" }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ text: "something" }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ text: "§8.1" }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ text: "  " }).length, 4);
  assertEquals(shown({ text: "no such words" }), []);
});

Deno.test("filters: a number is that of a case, or of all below it", () => {
  assertEquals(shown({ text: "6.4.1" }), ["6.4.1"]);
  assertEquals(shown({ text: "6.4.*" }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ text: "6." }), ["6.4.1", "6.4.11"]);
  assertEquals(shown({ text: "10" }), ["10.1.1"]);
});

Deno.test("filters: a view is told by the address, and read from it", () => {
  assertEquals(formatView(EVERYTHING), "");
  assertEquals(parseView(""), EVERYTHING);
  const view = {
    verdicts: ["FAILED", "WRONG CODE"],
    section: "6",
    text: "a&b =c#",
    agents: [HOSTILE_AGENT.toWellFormed(), "other"],
    differ: true,
    open: { id: "6.4.1", agent: "other" },
  };
  assertEquals(parseView(formatView(view)), view);
  assertEquals(formatView({ ...EVERYTHING, verdicts: ["WRONG CODE"] }), "#verdict=WRONG+CODE");
});

Deno.test("filters: an address that says nonsense shows everything", () => {
  assertEquals(parseView("#x=1&case=6.4.1"), EVERYTHING);
  assertEquals(parseView("#%"), EVERYTHING);
});

Deno.test("rule links: a section belongs to the RFC before it", () => {
  const url = (number: number, section = ""): string =>
    `https://www.rfc-editor.org/rfc/rfc${number}.html${section}`;
  assertEquals(ruleLinks("RFC 6455 §5.5.2"), [
    { text: "RFC 6455 §5.5.2", url: url(6455, "#section-5.5.2") },
  ]);
  assertEquals(ruleLinks("RFC 6455 §5.4, §5.5; RFC 3629 and RFC 7692 §7.2.2."), [
    { text: "RFC 6455 §5.4", url: url(6455, "#section-5.4") },
    { text: ", " },
    { text: "§5.5", url: url(6455, "#section-5.5") },
    { text: "; " },
    { text: "RFC 3629", url: url(3629) },
    { text: " and " },
    { text: "RFC 7692 §7.2.2", url: url(7692, "#section-7.2.2") },
    { text: "." },
  ]);
});

Deno.test("rule links: what names no RFC stays text", () => {
  assertEquals(ruleLinks(""), []);
  assertEquals(ruleLinks("§5.4"), [{ text: "§5.4" }]);
  const hostile = `javascript:alert(1) ${HOSTILE_AGENT}`;
  assertEquals(ruleLinks(hostile), [{ text: hostile }]);
});

Deno.test("words: what could hide or fake text becomes visible", () => {
  assertEquals(
    printable("a\tb\r\n\x00\x1b[31m\x9b\u202e\u2066\ufeff\ud800"),
    [
      "a\\tb\\r\\n\\u0000\\u001b[31m\\u009b\\u202e\\u2066\\ufeff\ufffd",
    ].join(""),
  );
  assertEquals(printable("水🌊 👩‍👩‍👧 é"), "水🌊 👩‍👩‍👧 é");
  assertEquals(printableLines("a\r\nb\nc\rd"), "a\nb\nc\\rd");
});

Deno.test("words: counts have their unit", () => {
  assertEquals([counted(0, "byte"), counted(1, "byte"), counted(65536, "byte")], [
    "0 bytes",
    "1 byte",
    "65,536 bytes",
  ]);
});

Deno.test("words: opcodes and close codes have names", () => {
  assertEquals([0, 1, 2, 3, 8, 9, 10, 15].map(opcodeName), [
    "continuation",
    "text",
    "binary",
    "reserved opcode 3",
    "close",
    "ping",
    "pong",
    "reserved opcode 15",
  ]);
  assertEquals([1000, 2999, 3000, 4999, 5000].map(closeCodeName), [
    "normal closure",
    "not defined",
    "registered",
    "private use",
    "not defined",
  ]);
  const sendable = Array.from({ length: 65536 }, (_, code) => code).filter(maySend);
  assertEquals(sendable.slice(0, 13), [
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014],
    3000,
  ]);
  assertEquals(sendable.at(-1), 4999);
});
