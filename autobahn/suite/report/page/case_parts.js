/**
 * The parts of a case's details but for its wire log.
 *
 * @module
 */
import { make } from "./dom.js";
import { closeCodeName, opcodeName } from "./opcodes.js";
import { counted, printable, printableLines } from "./printable.js";
import { ruleLinks } from "./rule_links.js";

/** A part with a heading. */
export function part(title, ...children) {
  return make("section.part", {}, make("h3", {}, title), ...children);
}

/** A rule, with links to its text. */
export function ruleText(rule) {
  const parts = ruleLinks(rule).map(({ text, url }) =>
    url === undefined ? printable(text) : make("a", { href: url, rel: "noreferrer" }, text)
  );
  return make("span.rule", {}, ...parts);
}

/** What the case does and expects. */
export function wordsPart({ description, expectation, rule, level }) {
  const rows = [
    ["What is done", make("span.lines", {}, printableLines(description))],
    ["What is expected", make("span.lines", {}, printableLines(expectation))],
  ];
  if (rule !== "") {
    const strict = level === "SHOULD" ? " (SHOULD: NON-STRICT where it is not followed)" : "";
    rows.push(["Rule", make("span", {}, ruleText(rule), strict)]);
  }
  return part("The case", facts(rows));
}

/** Events that were expected beside those that came. */
export function eventsPart({ expected, received, behavior }) {
  const columns = Object.entries(expected).map(([verdict, events]) =>
    make(
      "div.events",
      { "data-match": String(verdict === behavior) },
      make(
        "h4",
        {},
        verdict === behavior ? `Expected for ${verdict}: as it came` : `Expected for ${verdict}`,
      ),
      eventList(events),
    )
  );
  if (columns.length === 0 && received.length === 0) return undefined;
  const came = make("div.events", {}, make("h4", {}, "Received"), eventList(received));
  return part("Expected and received", make("div.columns", {}, came, ...columns));
}

function eventList(events) {
  if (events.length === 0) return make("p.soft", {}, "nothing");
  const items = events.map(([type, payload, binary]) => {
    const name = type === "message" ? binary ? "binary message" : "text message" : type;
    return make("li", {}, name, payload !== "" && make("bdi.payload", {}, printable(payload)));
  });
  return make("ol", {}, ...items);
}

/** How the connection ended, and how it should have. */
export function closingPart(result) {
  const { closedByMe, failedByMe, droppedByMe, wasClean, wasNotCleanReason, expectedClose } =
    result;
  const late = [
    [result.wasOpenHandshakeTimeout, "the opening handshake"],
    [result.wasCloseHandshakeTimeout, "the closing handshake"],
    [result.wasServerConnectionDropTimeout, "the server's end of TCP"],
  ].filter(([was]) => was).map(([, name]) => name);
  const rows = [
    [
      "Close frame of the suite",
      closeText(result.localCloseCode, result.localCloseReason, result.txFrameStats),
    ],
    [
      "Close frame of the agent",
      closeText(result.remoteCloseCode, result.remoteCloseReason, result.rxFrameStats),
    ],
    ["Who closed first", closedByMe ? "the suite" : "not the suite"],
    [
      "Clean",
      wasClean ? "yes" : `no${wasNotCleanReason ? `: ${printable(wasNotCleanReason)}` : ""}`,
    ],
    failedByMe && ["Failed by", "the suite, over a fault of the agent"],
    droppedByMe && ["TCP ended by", "the suite"],
    late.length > 0 && ["Waited in vain for", late.join(", ")],
    expectedClose.closeCode && ["Expected", expectedCloseText(expectedClose)],
    ["Took", `${result.duration} ms, from ${printable(result.started)}`],
  ];
  return part("Closing", facts(rows.filter((row) => row)));
}

function closeText(code, reason, frames) {
  if (code === null || code === undefined) return frames[8] > 0 ? "without a code" : "none";
  return `${code}, ${closeCodeName(code)}${reason ? `, “${printable(reason)}”` : ""}`;
}

