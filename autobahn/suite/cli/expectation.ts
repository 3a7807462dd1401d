/**
 * What `--expected` asks for: the results of a run are compared with files, or written to one.
 *
 * @module
 */
import type { CaseResult } from "../model/result.ts";
import { EXIT_CODE, type ExitCode } from "./exit_codes.ts";
import { FileFormatError, formatExpected, parseExpected } from "./expected_file.ts";
import { errorText } from "./output.ts";
import { compareVerdicts, driftText, isGain, type Verdicts } from "./verdicts.ts";

/** What the comparison came to. */
export interface Comparison {
  readonly code: ExitCode;
  /** What to say of it. */
  readonly text: string;
}

/** What a run is compared with. */
export class Expectation {
  readonly #files: readonly string[];
  readonly #verdicts: Verdicts;

  constructor(files: readonly string[], verdicts: Verdicts) {
    this.#files = files;
    this.#verdicts = verdicts;
  }

  /**
   * Reads the files; together they say what is expected.
   *
   * @param options.mayBeMissing Whether a file that is not there expects nothing.
   * @throws {FileFormatError} when one cannot be read or is no such file.
   */
  static read(
    files: readonly string[],
    { mayBeMissing }: { readonly mayBeMissing: boolean },
  ): Expectation {
    const verdicts = files.flatMap((file) => {
      const text = readText(file, mayBeMissing);
      return text === undefined ? [] : [...parseExpected(text, file)];
    });
    return new Expectation(files, new Map(verdicts));
  }

  /**
   * Compares the results of one agent with what is expected of the cases that were to run.
   *
   * @param ids The cases that were to run.
   */
  compare(results: readonly CaseResult[], ids: readonly string[]): Comparison {
    const expected = new Map(
      ids.flatMap((id) => {
        const verdict = this.#verdicts.get(id);
        return verdict === undefined ? [] : [[id, verdict] as const];
      }),
    );
    const drifts = compareVerdicts(verdictsOf(results), expected);
    const source = this.#files.join(" and ");
    const text = driftText(drifts, { total: ids.length, source });
    if (drifts.length === 0) return { code: EXIT_CODE.OK, text };
    const hint = isGain(drifts) ? "\nNothing is worse: keep it with --update-expected." : "";
    return { code: EXIT_CODE.DRIFT, text: text + hint };
  }

  /**
   * Writes the results to the file. What it holds of cases that did not run stays, but for cases
   * that no longer exist.
   *
   * @param known The number of every case that there is.
   */
  update(results: readonly CaseResult[], known: ReadonlySet<string>): Comparison {
    const verdicts = new Map([...this.#verdicts].filter(([id]) => known.has(id)));
    for (const [id, verdict] of verdictsOf(results)) verdicts.set(id, verdict);
    const [file = ""] = this.#files;
    Deno.writeTextFileSync(file, formatExpected(verdicts));
    return { code: EXIT_CODE.OK, text: `Wrote ${results.length} results to ${file}.` };
  }
}

function verdictsOf(results: readonly CaseResult[]): Verdicts {
  return new Map(
    results.map(({ id, behavior, behaviorClose }) => [id, { behavior, behaviorClose }]),
  );
}

function readText(file: string, mayBeMissing: boolean): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (mayBeMissing && error instanceof Deno.errors.NotFound) return undefined;
    throw new FileFormatError(`Cannot read ${file}: ${errorText(error)}`);
  }
}
