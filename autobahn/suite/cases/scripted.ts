/**
 * The two shapes that most scripted cases have: the testee answers, or it refuses.
 *
 * @module
 */
import type { CaseEvent, CasePeer, ExpectedClose, FrameSpec, ScriptedCase } from "../model/case.ts";

/** What a case says in words. */
export interface Words {
  readonly description: string;
  readonly expectation: string;
  /** Where the rule stands. */
  readonly rule: string;
}

/**
 * When the suite's patience ends, in milliseconds: it gives the testee up (`kill`: a close frame
 * with 1001, or the end of TCP within a closing handshake), or closes in the ordinary way
 * (`close`).
 */
export type Patience = { readonly kill: number } | { readonly close: number };

/** How the suite closes when all went well (RFC 6455 §7.1.2). */
export const NORMAL_CLOSE: ExpectedClose = {
  closedByMe: true,
  closeCodes: [1000],
  requireClean: true,
};

/** How the testee fails a connection (RFC 6455 §7.1.7): it closes first, with this code at best. */
export function failure(closeCode: number): ExpectedClose {
  return { closedByMe: false, closeCodes: [closeCode], requireClean: false };
}

/** Has the patience of a case end. */
export function endPatience(peer: CasePeer, patience: Patience): void {
  if ("kill" in patience) peer.killAfter(patience.kill);
  else peer.closeAfter(patience.close);
}

/** A case in which the testee answers, and the suite closes. */
export interface AnsweredPlan extends Words {
  readonly frames: readonly FrameSpec[];
  /** All that the testee sends, in order. */
  readonly answers: readonly CaseEvent[];
  readonly patience: Patience;
}

/** The suite sends frames, the testee answers them, and the suite closes. */
export function answered(id: string, plan: AnsweredPlan): ScriptedCase {
  const { frames, answers, patience, ...words } = plan;
  return {
    form: "scripted",
    id,
    ...words,
    expected: { OK: answers },
    expectedClose: NORMAL_CLOSE,
    script: (peer) => {
      for (const spec of frames) peer.send(spec);
      endPatience(peer, patience);
    },
  };
}

/** A case in which the testee fails the connection. */
export interface RefusedPlan extends Words {
  readonly frames: readonly FrameSpec[];
  /**
   * What the testee answers before it meets the fault. Where it answers nothing at all it is
   * NON-STRICT: it did not send what it owed before it closed.
   *
   * @default nothing
   */
  readonly answers?: readonly CaseEvent[];
}

/** Milliseconds that a testee has to refuse what it must refuse. */
const REFUSAL_TIME = 1_000;

/** The suite sends frames that break the protocol, and the testee fails the connection with 1002. */
export function refused(id: string, plan: RefusedPlan): ScriptedCase {
  const { frames, answers = [], ...words } = plan;
  return {
    form: "scripted",
    id,
    ...words,
    expected: answers.length === 0 ? { OK: [] } : { OK: answers, "NON-STRICT": [] },
    expectedClose: failure(1002),
    script: (peer) => {
      for (const spec of frames) peer.send(spec);
      peer.killAfter(REFUSAL_TIME);
    },
  };
}
