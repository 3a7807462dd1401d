/**
 * What of the matrix is shown, and how the address of the page says so.
 *
 * @module
 */
// @ts-check

/** @import { Row } from "./report_data.js" */

/**
 * @typedef {object} View
 * @property {readonly string[]} verdicts In either column; none stands for all.
 * @property {string} section The number of a section; empty for all.
 * @property {string} text Words, or the beginnings of case numbers.
 * @property {readonly string[]} agents The names of those that are shown; none stands for all.
 * @property {boolean} differ Whether only those cases are shown in which agents differ.
 * @property {{ id: string, agent: string } | null} open The cell whose details are shown.
 */

/** @type {Readonly<View>} */
export const EVERYTHING = Object.freeze({
  verdicts: [],
  section: "",
  text: "",
  agents: [],
  differ: false,
  open: null,
});

/**
 * Reads the part of an address after `#`. What it does not know it ignores.
 *
 * @param {string} hash With or without its `#`.
 * @returns {View}
 */
export function parseView(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const [id, agent] = [fields.get("case"), fields.get("of")];
  return {
    verdicts: fields.getAll("verdict"),
    section: fields.get("section") ?? "",
    text: fields.get("text") ?? "",
    agents: fields.getAll("agent"),
    differ: fields.has("differ"),
    open: id !== null && agent !== null ? { id, agent } : null,
  };
}

/**
 * @param {View} view
 * @returns {string} With its `#`, or empty when everything is shown.
 */
export function formatView({ verdicts, section, text, agents, differ, open }) {
  const fields = new URLSearchParams();
  for (const verdict of verdicts) fields.append("verdict", verdict);
  if (section !== "") fields.set("section", section);
  if (text.trim() !== "") fields.set("text", text.trim());
  for (const agent of agents) fields.append("agent", agent);
  if (differ) fields.set("differ", "1");
  if (open) {
    fields.set("case", open.id);
    fields.set("of", open.agent);
  }
  return fields.size === 0 ? "" : `#${fields}`;
}

/**
 * Makes the test of a row. Agents are given by their place in the row.
 *
 * @param {View} view
 * @param {readonly number[]} agents Those that are shown.
 * @returns {(row: Row) => boolean}
 */
export function rowFilter({ verdicts, section, text, differ }, agents) {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return (row) => {
    const cells = agents.map((agent) => row.cells[agent]).filter((cell) => cell !== undefined);
    if (cells.length === 0 || section !== "" && row.section !== section) return false;
    if (!words.every((word) => hasWord(row, word))) return false;
    if (differ && new Set(cells.map(bothVerdicts)).size < 2) return false;
    return verdicts.length === 0 ||
      cells.some((cell) =>
        verdicts.includes(cell.behavior) || verdicts.includes(cell.behaviorClose)
      );
  };
}

/** @param {{ behavior: string, behaviorClose: string }} cell */
function bothVerdicts({ behavior, behaviorClose }) {
  return `${behavior}/${behaviorClose}`;
}

/**
 * @param {Row} row
 * @param {string} word
 */
function hasWord({ id, words }, word) {
  if (!/^\d+(\.\d+)*(\.\*|\.)?$/.test(word)) return words.includes(word);
  const prefix = word.replace(/\.\*?$/, "");
  // Without a dot it may be any number.
  return id === prefix || id.startsWith(`${prefix}.`) ||
    !word.includes(".") && words.includes(word);
}
