/**
 * The names of a report's files, as Autobahn|Testsuite forms them.
 *
 * @module
 */

/** What a file of one case may be called. Names in a report that was read are checked with it. */
const CASE_FILE = /^[a-z0-9_]*_case_[0-9_]+\.json$/;

/** Letters of an agent's name that a file name keeps; a file system takes 255 in all. */
const MAX_STEM = 120;

/**
 * The beginning of the names of an agent's files: its name in lower case, where every character
 * that is no ASCII letter or digit becomes `_`, without those at the ends.
 *
 * @param taken Stems of other agents. A second agent with the same stem gets a number.
 */
export function fileStem(agent: string, taken: ReadonlySet<string>): string {
  const plain = [...agent.toLowerCase()].map((letter) => /[a-z0-9]/.test(letter) ? letter : " ")
    .join("").trim().replaceAll(" ", "_").slice(0, MAX_STEM);
  let stem = plain;
  for (let number = 2; taken.has(stem); number++) stem = `${plain}_${number}`;
  return stem;
}

/** The name of the file of one case, for example `my_agent_case_5_6.json`. */
export function caseFileName(stem: string, id: string): string {
  return `${stem}_case_${id.replaceAll(".", "_")}.json`;
}

/** The stem of a case's file; `undefined` when the name is none that a report has. */
export function stemOf(fileName: string): string | undefined {
  return CASE_FILE.test(fileName) ? fileName.slice(0, fileName.lastIndexOf("_case_")) : undefined;
}
