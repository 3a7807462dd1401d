/**
 * What the rounds of a run found, and how two servers compare.
 *
 * @module
 */

import type { EchoResult } from "./load/measurement.ts";
import type { IdleMemory } from "./measure.ts";
import type { Row } from "./peers.ts";
import type { Scenario } from "./scenarios.ts";
import { median } from "./tables.ts";

/** The results of one row in one scenario, one entry a round. */
export interface EchoCell {
  readonly scenario: string;
  /** The key of the row. */
  readonly row: string;
  /** An entry is `undefined` when that round failed. */
  readonly rounds: readonly (EchoResult | undefined)[];
}

/** The results of one row with idle connections, one entry a round. */
export interface IdleCell {
  /** The key of the row. */
  readonly row: string;
  /** An entry is `undefined` when that round failed. */
  readonly rounds: readonly (IdleMemory | undefined)[];
}

/** Looks the cell of a row up. */
export function findCell(
  cells: readonly EchoCell[],
  scenario: Scenario,
  key: string,
): EchoCell | undefined {
  return cells.find((cell) => cell.row === key && cell.scenario === scenario.name);
}

/** The rounds that did not fail. */
export function done<Result>(cell: { readonly rounds: readonly (Result | undefined)[] }): Result[] {
  return cell.rounds.filter((result) => result !== undefined);
}

/** The median of a figure over the rounds. */
export function middle(cell: EchoCell, key: keyof EchoResult): number | undefined {
  return median(done(cell).map((result) => result[key] ?? NaN));
}

/**
 * The ratio of a row to another: the median over the rounds of the ratio within a round, so that a
 * machine that is slower in one round does not distort it.
 *
 * @param value what is compared; messages a second by default
 */
export function ratio(
  cell: EchoCell,
  baseline: EchoCell | undefined,
  value: (result: EchoResult) => number = (result) => result.messagesPerSecond,
): number | undefined {
  return median(cell.rounds.flatMap((result, round) => {
    const base = baseline?.rounds[round];
    return result && base ? [value(result) / value(base)] : [];
  }));
}

/** Messages for the same processor time: the inverse of time, so above 1 is better here too. */
export function thrift(result: EchoResult): number {
  return 1 / (result.serverMicroseconds ?? NaN);
}

/** Why there is no measurement in a row. */
export function missingText(row: Row): string {
  return `not measured: ${row.missing ?? "left out"}`;
}
