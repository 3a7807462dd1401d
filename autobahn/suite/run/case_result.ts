/**
 * The result of a case, put together.
 *
 * @module
 */
import type { Behavior } from "../model/behavior.ts";
import type { Case, CaseEvent, ExpectedClose } from "../model/case.ts";
import type { CaseResult, ReportedEvent, TrafficStats } from "../model/result.ts";
import type { Closing } from "../peer/closing.ts";
import { hex } from "../wire/shown.ts";
import { isText } from "../wire/utf8.ts";
import type { WireLog } from "../wire/wire_log.ts";
import { reportedEvent } from "./events.ts";
import type { Verdict } from "./judge.ts";

/** Which case is run on whom. */
export interface RunLabel {
  readonly testCase: Case;
  /** The name of the testee. */
  readonly agent: string;
  /** The position among the cases that were selected, from 1. */
  readonly position: number;
  /** Whether the suite is the server. */
  readonly isServer: boolean;
}

/** What was seen. */
export interface RunFacts {
  readonly verdict: Verdict;
  readonly log: WireLog;
  /** When it began. */
  readonly started: Date;
  /** Milliseconds from the open connection to its end. */
  readonly duration: number;
  readonly httpRequest: string;
  readonly httpResponse: string;
  /** How the connection ended; none where it never opened, or the case is raw. */
  readonly closing?: Closing | undefined;
  readonly received?: readonly CaseEvent[] | undefined;
  readonly traffic?: TrafficStats | undefined;
  /** Why the opening handshake was not completed. */
  readonly openingFailure?: string | undefined;
  readonly openingTimedOut?: boolean | undefined;
}

/** What a report says where no head was seen. */
const UNSEEN = "?";
const decoder = new TextDecoder();

/** Puts a result together. */
export function caseResult(label: RunLabel, facts: RunFacts): CaseResult {
  const { testCase, agent, position, isServer } = label;
  const { log, received = [], traffic = null } = facts;
  const { id, description, expectation, rule, level = "MUST", form } = testCase;
  return {
    agent,
    case: position,
    id,
    description,
    expectation,
    ...facts.verdict,
    expected: form === "scripted" ? reportedExpected(testCase.expected) : {},
    expectedClose: form === "raw" ? {} : reportedClose(testCase.expectedClose),
    received: received.map(reportedEvent),
    isServer,
    ...closingFacts(facts),
    duration: Math.round(facts.duration),
    started: facts.started.toISOString(),
    httpRequest: facts.httpRequest || UNSEEN,
    httpResponse: facts.httpResponse || UNSEEN,
    reportTime: form === "measured",
    reportCompressionRatio: traffic !== null,
    createStats: true,
    createWirelog: true,
    ...log.counts(),
    trafficStats: traffic,
    wirelog: log.lines,
    rule,
    level,
  };
}

type ClosingKeys =
  | "closedByMe"
  | "failedByMe"
  | "droppedByMe"
  | "wasClean"
  | "wasNotCleanReason"
  | "wasServerConnectionDropTimeout"
  | "wasOpenHandshakeTimeout"
  | "wasCloseHandshakeTimeout"
  | "localCloseCode"
  | "localCloseReason"
  | "remoteCloseCode"
  | "remoteCloseReason";

function closingFacts(facts: RunFacts): Pick<CaseResult, ClosingKeys> {
  const { closing, openingFailure, openingTimedOut = false } = facts;
  const reason = closing?.localCloseReason;
  return {
    closedByMe: closing?.closedByMe ?? false,
    failedByMe: closing?.failedByMe ?? false,
    droppedByMe: closing?.droppedByMe ?? openingFailure !== undefined,
    wasClean: closing?.wasClean ?? false,
    wasNotCleanReason: closing?.wasNotCleanReason ?? openingFailure ?? null,
    wasServerConnectionDropTimeout: closing?.wasServerConnectionDropTimeout ?? false,
    wasOpenHandshakeTimeout: openingTimedOut,
    wasCloseHandshakeTimeout: closing?.wasCloseHandshakeTimeout ?? false,
    localCloseCode: closing?.localCloseCode ?? null,
    localCloseReason: reason ? isText(reason) ? decoder.decode(reason) : hex(reason) : null,
    remoteCloseCode: closing?.remoteCloseCode ?? null,
    remoteCloseReason: closing?.remoteCloseReason ?? null,
  };
}

function reportedExpected(
  expected: Readonly<Partial<Record<Behavior, readonly CaseEvent[]>>>,
): Partial<Record<Behavior, ReportedEvent[]>> {
  return Object.fromEntries(
    Object.entries(expected).map(([name, events]) => [name, events.map(reportedEvent)]),
  );
}

function reportedClose(
  { closedByMe, closeCodes, requireClean }: ExpectedClose,
): { closedByMe: boolean; closeCode: number[]; requireClean: boolean } {
  return { closedByMe, closeCode: [...closeCodes], requireClean };
}
