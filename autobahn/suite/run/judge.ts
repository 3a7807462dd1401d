/**
 * Verdicts: what a case says of a testee, and what its closing does. The order of the questions is
 * that of Autobahn|Testsuite, for the first answer counts.
 *
 * @module
 */
import { type Behavior, isFault } from "../model/behavior.ts";
import type {
  CaseBase,
  CaseEvent,
  ExpectedClose,
  MeasuredCase,
  Measurement,
  RawVerdict,
  ScriptedCase,
} from "../model/case.ts";
import { eventsText, sameEvents } from "./events.ts";

/** Both verdicts. */
export type Verdict = RawVerdict;

/** How a connection ended. */
export interface EndFacts {
  /** Whether the suite was the server. */
  readonly isServer: boolean;
  readonly closedByMe: boolean;
  readonly droppedByMe: boolean;
  readonly wasClean: boolean;
  readonly remoteCloseCode: number | null;
}

/** What there is to judge of a connection that was open. */
export interface CaseFacts extends EndFacts {
  /** Compression was to be used, and was not agreed on. */
  readonly deflateMissing: boolean;
  /** Why the case itself could not go on, if so. */
  readonly failure?: string | undefined;
}

/** The verdict where the opening handshake was not completed. */
export function neverOpened(reason: string): Verdict {
  const result = `The opening handshake was never completed: ${reason}.`;
  return { behavior: "FAILED", result, behaviorClose: "FAILED", resultClose: result };
}

/** The verdict on a scripted case. `review` is what its last look found. */
export function judgeScripted(
  testCase: ScriptedCase,
  facts: CaseFacts & {
    readonly received: readonly CaseEvent[];
    readonly review: string | undefined;
  },
): Verdict {
  if (facts.deflateMissing) return unimplemented(facts);
  const close = judgeClose(testCase.expectedClose, facts);
  let behavior: Behavior = expectedName(testCase, facts.received) ?? "FAILED";
  let result = receivedText(testCase, { received: facts.received, behavior });
  const { wrongCloserFails } = testCase.expectedClose;
  const fail = (words: string): void => {
    behavior = "FAILED";
    result = words;
  };
  if (wrongCloserFails && testCase.expectedClose.closedByMe !== facts.closedByMe) {
    fail(close.resultClose);
  }
  if (testCase.wrongCodeFails && close.behaviorClose === "WRONG CODE") fail(close.resultClose);
  if (facts.review !== undefined) fail(facts.review);
  if (facts.failure !== undefined) fail(facts.failure);
  if (testCase.informational && facts.failure === undefined) {
    return { behavior: "INFORMATIONAL", result, ...close, behaviorClose: "INFORMATIONAL" };
  }
  return softened(testCase, { behavior, result, ...close });
}

/** The verdict on a measured case. */
export function judgeMeasured(
  testCase: MeasuredCase,
  facts: CaseFacts & { readonly measurement: Measurement | undefined },
): Verdict {
  if (facts.deflateMissing) return unimplemented(facts);
  const close = judgeClose(testCase.expectedClose, facts);
  const { measurement, failure = "The case did not come to an end." } = facts;
  return softened(testCase, {
    behavior: measurement?.behavior ?? "FAILED",
    result: measurement?.result ?? failure,
    ...close,
  });
}

/** How the testee ended the connection. */
function judgeClose(
  expected: ExpectedClose,
  facts: EndFacts,
): Pick<Verdict, "behaviorClose" | "resultClose"> {
  const { isServer, closedByMe, droppedByMe, wasClean, remoteCloseCode } = facts;
  if (expected.closedByMe !== closedByMe) {
    return {
      behaviorClose: "FAILED",
      resultClose: closedByMe
        ? "The testee was to close the connection, and left it to the suite."
        : "The testee closed the connection, which was for the suite to do.",
    };
  }
  if (expected.requireClean && !wasClean) {
    return {
      behaviorClose: "UNCLEAN",
      resultClose: "The closing handshake was not completed, and must be here.",
    };
  }
  if (remoteCloseCode !== null && !expected.closeCodes.includes(remoteCloseCode)) {
    return {
      behaviorClose: "WRONG CODE",
      resultClose: `The close code was ${remoteCloseCode}; it should be ${
        expected.closeCodes.join(" or ")
      }, or none.`,
    };
  }
  if (!isServer && droppedByMe) {
    return {
      behaviorClose: "FAILED BY CLIENT",
      resultClose: "The server should end TCP first, and left it to the client.",
    };
  }
  return { behaviorClose: "OK", resultClose: "The connection was closed as it should be." };
}

/** The first name whose events are those that came. */
function expectedName(
  { expected }: ScriptedCase,
  received: readonly CaseEvent[],
): Behavior | undefined {
  for (const [name, events] of Object.entries(expected)) {
    if (sameEvents(received, events)) return name as Behavior;
  }
  return undefined;
}

/** What came, and where it is not the best, what is. */
function receivedText(
  { expected, informational, level }: ScriptedCase,
  { received, behavior }: { received: readonly CaseEvent[]; behavior: Behavior },
): string {
  if (behavior === "OK") return "What came is what is expected.";
  const came = eventsText(received);
  if (informational) return `What came: ${came}.`;
  const best = eventsText(expected.OK ?? []);
  // The words leave payloads out, which may be all that is different.
  const wanted = came === best ? `${best}, with another payload` : best;
  return behavior === "FAILED" && level !== "SHOULD"
    ? `What came is not what is expected. It was: ${came}. Expected: ${wanted}.`
    : `What came is allowed, and not strict. It was: ${came}. Strict is: ${wanted}.`;
}

/** The case did not run: the suite closed at once, and how the testee took that is judged. */
function unimplemented(facts: EndFacts): Verdict {
  return {
    behavior: "UNIMPLEMENTED",
    result: "The testee did not agree on permessage-deflate as it was asked for.",
    ...judgeClose({ closedByMe: true, closeCodes: [1000], requireClean: true }, facts),
  };
}

/** Not to follow a SHOULD is not strict, and no failure. */
function softened({ level = "MUST" }: CaseBase, verdict: Verdict): Verdict {
  if (level === "MUST") return verdict;
  const soften = (behavior: Behavior): Behavior => isFault(behavior) ? "NON-STRICT" : behavior;
  return {
    ...verdict,
    behavior: soften(verdict.behavior),
    behaviorClose: soften(verdict.behaviorClose),
  };
}
