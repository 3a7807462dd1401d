/**
 * The names of all sections and groups of cases.
 *
 * @module
 */
import { BEYOND_GROUPS } from "../beyond/groups.ts";
import { CASE_GROUPS } from "../cases/mod.ts";

/** Names by number, for example `"6.4"`. */
export const GROUPS: Readonly<Record<string, string>> = { ...CASE_GROUPS, ...BEYOND_GROUPS };

/** The section of a case: the number before the first dot. */
export function sectionOf(id: string): string {
  return id.split(".", 1)[0] ?? id;
}
