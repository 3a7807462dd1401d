/**
 * Finding cases by number.
 *
 * @module
 */
import { AUTOBAHN_CASES } from "../../../../autobahn/suite/cases/mod.ts";
import type { Case, MeasuredCase, ScriptedCase } from "../../../../autobahn/suite/model/case.ts";

function find(id: string): Case {
  const found = AUTOBAHN_CASES.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no case ${id}`);
  return found;
}

/** The scripted case with this number. */
export function scripted(id: string): ScriptedCase {
  const found = find(id);
  if (found.form !== "scripted") throw new Error(`Case ${id} is ${found.form}`);
  return found;
}

/** The measured case with this number. */
export function measured(id: string): MeasuredCase {
  const found = find(id);
  if (found.form !== "measured") throw new Error(`Case ${id} is ${found.form}`);
  return found;
}
