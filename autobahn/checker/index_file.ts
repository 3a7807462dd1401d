/**
 * The master report of Autobahn|Testsuite, `index.json`, and of whatever writes the same.
 *
 * @module
 */
import {
  FileFormatError,
  isObject,
  parseBehavior,
  parseObject,
} from "../suite/cli/expected_file.ts";
import type { Verdict, Verdicts } from "../suite/cli/verdicts.ts";
import { compareIds } from "../suite/model/ids.ts";

/**
 * The verdicts by agent, each in numeric order.
 *
 * @param source How the file is called in messages.
 * @throws {FileFormatError} when it is no such report.
 */
export function parseIndex(text: string, source: string): ReadonlyMap<string, Verdicts> {
  return new Map(
    Object.entries(parseObject(text, source)).map(([agent, cases]) => {
      const place = `${source}, agent ${JSON.stringify(agent)}`;
      if (!isObject(cases)) throw new FileFormatError(`${place}: it must be an object of cases`);
      const verdicts = Object.entries(cases)
        .map(([id, entry]) => [id, verdictOf(entry, `${place}, case ${id}`)] as const)
        .sort(([a], [b]) => compareIds(a, b));
      return [agent, new Map(verdicts)];
    }),
  );
}

function verdictOf(entry: unknown, place: string): Verdict {
  if (!isObject(entry)) throw new FileFormatError(`${place}: it must be an object`);
  return {
    behavior: parseBehavior(entry["behavior"], `${place}, "behavior"`),
    behaviorClose: parseBehavior(entry["behaviorClose"], `${place}, "behaviorClose"`),
  };
}
