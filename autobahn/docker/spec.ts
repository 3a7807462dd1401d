/**
 * What Autobahn|Testsuite is told to do: the files in `config/`, with the addresses and folders of
 * one run.
 *
 * @module
 */
import { FileFormatError, parseObject } from "../suite/cli/expected_file.ts";
import type { Role } from "../suite/model/case.ts";

/** What differs from run to run. */
export interface SpecOptions {
  readonly role: Role;
  /** Where the server that is tested listens, or where the testsuite is to listen. */
  readonly url: string;
  /** How the server that is tested is called in the report. */
  readonly agent: string;
  /** Where the testsuite is to write the report. */
  readonly outdir: string;
  /** Patterns of cases. @default those of the file */
  readonly cases?: readonly string[];
}

/** The name of the file for the part that our implementation plays. */
export function specFile(role: Role): string {
  return role === "server" ? "fuzzingclient.json" : "fuzzingserver.json";
}

/**
 * The specification of a run.
 *
 * @param template The text of the file in `config/`.
 * @throws {FileFormatError} when the template is no specification.
 */
export function formatSpec(template: string, options: SpecOptions): string {
  const { role, url, agent, outdir, cases } = options;
  const spec = parseObject(template, specFile(role));
  if (!Array.isArray(spec["cases"])) {
    throw new FileFormatError(`${specFile(role)}: "cases" must be a list of patterns`);
  }
  const filled = {
    ...spec,
    outdir,
    ...(role === "server" ? { servers: [{ agent, url }] } : { url }),
    ...(cases === undefined ? {} : { cases }),
  };
  return `${JSON.stringify(filled, null, 2)}\n`;
}
