/**
 * Cases about the opening handshake of a client: its request is looked at, it gets an answer, and
 * what it does then is judged.
 *
 * @module
 */
import { text } from "../cases/frames.ts";
import type { RawCase, RawVerdict } from "../model/case.ts";
import type { Head, RawStage } from "../model/stage.ts";
import { joinBytes } from "../wire/bytes.ts";
import { encodeFrame, OPCODE } from "../wire/frame.ts";
import { latin1Text } from "../wire/head.ts";
import { type Plan, type PlanKind, plannedCase, plannedCases } from "./plans.ts";
import { RawSocket } from "./raw_socket.ts";
import { buildResponse, type ResponseDraft } from "./responses.ts";
import { broken, fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** What a client should make of an answer. */
export type Reaction =
  /** The WebSocket is open: messages are echoed. */
  | "opens"
  /** The client fails the connection: it ends TCP, and sends nothing. */
  | "fails"
  /** There is no WebSocket; the connection may be used on for HTTP. */
  | "no WebSocket"
  /** Either: the rules leave it free. */
  | "either";

/** A case about an answer. */
export interface AnsweringPlan extends Plan<Reaction, ResponseDraft> {
  /** A look at the request: a sentence that says what is wrong with it, if anything. */
  readonly inspect?: (request: Head, stage: RawStage) => string | undefined;
}

const ANSWERING: PlanKind<Reaction, AnsweringPlan> = {
  testee: "client",
  expectations: {
    "opens": "The client opens the WebSocket, echoes, and closes cleanly.",
    "fails": "The client ends the connection, and answers no message.",
    "no WebSocket":
      "The client answers no message. It may end the connection, or use it on for HTTP.",
    "either": "The client opens the WebSocket and echoes, or it ends the connection.",
  },
  run,
};

/** How long a client may take to end a connection that it must fail, in milliseconds. */
const FAIL_TIME = 5_000;
/** How long to look for what should not come, in milliseconds. */
const GLANCE = 1_000;

/** A message that is sent to clients that should not take it. */
const LURE = "is anybody there?";

/** A raw case about one answer. */
export function answering(id: string, plan: AnsweringPlan): RawCase {
  return plannedCase(id, plan, ANSWERING);
}

/** Plans that share all but what is answered, each with its description. */
export function answersOf(
  shared: Omit<AnsweringPlan, "description" | "draft">,
  drafts: Readonly<Record<string, ResponseDraft>>,
): AnsweringPlan[] {
  return Object.entries(drafts).map(([description, draft]) => ({ description, draft, ...shared }));
}

/** Numbers plans within a group. */
export function answerings(group: string, plans: readonly AnsweringPlan[]): RawCase[] {
  return plannedCases(group, plans, ANSWERING);
}

async function run(stage: RawStage, plan: AnsweringPlan): Promise<RawVerdict> {
  const { stream, request } = stage.accepted!;
  const head = buildResponse(request, plan.draft);
  const socket = new RawSocket(stream, { testee: "client" });
  try {
    const fault = plan.inspect?.(request, stage);
    if (plan.wanted === "opens") {
      await stream.write(head, plan.chop);
      return await judgeOpening(socket, { ...plan, fault });
    }
    // A client that takes the answer for good finds a message right behind it.
    const lure = encodeFrame(text(LURE), { masked: false });
    await stream.write(joinBytes([head, lure]), plan.chop);
    return await judgeRefusal(socket, plan);
  } finally {
    socket.drop("fin");
  }
}

/** The verdict on a client that should open the WebSocket. */
async function judgeOpening(
  socket: RawSocket,
  plan: AnsweringPlan & { fault: string | undefined },
): Promise<RawVerdict> {
  const trouble = await socket.echoes("hello");
  if (plan.fault !== undefined) return verdict(broken(plan.level), plan.fault);
  if (trouble !== undefined) {
    return verdict(broken(plan.level), `The client did not open: ${trouble}`, NOT_OPENED);
  }
  return fine("The client opened the WebSocket, and echoes.", await socket.closeNormally());
}

/** The verdict on a client that should not, or need not, open the WebSocket. */
async function judgeRefusal(socket: RawSocket, plan: AnsweringPlan): Promise<RawVerdict> {
  const { wanted, level } = plan;
  const arrival = await socket.next(wanted === "no WebSocket" ? GLANCE : FAIL_TIME);
  if (arrival === "end") return fine("The client ended the connection.", NOT_OPENED);
  if (arrival === "silence") {
    return wanted === "no WebSocket"
      ? fine("The client did not take the connection for a WebSocket.", NOT_OPENED)
      : verdict(broken(level), "The client did not end the connection.", NOT_OPENED);
  }
  const echoed = arrival.opcode === OPCODE.text && latin1Text(arrival.payload) === LURE;
  if (echoed && wanted === "either") {
    return fine("The client opened the WebSocket, and echoes.", await socket.closeNormally());
  }
  if (!echoed && arrival.opcode === OPCODE.close) {
    return verdict(
      "NON-STRICT",
      "The client sent a close frame though nothing was open.",
      NOT_OPENED,
    );
  }
  return verdict(broken(level), "The client took the connection for a WebSocket.", NOT_OPENED);
}
