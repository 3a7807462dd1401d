/**
 * Section 27: peers that fall silent. The RFCs set no times, so that to wait on is no fault, and
 * worth knowing; to serve nobody else meanwhile is one. These cases take as long as they say.
 *
 * @module
 */
import { frame, textBegins } from "../cases/frames.ts";
import type { Case, FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import type { CaseStream, RawStage } from "../model/stage.ts";
import { OPCODE } from "../wire/frame.ts";
import type { RawSocket } from "./raw_socket.ts";
import { buildRequest } from "./requests.ts";
import { buildResponse } from "./responses.ts";
import { withSocket } from "./sockets.ts";
import { fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** How long an opening handshake is waited for, in milliseconds. */
const OPENING_WAIT = 30_000;
/** How long an open connection is watched, in milliseconds. */
const OPEN_WAIT = 45_000;
/** How long a connection rests before it is used again, in milliseconds. */
const REST = 15_000;
const SECOND = 1_000;

/** How a testee that is kept waiting is told of. */
function waited(milliseconds: number, ended: boolean): RawVerdict {
  const seconds = (milliseconds / SECOND).toFixed(1);
  return ended
    ? fine(`The testee ended the connection after ${seconds} seconds.`, NOT_OPENED)
    : verdict("INFORMATIONAL", `The testee still waits after ${seconds} seconds.`, NOT_OPENED);
}

/** Sends a head slowly, or not at all, and sees how long the testee waits. */
async function stall(stream: CaseStream, bytes: Uint8Array): Promise<RawVerdict> {
  const begun = performance.now();
  const spent = (): number => performance.now() - begun;
  for (let at = 0; spent() < OPENING_WAIT;) {
    const drips = at < bytes.length;
    const came = await stream.read(drips ? SECOND : OPENING_WAIT - spent());
    if (came === "end") return waited(spent(), true);
    // An answer such as 408 comes before the end.
    if (came !== "silence") continue;
    if (drips && !await stream.write(bytes.subarray(at, ++at))) return waited(spent(), true);
  }
  return waited(spent(), false);
}

/** What a client sends of its request at once, and what it sends a byte a second. */
const SLOW_REQUESTS: Readonly<Record<string, (request: Uint8Array) => [Uint8Array, Uint8Array]>> = {
  "A client connects, and sends nothing.": (request) => [request.subarray(0, 0), new Uint8Array()],
  "A client sends half of its request, and then nothing.": (request) => [
    request.subarray(0, request.length >> 1),
    new Uint8Array(),
  ],
  "A client sends its request a byte a second.": (request) => [new Uint8Array(), request],
};

function slowRequest(
  id: string,
  [description, split]: [string, typeof SLOW_REQUESTS[string]],
): RawCase {
  return {
    form: "raw",
    id,
    description: `${description} This may take 30 seconds.`,
    expectation: "The server ends the connection after some time, and serves others meanwhile.",
    rule: "RFC 9110 §17.5",
    testees: ["server"],
    run: async (stage: RawStage) => {
      const stream = await stage.connect();
      try {
        const [atOnce, slowly] = split(buildRequest(stage.target).bytes);
        await stream.write(atOnce);
        if (!await stage.stillEchoes()) {
          return verdict("FAILED", "Meanwhile the server does not echo for others.", NOT_OPENED);
        }
        return await stall(stream, slowly);
      } finally {
        stream.drop("fin");
      }
    },
  };
}

/** What a server sends of its answer at once, and what it sends a byte a second. */
const SLOW_ANSWERS: Readonly<Record<string, (answer: Uint8Array) => [Uint8Array, Uint8Array]>> = {
  "A server takes the request, and does not answer.": () => [new Uint8Array(), new Uint8Array()],
  "A server sends half of its answer, and then nothing.": (answer) => [
    answer.subarray(0, answer.length >> 1),
    new Uint8Array(),
  ],
  "A server sends its answer a byte a second.": (answer) => [new Uint8Array(), answer],
};

function slowAnswer(
  id: string,
  [description, split]: [string, typeof SLOW_ANSWERS[string]],
): RawCase {
  return {
    form: "raw",
    id,
    description: `${description} This may take 30 seconds.`,
    expectation: "The client gives up after some time.",
    rule: "RFC 9110 §17.5",
    testees: ["client"],
    run: async (stage) => {
      const { stream, request } = stage.accepted!;
      try {
        const [atOnce, slowly] = split(buildResponse(request));
        await stream.write(atOnce);
        return await stall(stream, slowly);
      } finally {
        stream.drop("fin");
      }
    },
  };
}

/** How the suite falls silent on an open connection. */
interface SilencePlan {
  readonly description: string;
  readonly expectation: string;
  readonly rule: string;
  readonly sends: readonly FrameSpec[];
  /** Whether pings are answered. */
  readonly answersPings: boolean;
  /** A frame that is sent every five seconds. @default none */
  readonly beat?: FrameSpec;
}

const GIVES_UP = "The testee closes or ends the connection after some time.";

const SILENCES: readonly SilencePlan[] = [
  {
    description: "Half of a text frame comes, and nothing more; pings are answered.",
    expectation: GIVES_UP,
    rule: "RFC 6455 §5.4",
    sends: [{ opcode: OPCODE.text, declaredLength: 10n, payload: Uint8Array.of(104, 105) }],
    // A frame that is not complete leaves no place for a pong.
    answersPings: false,
  },
  {
    description: "The first fragment of a text comes, and then pings alone, every five seconds.",
    expectation: `${GIVES_UP} It answers the pings until then.`,
    rule: "RFC 6455 §5.4, §5.5.2",
    sends: [textBegins("one half")],
    answersPings: true,
    beat: frame(OPCODE.ping, "beat"),
  },
  {
    description: "Nothing comes any more, no pong either.",
    expectation: `${GIVES_UP} One that never pings cannot know.`,
    rule: "RFC 6455 §5.5.2",
    sends: [],
    answersPings: false,
  },
  {
    description: "A frame with a reserved bit comes; the close frame that answers it is left " +
      "unanswered, and TCP is left open.",
    expectation: "The testee ends TCP by itself after some time.",
    rule: "RFC 6455 §7.1.1, §7.1.7",
    sends: [frame(OPCODE.text, "bad", { rsv: 2 })],
    answersPings: false,
  },
  {
    description: "A close frame comes; when it is answered, TCP is left open.",
    expectation: "A server ends TCP at once, a client by itself after some time.",
    rule: "RFC 6455 §7.1.1",
    sends: [frame(OPCODE.close, Uint8Array.of(0x03, 0xe8))],
    answersPings: false,
  },
];

function silence(id: string, plan: SilencePlan): RawCase {
  const { description, expectation, rule } = plan;
  return {
    form: "raw",
    id,
    description: `${description} This may take 45 seconds.`,
    expectation,
    rule,
    run: (stage) =>
      withSocket(stage, async (socket) => {
        if (plan.sends.length > 0) await socket.send(...plan.sends);
        return await watch(socket, plan);
      }),
  };
}

/** Waits for the testee to end TCP. */
async function watch(socket: RawSocket, { answersPings, beat }: SilencePlan): Promise<RawVerdict> {
  const begun = performance.now();
  const spent = (): number => performance.now() - begun;
  let beats = 0;
  let pongs = 0;
  let closing = false;
  while (spent() < OPEN_WAIT) {
    const next = beat === undefined ? OPEN_WAIT : (beats + 1) * 5 * SECOND;
    const arrival = await socket.next(Math.max(1, Math.min(next, OPEN_WAIT) - spent()));
    if (arrival === "end") return { ...waited(spent(), true), ...brokenPongs(beats, pongs) };
    if (arrival === "silence") {
      if (beat === undefined || closing || spent() >= OPEN_WAIT) continue;
      beats++;
      await socket.send(beat);
    } else if (arrival.opcode === OPCODE.pong) pongs++;
    else if (arrival.opcode === OPCODE.close) {
      closing = true;
      // Whoever falls silent within a message still closes as one should.
      if (beat !== undefined) {
        await socket.send(frame(OPCODE.close, arrival.payload.subarray(0, 2)));
      }
    } else if (arrival.opcode === OPCODE.ping && answersPings) {
      await socket.send(frame(OPCODE.pong, arrival.payload));
    }
  }
  return { ...waited(spent(), false), ...brokenPongs(beats, pongs) };
}

/** The verdict on a testee that left pings unanswered; the last one may have come too late. */
function brokenPongs(beats: number, pongs: number): Partial<RawVerdict> {
  return pongs < beats - 1
    ? { behavior: "FAILED", result: `${beats} pings were sent, and ${pongs} were answered.` }
    : {};
}

/** An open connection rests for a while, and is used again. */
const RESTING: RawCase = {
  form: "raw",
  id: "27.3.6",
  description: "Nothing is sent for 15 seconds, but pings are answered; then a text comes.",
  expectation: "The text is echoed. That the connection was closed by then is worth knowing.",
  rule: "RFC 6455 §5.5.2",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const until = performance.now() + REST;
      while (performance.now() < until) {
        const arrival = await socket.next(until - performance.now());
        if (arrival === "silence") break;
        if (arrival === "end" || arrival.opcode === OPCODE.close) {
          return verdict("INFORMATIONAL", "The testee closed in the meantime.");
        }
        if (arrival.opcode === OPCODE.ping) {
          await socket.send(frame(OPCODE.pong, arrival.payload));
        }
      }
      const trouble = await socket.echoes("hello");
      return trouble === undefined
        ? fine("The text was echoed.", await socket.closeNormally())
        : verdict("FAILED", `After 15 seconds ${trouble}`);
    }),
};

/** Silence. */
export const SECTION_27: readonly Case[] = [
  ...Object.entries(SLOW_REQUESTS).map((row, index) => slowRequest(`27.1.${index + 1}`, row)),
  ...Object.entries(SLOW_ANSWERS).map((row, index) => slowAnswer(`27.2.${index + 1}`, row)),
  ...SILENCES.map((plan, index) => silence(`27.3.${index + 1}`, plan)),
  RESTING,
];
