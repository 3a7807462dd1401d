/**
 * Cases about the opening handshake of a server: a request is sent, and the answer is judged.
 *
 * @module
 */
import type { RawCase, RawVerdict } from "../model/case.ts";
import type { RawStage } from "../model/stage.ts";
import {
  type Answer,
  type Asked,
  fieldValues,
  openingFaults,
  readAnswer,
  type ReceivedResponse,
} from "./answers.ts";
import { type Plan, type PlanKind, plannedCase, plannedCases } from "./plans.ts";
import { RawSocket } from "./raw_socket.ts";
import { buildRequest, type RequestDraft } from "./requests.ts";
import { broken, fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** What a server should do with a request. */
export type Wanted =
  /** Open the WebSocket. */
  | "accepted"
  /** Answer with anything but 101. */
  | "refused"
  /** Either: the rules leave it free. */
  | "either";

/** A case about a request. */
export interface OpeningPlan extends Plan<Wanted, RequestDraft> {
  /** The statuses that the rule names for a refusal; another one is NON-STRICT. @default any */
  readonly statuses?: readonly number[];
  /** What the request offers. @default nothing */
  readonly asked?: Omit<Asked, "key">;
  /** A last look at a response: a sentence that says what is wrong with it, if anything. */
  readonly review?: (response: ReceivedResponse) => string | undefined;
  /** How well the connection works once it is open. @default it echoes a message */
  readonly use?: (socket: RawSocket, response: ReceivedResponse) => Promise<string | undefined>;
}

const OPENING: PlanKind<Wanted, OpeningPlan> = {
  testee: "server",
  expectations: {
    accepted:
      "The server answers 101 as it should, the connection echoes, and it is closed cleanly.",
    refused: "The server answers with another status than 101, and goes on serving others.",
    either: "The server opens a WebSocket that echoes, or it refuses. It goes on serving others.",
  },
  run,
};

/** A raw case about one request. */
export function opening(id: string, plan: OpeningPlan): RawCase {
  return plannedCase(id, plan, OPENING);
}

/** Plans that share all but what is sent, each with its description. */
export function plansOf(
  shared: Omit<OpeningPlan, "description" | "draft">,
  drafts: Readonly<Record<string, RequestDraft>>,
): OpeningPlan[] {
  return Object.entries(drafts).map(([description, draft]) => ({ description, draft, ...shared }));
}

/** Numbers plans within a group. */
export function openings(group: string, plans: readonly OpeningPlan[]): RawCase[] {
  return plannedCases(group, plans, OPENING);
}

async function run(stage: RawStage, plan: OpeningPlan): Promise<RawVerdict> {
  const stream = await stage.connect();
  try {
    const { bytes, key } = buildRequest(stage.target, plan.draft);
    // A server may answer, and read no more, before it has all of a long request.
    void stream.write(bytes, plan.chop);
    const answer = await readAnswer(stream);
    if (answer.kind === "response" && answer.response.status === 101) {
      const { head, rest } = answer.response;
      const faults = openingFaults(head, { ...plan.asked, key });
      const socket = new RawSocket(stream, {
        testee: "server",
        rest,
        extensions: fieldValues(head, "sec-websocket-extensions").join(", "),
      });
      return await judgeOpened(socket, { ...plan, answer: answer.response, faults });
    }
    const judged = judgeRefusal(answer, plan);
    if (judged.behavior === "FAILED" || await stage.stillEchoes()) return judged;
    return verdict("FAILED", "Afterwards the server no longer echoes for others.", NOT_OPENED);
  } finally {
    stream.drop("fin");
  }
}

type Opened = OpeningPlan & {
  readonly answer: ReceivedResponse;
  readonly faults: readonly string[];
};

/** The verdict on a server that has opened the WebSocket. */
async function judgeOpened(socket: RawSocket, opened: Opened): Promise<RawVerdict> {
  const { wanted, level, faults, answer } = opened;
  if (wanted === "refused") {
    return verdict(broken(level), "The request was accepted with 101.", NOT_OPENED);
  }
  if (faults.length > 0) {
    return verdict("FAILED", `The response is wrong: ${faults.join("; ")}.`, NOT_OPENED);
  }
  const fault = opened.review?.(answer);
  if (fault !== undefined) return verdict(broken(level), fault, NOT_OPENED);
  const trouble = await (opened.use ?? echoesHello)(socket, answer);
  if (trouble !== undefined) {
    return verdict("FAILED", `Opened with 101, but ${trouble}`, NOT_OPENED);
  }
  return fine("Opened with 101, and it echoes.", await socket.closeNormally());
}

/** Whether an open connection echoes. */
function echoesHello(socket: RawSocket): Promise<string | undefined> {
  return socket.echoes("hello");
}

/** The verdict on a server that has not opened the WebSocket. */
function judgeRefusal(answer: Answer, plan: OpeningPlan): RawVerdict {
  const { wanted, level, statuses } = plan;
  if (answer.kind === "garbage") {
    return verdict("FAILED", `The answer is no response of HTTP: ${answer.text}.`, NOT_OPENED);
  }
  if (answer.kind === "silence") {
    return verdict(broken(level), "There was no answer in time.", NOT_OPENED);
  }
  const seen = answer.kind === "end"
    ? "The server ended the connection without an answer."
    : `Refused with ${answer.response.status}.`;
  if (wanted === "accepted") return verdict(broken(level), seen, NOT_OPENED);
  if (answer.kind === "end") {
    return verdict(wanted === "either" ? "OK" : "NON-STRICT", seen, NOT_OPENED);
  }
  const fault = plan.review?.(answer.response);
  if (fault !== undefined) return verdict(broken(level), fault, NOT_OPENED);
  if (statuses !== undefined && !statuses.includes(answer.response.status)) {
    return verdict("NON-STRICT", `${seen} It should be ${statuses.join(" or ")}.`, NOT_OPENED);
  }
  return fine(seen, NOT_OPENED);
}
