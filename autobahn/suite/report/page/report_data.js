/**
 * The data of the report, which stand in the page: an index that is read at once, and the
 * results of cases, packed, of which only those are unpacked that are looked at.
 *
 * @module
 */
// @ts-check

/** @import { CaseResult } from "../../model/result.ts" */
/** @import { PageIndex } from "../page_data.ts" */

/**
 * One agent in one case.
 *
 * @typedef {object} Cell
 * @property {string} behavior
 * @property {string} behaviorClose
 * @property {string} result A sentence.
 * @property {string} resultClose A sentence.
 * @property {number} duration Milliseconds.
 * @property {number | null} remoteCloseCode
 */

/**
 * One case.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} section The number before the first dot.
 * @property {string} title The beginning of the description.
 * @property {string} words What can be searched for, in lower case.
 * @property {(Cell | undefined)[]} cells One for each agent; none where the case was not run.
 */

const MAX_TITLE = 110;

/**
 * @param {PageIndex} index
 * @returns {Row[]}
 */
export function rowsOf({ cases, agents, sentences }) {
  return cases.map(({ id, description, rule }, position) => {
    const cells = agents.map((agent) => cellOf(agent.cells[position] ?? null, sentences));
    const results = cells.map((cell) => cell ? `${cell.result} ${cell.resultClose}` : "");
    return {
      id,
      section: id.split(".", 1)[0] ?? id,
      title: titleOf(description),
      words: [description, rule, ...results].join(" ").toLowerCase(),
      cells,
    };
  });
}

/**
 * @param {PageIndex["agents"][number]["cells"][number]} cell
 * @param {readonly string[]} sentences
 * @returns {Cell | undefined}
 */
function cellOf(cell, sentences) {
  if (cell === null) return undefined;
  const [behavior, behaviorClose, duration, remoteCloseCode, result, resultClose] = cell;
  return {
    behavior,
    behaviorClose,
    duration,
    remoteCloseCode,
    result: sentences[result] ?? "",
    resultClose: sentences[resultClose] ?? "",
  };
}

/** @param {string} description */
function titleOf(description) {
  const [line = ""] = description.split("\n", 1);
  if (line.length <= MAX_TITLE) return line;
  return `${line.slice(0, line.lastIndexOf(" ", MAX_TITLE))} …`;
}

/**
 * Unpacks what was packed with raw deflate and base64.
 *
 * @param {string} packed
 * @returns {Promise<Record<string, CaseResult>>} By the number of the case.
 */
export async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return await new Response(stream).json();
}
