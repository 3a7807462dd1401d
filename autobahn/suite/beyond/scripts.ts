/**
 * Scripted cases, of two kinds: the testee answers and the suite closes, or the testee fails the
 * connection.
 *
 * @module
 */
import type {
  CaseBase,
  CaseEvent,
  CasePeer,
  DeflateRequest,
  FrameSpec,
  ScriptedCase,
} from "../model/case.ts";

/** What both kinds have. */
interface ScriptPlan extends Omit<CaseBase, "id" | "expectation"> {
  /** @default as the kind has it */
  readonly expectation?: string;
  /** The frames to send, or what else to do. */
  readonly sends: readonly FrameSpec[] | ((peer: CasePeer) => void | Promise<void>);
  /** Compression to agree on. @default none */
  readonly deflate?: readonly DeflateRequest[];
  /**
   * How long the testee may take, in milliseconds.
   *
   * @default {5000} to answer, 3000 to fail
   */
  readonly patience?: number;
}

/** The testee answers. */
export interface AnswerPlan extends ScriptPlan {
  /** All that comes back, in order. */
  readonly answers: readonly CaseEvent[];
}

/** The testee fails the connection. */
export interface FailurePlan extends ScriptPlan {
  /** All that comes back before. @default nothing */
  readonly answers?: readonly CaseEvent[];
  /** Close codes that fit. Without a close frame it is right as well. @default {[1002]} */
  readonly codes?: readonly number[];
}

const ANSWER_TIME = 5_000;
const FAILURE_TIME = 3_000;

function script(
  { sends, patience }: { sends: ScriptPlan["sends"]; patience: number },
): ScriptedCase["script"] {
  return (peer) => {
    peer.killAfter(patience);
    if (typeof sends === "function") return sends(peer);
    for (const frame of sends) peer.send(frame);
  };
}

/** The testee answers, and the suite closes. */
export function answer(id: string, plan: AnswerPlan): ScriptedCase {
  const { answers, sends, patience = ANSWER_TIME, ...base } = plan;
  return {
    form: "scripted",
    id,
    expectation: "All of it is echoed and answered, and the connection is closed cleanly.",
    ...base,
    expected: { OK: answers },
    expectedClose: { closedByMe: true, closeCodes: [1000], requireClean: true },
    script: script({ sends, patience }),
  };
}

/** The testee fails the connection, by itself (RFC 6455 §7.1.7). */
export function failure(id: string, plan: FailurePlan): ScriptedCase {
  const { answers = [], codes = [1002], sends, patience = FAILURE_TIME, ...base } = plan;
  return {
    form: "scripted",
    id,
    expectation: `The testee fails the connection: it closes with ${codes.join(" or ")}, or just ` +
      "ends it.",
    ...base,
    expected: { OK: answers },
    expectedClose: {
      closedByMe: false,
      closeCodes: codes,
      requireClean: false,
      wrongCloserFails: true,
    },
    script: script({ sends, patience }),
  };
}

/** Numbers cases within a group. */
export function numbered<Plan>(
  group: string,
  { plans, make }: {
    plans: readonly Plan[];
    make: (id: string, plan: Plan) => ScriptedCase;
  },
): ScriptedCase[] {
  return plans.map((plan, index) => make(`${group}.${index + 1}`, plan));
}
