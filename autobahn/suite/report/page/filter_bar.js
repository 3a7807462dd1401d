/**
 * The form above the matrix.
 *
 * @module
 */
import { byId, make, verdictBadge } from "./dom.js";
import { EVERYTHING } from "./filters.js";
import { countCells } from "./overview.js";
import { printable } from "./printable.js";

/** Shows a view in the form, and tells of every change. */
export class FilterBar {
  #agents;

  /**
   * @param {object} report
   * @param {import("../page_data.ts").PageIndex} report.index
   * @param {readonly string[]} report.sections
   * @param {(view: Partial<import("./filters.js").View>) => void} report.change
   */
  constructor({ index, sections, change }) {
    this.#agents = index.agents.map(({ name }) => name);
    this.#fillVerdicts(index);
    this.#fillSections(index, sections);
    this.#fillAgents();
    const form = byId("filters");
    form.addEventListener("input", () => change(this.#read()));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      change({ ...EVERYTHING });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.matches("input, select, dialog *")) return;
      event.preventDefault();
      byId("text").focus();
    });
  }

  /** @param {import("./filters.js").View} view */
  show({ verdicts, section, text, agents, differ }) {
    for (const box of boxes("verdicts")) box.checked = verdicts.includes(box.value);
    for (const box of boxes("agents")) {
      const name = this.#agents[Number(box.value)];
      box.checked = agents.length === 0 || agents.includes(name);
    }
    byId("section").value = section;
    byId("differ").checked = differ;
    // Whoever types a space must not lose it.
    if (byId("text").value.trim() !== text.trim()) byId("text").value = text;
  }

  #read() {
    const agents = checked("agents").map((place) => this.#agents[Number(place)]);
    return {
      verdicts: checked("verdicts"),
      section: byId("section").value,
      text: byId("text").value,
      agents: agents.length === this.#agents.length ? [] : agents,
      differ: byId("differ").checked,
    };
  }

  #fillVerdicts({ agents, behaviors }) {
    const cells = agents.flatMap((agent) => agent.cells).filter((cell) => cell !== null);
    for (const verdict of behaviors) {
      const { behaviour, closing, either } = countCells(cells, verdict);
      if (either === 0) continue;
      const box = make("input", { type: "checkbox", value: verdict });
      // The cards count each column for itself.
      const title = `Behaviour ${behaviour}, closing ${closing}; one of both at least ${either}`;
      const count = make("span.count", {}, String(either));
      byId("verdicts").append(make("label.chip", { title }, box, verdictBadge(verdict), count));
    }
  }

  #fillSections({ groups }, sections) {
    for (const section of sections) {
      const name = groups[section] ?? "";
      byId("section").append(make("option", { value: section }, `${section} ${name}`.trim()));
    }
  }

  #fillAgents() {
    const several = this.#agents.length > 1;
    byId("agents").hidden = byId("differ").closest("label").hidden = !several;
    for (const [place, name] of this.#agents.entries()) {
      const box = make("input", { type: "checkbox", value: place, checked: true });
      byId("agents").append(make("label.chip", {}, box, make("bdi", {}, printable(name))));
    }
  }
}

function boxes(id) {
  return [...byId(id).querySelectorAll("input")];
}

function checked(id) {
  return boxes(id).filter((box) => box.checked).map((box) => box.value);
}
