/**
 * The table of cases by agents.
 *
 * @module
 */
import { bothBadges, make } from "./dom.js";
import { countVerdicts } from "./overview.js";
import { printable } from "./printable.js";

/** What an agent's column needs for whole words, in pixels, and what part of the table they share. */
const ROOMY = 140;
const SHARE = 0.58;
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Fills one `<table>`, shows what is asked for, and lets arrow keys move between its cells. */
export class Matrix {
  #table;
  #index;
  #rows;
  #lines = new Map();
  #headings = [];
  #width;
  #shownRows = [];
  #shownAgents = [];

  /**
   * @param {HTMLTableElement} table
   * @param {object} report
   * @param {import("../page_data.ts").PageIndex} report.index
   * @param {import("./report_data.js").Row[]} report.rows
   * @param {(id: string, agent: number) => void} report.open
   */
  constructor(table, { index, rows, open }) {
    this.#table = table;
    // Asked while the table is empty, this is cheap.
    this.#width = table.parentElement.clientWidth;
    this.#index = index;
    this.#rows = rows;
    table.append(this.#head(), ...this.#bodies());
    table.addEventListener("click", (event) => {
      const cell = event.target.closest("button");
      if (cell) open(cell.dataset.id, Number(cell.dataset.agent));
    });
    table.addEventListener("keydown", (event) => this.#move(event));
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = contentRect.width;
      this.#fit();
    }).observe(table.parentElement);
    table.addEventListener("focusin", ({ target }) => this.#setEntry(target));
  }

  /** Rows that are shown, from above. */
  get shownRows() {
    return this.#shownRows;
  }

  /** Shows these rows and agents only. */
  show(rows, agents) {
    const shown = new Set(rows);
    this.#shownRows = rows;
    for (const [row, line] of this.#lines) line.hidden = !shown.has(row);
    for (const { line, prefix } of this.#headings) {
      line.hidden = !rows.some(({ id }) => id.startsWith(prefix));
    }
    if (String(agents) !== String(this.#shownAgents)) {
      this.#shownAgents = agents;
      for (const cell of this.#table.querySelectorAll("[data-agent]")) {
        const part = cell.closest("td, th");
        part.hidden = !agents.includes(Number(cell.dataset.agent));
      }
    }
    this.#fit();
    this.#setEntry(this.#cell(rows[0], agents[0]));
  }

  /** Puts the focus on a cell, where it is shown. */
  focus(id, agent) {
    const cell = this.#cell(this.#rows.find((row) => row.id === id), agent);
    cell?.focus();
    cell?.scrollIntoView({ block: "nearest" });
  }

  #fit() {
    const agents = this.#shownAgents.length;
    this.#table.style.setProperty("--agents", agents);
    this.#table.classList.toggle("narrow", this.#width * SHARE < ROOMY * agents);
  }

  #head() {
    const agents = this.#index.agents.map(({ name }, agent) =>
      make("th", { scope: "col" }, make("bdi", { "data-agent": agent }, printable(name)))
    );
    return make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Case"), ...agents));
  }

  /** One body a section, with a row of its name, and one for the name of each group. */
  #bodies() {
    const sections = Map.groupBy(this.#rows, (row) => row.section);
    return [...sections].map(([section, rows]) => {
      const body = make("tbody", {}, this.#sectionHeading(section, rows));
      let group = "";
      for (const row of rows) {
        const own = row.id.split(".").slice(0, -1).join(".");
        if (own !== group && own !== section && this.#index.groups[own] !== undefined) {
          body.append(this.#groupHeading(own));
        }
        group = own;
        body.append(this.#line(row));
      }
      return body;
    });
  }

  #sectionHeading(section, rows) {
    const name = make("th.section", { scope: "rowgroup" }, this.#named(section));
    const { agents, behaviors } = this.#index;
    const counts = agents.map((_, agent) => {
      const pairs = rows.map((row) => row.cells[agent]).filter((cell) => cell !== undefined)
        .map(({ behavior }) => [behavior]);
      const items = countVerdicts(pairs, { behaviors, column: 0 }).map(({ verdict, count }) =>
        make("li", { "data-verdict": verdict }, `${count} ${verdict}`)
      );
      return make("td.counts", {}, make("ul", { "data-agent": agent }, ...items));
    });
    const line = make("tr.section", {}, name, ...counts);
    this.#headings.push({ line, prefix: `${section}.` });
    return line;
  }

  #groupHeading(group) {
    const columns = this.#index.agents.length + 1;
    const line = make("tr.group", {}, make("th", { colspan: columns }, this.#named(group)));
    this.#headings.push({ line, prefix: `${group}.` });
    return line;
  }

  #named(number) {
    const name = this.#index.groups[number];
    return name === undefined ? `Section ${number}` : `${number} ${name}`;
  }

  #line(row) {
    const cells = row.cells.map((cell, agent) =>
      make("td", {}, cell ? this.#button(row, { cell, agent }) : make("i", { "data-agent": agent }))
    );
    const title = make("span.title", {}, printable(row.title));
    const name = make("th", { scope: "row" }, make("span.id", {}, row.id), " ", title);
    const line = make("tr", {}, name, ...cells);
    this.#lines.set(row, line);
    return line;
  }

  #button({ id }, { cell, agent }) {
    const { behavior, behaviorClose, duration, remoteCloseCode, result } = cell;
    const code = remoteCloseCode === null ? "no code" : String(remoteCloseCode);
    return make(
      "button.cell",
      {
        type: "button",
        tabindex: "-1",
        title: printable(result),
        "data-id": id,
        "data-agent": agent,
        "aria-label": `${id}, ${printable(this.#index.agents[agent].name)}: ` +
          `${behavior}, closing ${behaviorClose}`,
      },
      ...bothBadges(cell),
      make("span.aside", {}, `${code} · ${duration} ms`),
    );
  }

  #cell(row, agent) {
    return this.#lines.get(row)?.querySelector(`button[data-agent="${agent}"]`) ?? undefined;
  }

  /** The one cell at which the tabulator key enters the table. */
  #setEntry(cell) {
    if (!cell?.matches("button.cell")) return;
    for (const other of this.#table.querySelectorAll('button[tabindex="0"]')) {
      other.tabIndex = -1;
    }
    cell.tabIndex = 0;
  }

  #move(event) {
    const cell = event.target.closest("button.cell");
    const step = STEPS[event.key];
    if (!cell || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [down, right] = step;
    const at = this.#shownRows.findIndex(({ id }) => id === cell.dataset.id);
    const column = this.#shownAgents.indexOf(Number(cell.dataset.agent)) + right;
    for (let row = at + down; this.#shownRows[row]; row += down) {
      const next = this.#cell(this.#shownRows[row], this.#shownAgents[column]);
      if (next) return next.focus();
      if (down === 0) return;
    }
  }
}
