/**
 * The dialog with everything that is known of one agent in one case.
 *
 * @module
 */
import { closingPart, eventsPart, handshakePart, trafficPart, wordsPart } from "./case_parts.js";
import { bothBadges, byId, make, verdictBadge } from "./dom.js";
import { printable } from "./printable.js";
import { unpack } from "./report_data.js";
import { wirePart } from "./wire_view.js";

/** Fills one `<dialog>`. */
export class Details {
  #dialog;
  #options;
  #shown = "";
  #packs = new Map();

  /**
   * @param {HTMLDialogElement} dialog
   * @param {object} options
   * @param {import("../page_data.ts").PageIndex} options.index
   * @param {() => import("./report_data.js").Row[]} options.neighbours The rows among which the
   * dialog goes on and back.
   * @param {(id: string, agent: number) => void} options.go
   * @param {() => void} options.closed
   */
  constructor(dialog, options) {
    this.#dialog = dialog;
    this.#options = options;
    dialog.addEventListener("close", () => options.closed());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("keydown", (event) => this.#turn(event));
  }

  /** Shows a case. What was shown before stays until this one is unpacked. */
  async show(row, agent) {
    const wanted = `${row.id} ${agent}`;
    if (this.#shown === wanted) return;
    this.#shown = wanted;
    const bar = this.#bar(row, agent);
    const result = (await this.#unpacked(agent, row.section))[row.id];
    // Meanwhile another one may have been asked for, or none.
    if (this.#shown !== wanted) return;
    const body = make(
      "div.body",
      { tabindex: "-1" },
      ...verdictsPart(result),
      wordsPart(result),
      eventsPart(result),
      wirePart(result),
      closingPart(result),
      handshakePart(result),
      trafficPart(result),
    );
    this.#dialog.replaceChildren(bar, body);
    if (!this.#dialog.open) this.#dialog.showModal();
    body.focus({ preventScroll: true });
    this.#dialog.scrollTop = 0;
  }

  /** Closes the dialog. */
  hide() {
    this.#shown = "";
    if (this.#dialog.open) this.#dialog.close();
  }

  /** The title, the ways to other cases, and the same case of other agents. */
  #bar({ id, title, cells }, agent) {
    const { index, neighbours, go } = this.#options;
    const rows = neighbours().filter((row) => row.cells[agent]);
    const at = rows.findIndex((row) => row.id === id);
    const step = (name, text, row) =>
      make("button.step", {
        type: "button",
        "aria-label": name,
        "data-step": name,
        title: name,
        disabled: row === undefined || at < 0,
        on: { click: () => go(row.id, agent) },
      }, text);
    const tabs = index.agents.map(({ name }, place) =>
      cells[place] && make(
        "button.tab",
        {
          type: "button",
          "aria-pressed": String(place === agent),
          on: { click: () => go(id, place) },
        },
        make("bdi", {}, printable(name)),
        ...bothBadges(cells[place]),
      )
    );
    return make(
      "div.top",
      {},
      make(
        "h2",
        { id: "details-title" },
        make("span.id", {}, id),
        " ",
        printable(this.#groupOf(id) ?? title),
      ),
      make(
        "div.steps",
        {},
        step("Previous case", "←", rows[at - 1]),
        step("Next case", "→", rows[at + 1]),
        make("button.step", {
          type: "button",
          "aria-label": "Close",
          title: "Close",
          on: { click: () => this.#dialog.close() },
        }, "✕"),
      ),
      make("div.tabs", { role: "group", "aria-label": "Agents" }, ...tabs),
    );
  }

  /** The name of the smallest group that a case belongs to. */
  #groupOf(id) {
    const parts = id.split(".");
    const prefixes = parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
    return prefixes.map((prefix) => this.#options.index.groups[prefix]).find((name) => name);
  }

  #unpacked(agent, section) {
    const key = `pack-${agent}-${section}`;
    if (!this.#packs.has(key)) this.#packs.set(key, unpack(byId(key).textContent));
    return this.#packs.get(key);
  }

  #turn(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const name = { ArrowLeft: "Previous case", ArrowRight: "Next case" }[event.key];
    if (!name) return;
    event.preventDefault();
    this.#dialog.querySelector(`[data-step="${name}"]`).click();
  }
}

function verdictsPart({ behavior, behaviorClose, result, resultClose }) {
  return [["Behaviour", behavior, result], ["Closing", behaviorClose, resultClose]].map((
    [title, verdict, sentence],
  ) =>
    make(
      "p.judgement",
      { "data-verdict": verdict },
      make("span.name", {}, title),
      verdictBadge(verdict),
      make("span", {}, printable(sentence)),
    )
  );
}
