/**
 * What is measured.
 *
 * @module
 */

/** What the load generator does in one measurement. */
export interface Scenario {
  /** The name that `--scenarios` takes. */
  readonly name: string;
  readonly connections: number;
  /** Messages that each connection writes at once. */
  readonly inFlight: number;
  /** Bytes of a message, before compression. */
  readonly bytes: number;
  /** Whether the messages are JSON text, compressed without context takeover. @default false */
  readonly deflate?: boolean;
}

/** All scenarios, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "single", connections: 64, inFlight: 1, bytes: 32 },
  { name: "batched", connections: 64, inFlight: 16, bytes: 32 },
  { name: "many", connections: 500, inFlight: 1, bytes: 128 },
  { name: "large", connections: 16, inFlight: 1, bytes: 65536 },
  { name: "deflate", connections: 64, inFlight: 1, bytes: 1024, deflate: true },
  { name: "deflate-batched", connections: 64, inFlight: 8, bytes: 1024, deflate: true },
];

/** The names that `--scenarios` takes. */
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map(({ name }) => name);

/** What a connection sends and receives before its memory is looked at. */
export interface Traffic {
  /** Messages that a connection writes at once. */
  readonly inFlight: number;
  /** Bytes of a message, before compression. */
  readonly bytes: number;
  /** How often it does so. */
  readonly batches: number;
}

/** What happens on compressed connections before their memory is looked at. */
export const DEFLATE_TRAFFIC: Traffic = { inFlight: 4, bytes: 1024, batches: 8 };
