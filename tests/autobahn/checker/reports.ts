/** An `index.json` in Autobahn's shape, made from expected results, to be doctored. */

/** One entry of the report. */
export interface IndexEntry {
  behavior: string;
  behaviorClose: string;
  duration: number;
  remoteCloseCode: number | null;
  reportfile: string;
}

/** A report by agent and case. */
export type Index = Record<string, Record<string, IndexEntry>>;

const EXPECTED = new URL("../../../autobahn/expected/", import.meta.url);

/** The path of a file of expected results. */
export function expectedPath(name: string): string {
  return decodeURIComponent(new URL(`${name}.json`, EXPECTED).pathname);
}

/** The report of an agent whose results are exactly those of `autobahn/expected/<name>.json`. */
export function reportAsExpected(name: string, agent = "tidewire"): Index {
  const expected: Record<string, [string, string]> = JSON.parse(
    Deno.readTextFileSync(expectedPath(name)),
  );
  // Autobahn sorts its keys as strings.
  const cases = Object.entries(expected).sort(([a], [b]) => a < b ? -1 : 1);
  return {
    [agent]: Object.fromEntries(cases.map(([id, [behavior, behaviorClose]]) => [id, {
      behavior,
      behaviorClose,
      duration: 2,
      remoteCloseCode: 1000,
      reportfile: `${agent}_case_${id.replaceAll(".", "_")}.json`,
    }])),
  };
}
