/**
 * The report page: brings form, matrix, details and the address of the page together.
 *
 * @module
 */
import { Details } from "./details.js";
import { byId } from "./dom.js";
import { FilterBar } from "./filter_bar.js";
import { EVERYTHING, formatView, parseView, rowFilter } from "./filters.js";
import { Matrix } from "./matrix.js";
import { agentCards } from "./overview.js";
import { counted } from "./printable.js";
import { rowsOf } from "./report_data.js";

const index = JSON.parse(byId("report").textContent);
const rows = rowsOf(index);
const sections = [...new Set(rows.map((row) => row.section))];
let view = EVERYTHING;

const matrix = new Matrix(byId("matrix"), { index, rows, open });
const filterBar = new FilterBar({
  index,
  sections,
  change: (part) => change({ ...view, ...part }),
});
const details = new Details(byId("details"), {
  index,
  neighbours: () => matrix.shownRows,
  go: (id, agent) => change({ ...view, open: { id, agent: index.agents[agent].name } }),
  closed: () => {
    const { open } = view;
    if (!open) return;
    change({ ...view, open: null });
    matrix.focus(open.id, agentPlace(open.agent));
  },
});

function open(id, agent) {
  change({ ...view, open: { id, agent: index.agents[agent].name } }, { step: true });
}

function agentPlace(name) {
  return index.agents.findIndex((agent) => agent.name === name);
}

/** Shows another view. A step is one that the browser's way back leads out of. */
function change(next, { step = false } = {}) {
  view = next;
  const address = formatView(view) || location.pathname + location.search;
  history[step ? "pushState" : "replaceState"](null, "", address);
  render();
}

function render() {
  const places = index.agents.map((_, place) => place)
    .filter((place) => view.agents.length === 0 || view.agents.includes(index.agents[place].name));
  const shown = rows.filter(rowFilter(view, places));
  filterBar.show(view);
  matrix.show(shown, places);
  byId("shown").textContent = shown.length === rows.length
    ? counted(rows.length, "case")
    : `${shown.length} of ${counted(rows.length, "case")}`;
  byId("empty").hidden = shown.length > 0;
  const agent = view.open ? agentPlace(view.open.agent) : -1;
  const row = rows.find(({ id }) => id === view.open?.id);
  if (row?.cells[agent]) details.show(row, agent);
  else details.hide();
}

// What sticks below the filters has to know where they end.
new ResizeObserver(([entry]) => {
  const height = getComputedStyle(entry.target).position === "sticky"
    ? entry.target.offsetHeight
    : 0;
  document.documentElement.style.setProperty("--filters-height", `${height}px`);
}).observe(byId("filters"));

byId("cards").append(...agentCards(index));
addEventListener("popstate", () => {
  view = parseView(location.hash);
  render();
});
view = parseView(location.hash);
render();
