/**
 * The agents with the counts of their verdicts.
 *
 * @module
 */
import { make, verdictBadge } from "./dom.js";
import { counted, printable } from "./printable.js";

/**
 * Makes a card for each agent.
 *
 * @param {import("../page_data.ts").PageIndex} index
 */
export function agentCards({ agents, behaviors }) {
  return agents.map(({ name, role, tested, cells }) => {
    const run = cells.filter((cell) => cell !== null);
    return make(
      "article.card.agent",
      {},
      make("h2", {}, make("bdi", {}, printable(name))),
      make(
        "p.soft",
        {},
        `${role === "server" ? "a server" : "a client"}, ${counted(run.length, "case")}`,
        make("br"),
        make("time", { datetime: tested }, formatTime(tested)),
      ),
      ...["Behaviour", "Closing"].map((title, column) =>
        tally(title, countVerdicts(run, { behaviors, column }), run.length)
      ),
    );
  });
}

/** How often each verdict was given in one column, those that were given only. */
export function countVerdicts(cells, { behaviors, column }) {
  return behaviors.map((verdict) => ({
    verdict,
    count: cells.filter((cell) => cell[column] === verdict).length,
  })).filter(({ count }) => count > 0);
}

/** In how many cells a verdict was given: in each column, and in one of both at least. */
export function countCells(cells, verdict) {
  const count = (test) => cells.filter(test).length;
  return {
    behaviour: count(([behaviour]) => behaviour === verdict),
    closing: count(([, closing]) => closing === verdict),
    either: count(([behaviour, closing]) => behaviour === verdict || closing === verdict),
  };
}

function tally(title, counts, total) {
  const bar = make("div.bar", { "aria-hidden": "true" });
  for (const { verdict, count } of counts) {
    const part = make("span", { "data-verdict": verdict });
    part.style.flexGrow = String(count / total);
    bar.append(part);
  }
  const items = counts.map(({ verdict, count }) =>
    make("li", {}, verdictBadge(verdict), ` ${count}`)
  );
  return make("div.tally", {}, make("h3", {}, title), bar, make("ul", {}, ...items));
}

function formatTime(time) {
  return time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, "$1 $2 UTC");
}