function expectedCloseText({ closedByMe, closeCode, requireClean }) {
  const codes = closeCode.length === 0 ? "no code" : `one of ${closeCode.join(", ")}, or none`;
  const who = closedByMe ? "the suite closes first" : "the agent closes first";
  return `${who}; ${codes}${requireClean ? "; clean" : "; clean or not"}`;
}

/** Both heads of the opening handshake. */
export function handshakePart({ httpRequest, httpResponse, isServer }) {
  const heads = [["Request", httpRequest, isServer], ["Response", httpResponse, !isServer]]
    // A question mark is what Autobahn writes where there was none.
    .filter(([, text]) => text !== "" && text !== "?")
    .map(([title, text, fromAgent]) =>
      make(
        "figure",
        {},
        make("figcaption", {}, `${title}, by ${fromAgent ? "the agent" : "the suite"}`),
        make("pre", { tabindex: "0" }, printableLines(text.trimEnd())),
      )
    );
  return heads.length > 0 && part("Opening handshake", make("div.columns", {}, ...heads));
}

/** How much passed: frames by opcode, reads and writes by size, and ratios of compression. */
export function trafficPart(result) {
  const { txFrameStats, rxFrameStats, txOctetStats, rxOctetStats, trafficStats } = result;
  const opcodes = [...new Set([...Object.keys(txFrameStats), ...Object.keys(rxFrameStats)])]
    .map(Number).sort((a, b) => a - b);
  const rows = opcodes.map((opcode) => [
    opcodeName(opcode),
    ...[txFrameStats, rxFrameStats].map((stats) => (stats[opcode] ?? 0).toLocaleString("en")),
  ]);
  rows.push(["octets", ...[txOctetStats, rxOctetStats].map((stats) => sizeText(stats, "sum"))]);
  rows.push([
    "octets at once",
    ...[txOctetStats, rxOctetStats].map((stats) => sizeText(stats, "range")),
  ]);
  for (const row of ratioRows(trafficStats)) rows.push(row);
  return part("Traffic", statTable(rows));
}

function sizeText(stats, what) {
  const sizes = Object.keys(stats).map(Number);
  if (sizes.length === 0) return "0";
  if (what === "range") {
    const [low, high] = [Math.min(...sizes), Math.max(...sizes)].map((size) =>
      size.toLocaleString("en")
    );
    return low === high ? low : `${low} to ${high}`;
  }
  const times = sizes.reduce((sum, size) => sum + stats[size], 0);
  const octets = sizes.reduce((sum, size) => sum + size * stats[size], 0);
  return `${octets.toLocaleString("en")} in ${counted(times, "piece")}`;
}

function ratioRows(stats) {
  if (!stats) return [];
  const percent = (ratio) =>
    ratio === null
      ? ""
      : ratio.toLocaleString("en", { style: "percent", maximumFractionDigits: 1 });
  const number = (count) => count.toLocaleString("en");
  return [
    ["messages", number(stats.outgoingWebSocketMessages), number(stats.incomingWebSocketMessages)],
    [
      "payload of messages",
      number(stats.outgoingOctetsAppLevel),
      number(stats.incomingOctetsAppLevel),
    ],
    [
      "left by compression",
      percent(stats.outgoingCompressionRatio),
      percent(stats.incomingCompressionRatio),
    ],
  ];
}

function statTable(rows) {
  const head = ["", "sent", "received"].map((text) =>
    text === "" ? make("td") : make("th", { scope: "col" }, text)
  );
  const lines = rows.map(([name, ...values]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      ...values.map((text) => make("td", {}, text)),
    )
  );
  return make(
    "table.stats",
    {},
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...lines),
  );
}

/** A list of names with what stands for each. */
function facts(rows) {
  const entries = rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("dl.facts", {}, ...entries);
}
