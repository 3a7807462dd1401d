/**
 * Cases in which the suite breaks a rule of the protocol, and the testee should fail the connection
 * (RFC 6455 §7.1.7).
 *
 * @module
 */
import type { FrameSpec, RawCase, RawVerdict, Role } from "../model/case.ts";
import type { Ending, RawSocket } from "./raw_socket.ts";
import { type OpenOptions, withSocket } from "./sockets.ts";
import { broken, type Closing, closing, type Level, verdict } from "./verdicts.ts";

/** A case about an offence. */
export interface OffencePlan extends OpenOptions {
  /** What is sent, in a sentence. */
  readonly description: string;
  readonly rule: string;
  /** @default {"MUST"} */
  readonly level?: Level;
  /** @default both */
  readonly testees?: readonly Role[];
  /** @default what a testee does that fails the connection */
  readonly expectation?: string;
  /** The frames, or the bytes, that break the rule. */
  readonly sends: readonly FrameSpec[] | Uint8Array;
  /** Close codes that fit. Without a close frame it is right as well. @default {[1002]} */
  readonly codes?: readonly number[];
  /** Whether a testee may also wait for more; that is INFORMATIONAL. @default {false} */
  readonly mayWait?: boolean;
  /** How long it may take, in milliseconds. @default {3000} */
  readonly patience?: number;
}

/** How long a testee has to refuse what it must refuse, in milliseconds. */
const REFUSAL_TIME = 3_000;

/** The case that a plan describes. */
export function offence(id: string, plan: OffencePlan): RawCase {
  const { description, rule, level = "MUST", codes = [1002], mayWait } = plan;
  const end = `The testee fails the connection: it closes with ${
    codes.join(" or ")
  }, or just ends it.`;
  return {
    form: "raw",
    id,
    description,
    expectation: plan.expectation ?? (mayWait ? `${end} It may also wait for more.` : end),
    rule,
    level,
    ...(plan.testees ? { testees: plan.testees } : {}),
    run: (stage) => withSocket(stage, (socket) => commit(socket, plan), plan),
  };
}

/** Numbers plans within a group. */
export function offences(group: string, plans: readonly OffencePlan[]): RawCase[] {
  return plans.map((plan, index) => offence(`${group}.${index + 1}`, plan));
}

/** Plans that share all but what is sent, each with its description. */
export function offencesOf(
  shared: Omit<OffencePlan, "description" | "sends">,
  sends: Readonly<Record<string, OffencePlan["sends"]>>,
): OffencePlan[] {
  return Object.entries(sends).map(([description, frames]) => ({
    description,
    sends: frames,
    ...shared,
  }));
}

async function commit(socket: RawSocket, plan: OffencePlan): Promise<RawVerdict> {
  const { sends, patience = REFUSAL_TIME } = plan;
  // Whoever has seen enough may take none of the rest.
  void (sends instanceof Uint8Array ? socket.sendBytes(sends) : socket.send(...sends));
  return judgeEnding(await socket.untilEnd(patience), plan);
}

/** The verdict on how a testee ended, or did not end, a connection that it should fail. */
export function judgeEnding(
  ending: Ending,
  plan: Pick<OffencePlan, "level" | "codes" | "mayWait">,
): RawVerdict {
  const { message, close, ended } = ending;
  if (message !== undefined) {
    return verdict(broken(plan.level), "The testee took it: it answered with a message.");
  }
  if (close === undefined && !ended) {
    return plan.mayWait
      ? verdict("INFORMATIONAL", "The testee waits for more.")
      : verdict(broken(plan.level), "The testee did not fail the connection.");
  }
  return verdict("OK", "The testee failed the connection.", judgeClosing(ending, plan.codes));
}

/** What is said of the way in which a testee failed the connection. */
export function judgeClosing(
  { close, ended }: Ending,
  codes: readonly number[] = [1002],
): Closing {
  if (close === undefined) return closing("OK", "The testee ended TCP without a close frame.");
  const { code } = close;
  if (code !== undefined && !codes.includes(code)) {
    return closing("WRONG CODE", `The close code is ${code}, and should be ${codes.join(" or ")}.`);
  }
  if (!ended) return closing("FAILED BY CLIENT", "The server left it to the client to end TCP.");
  return closing("OK", `The testee closed with ${code ?? "no code"}.`);
}
