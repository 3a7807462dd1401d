/**
 * Raw cases that are alike but for what is sent: each has a plan, and a kind of plan makes cases.
 *
 * @module
 */
import type { RawCase, RawVerdict, Role } from "../model/case.ts";
import type { RawStage } from "../model/stage.ts";
import type { Level } from "./verdicts.ts";

/** What every kind of plan has. `Wanted` names what a testee may do; a `Draft` is what is sent. */
export interface Plan<Wanted extends string, Draft> {
  /** What is sent, in a sentence. */
  readonly description: string;
  readonly rule: string;
  readonly wanted: Wanted;
  /** @default {"MUST"} */
  readonly level?: Level;
  /** @default as `wanted` says */
  readonly expectation?: string;
  /** @default a head as it should be */
  readonly draft?: Draft;
  /** How the head is cut into writes. @default not at all */
  readonly chop?: { readonly chopBytes: number; readonly pauseMilliseconds?: number };
}

/** What the cases of one kind have in common. */
export interface PlanKind<Wanted extends string, P extends Plan<Wanted, unknown>> {
  readonly testee: Role;
  /** What a good testee does, by what is wanted of it. */
  readonly expectations: Readonly<Record<Wanted, string>>;
  readonly run: (stage: RawStage, plan: P) => Promise<RawVerdict>;
}

/** The case of a plan. */
export function plannedCase<Wanted extends string, P extends Plan<Wanted, unknown>>(
  id: string,
  plan: P,
  { testee, expectations, run }: PlanKind<Wanted, P>,
): RawCase {
  const { description, rule, level = "MUST", wanted } = plan;
  return {
    form: "raw",
    id,
    description,
    expectation: plan.expectation ?? expectations[wanted],
    rule,
    level,
    testees: [testee],
    run: (stage) => run(stage, plan),
  };
}

/** The cases of plans, numbered within a group. */
export function plannedCases<Wanted extends string, P extends Plan<Wanted, unknown>>(
  group: string,
  plans: readonly P[],
  kind: PlanKind<Wanted, P>,
): RawCase[] {
  return plans.map((plan, index) => plannedCase(`${group}.${index + 1}`, plan, kind));
}
