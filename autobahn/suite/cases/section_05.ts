/**
 * Section 5, fragmentation: messages in several frames, control frames between them, and
 * continuations of nothing.
 *
 * @module
 */
import type { CaseEvent, CasePeer, FrameSpec, ScriptedCase } from "../model/case.ts";
import { OPCODE } from "../wire/frame.ts";
import {
  chopped,
  ends,
  frame,
  goesOn,
  ping,
  pongArrives,
  text,
  textArrives,
  textBegins,
} from "./frames.ts";
import { answered, NORMAL_CLOSE, refused } from "./scripted.ts";

const FRAGMENT_RULE = "RFC 6455 §5.4";
const CONTROL_RULE = "RFC 6455 §5.5";
const REFUSED = "The connection is failed with 1002.";

/** How the bytes of several frames reach the network. */
interface Way {
  readonly how: string;
  readonly chopBytes?: number;
}

const TOGETHER: Way = { how: "together" };
const WAYS: readonly Way[] = [
  TOGETHER,
  { how: "frame by frame", chopBytes: Infinity },
  { how: "byte by byte", chopBytes: 1 },
];

/** Cases that differ only in how the bytes reach the network; the first of them is `5.<first>`. */
function everyWay(first: number, make: (id: string, way: Way) => ScriptedCase): ScriptedCase[] {
  return WAYS.map((way, index) => make(`5.${first + index}`, way));
}

function fragmentedControl(id: string, name: string, opcode: number): ScriptedCase {
  return refused(id, {
    description: `A ${name} in two fragments.`,
    expectation: REFUSED,
    rule: CONTROL_RULE,
    frames: [frame(opcode, "one half", { fin: false }), ends("the other half")],
  });
}

function inTwo(id: string, way: Way): ScriptedCase {
  return answered(id, {
    description: `A text message in two fragments, ${way.how}.`,
    expectation: "The whole message comes back, then the connection closes cleanly with 1000.",
    rule: FRAGMENT_RULE,
    frames: chopped([textBegins("one half, "), ends("the other half")], way.chopBytes),
    answers: [textArrives("one half, the other half")],
    patience: { close: 1_000 },
  });
}

function inTwoAroundPing(id: string, way: Way): ScriptedCase {
  const frames = [textBegins("one half, "), ping("in between"), ends("the other half")];
  return answered(id, {
    description: `A text message in two fragments with a ping between them, ${way.how}.`,
    expectation:
      "First the pong, then the whole message; then the connection closes cleanly with 1000.",
    rule: FRAGMENT_RULE,
    frames: chopped(frames, way.chopBytes),
    answers: [pongArrives("in between"), textArrives("one half, the other half")],
    patience: { close: 1_000 },
  });
}

/** A continuation where no message has begun, the last fragment or one of several. */
function continuesNothing(stray: FrameSpec): (id: string, way: Way) => ScriptedCase {
  const which = stray.fin === false ? "that is not to be the last" : "that is to be the last";
  return (id, way) =>
    refused(id, {
      description:
        `A continuation frame ${which}, though no message has begun, and a text message, ${way.how}.`,
      expectation: REFUSED,
      rule: FRAGMENT_RULE,
      frames: chopped([stray, text("a message")], way.chopBytes),
    });
}

/** The same, with a fragmented message after it; all of it twice. */
function continuesNothingTwice(id: string, stray: FrameSpec): ScriptedCase {
  const which = stray.fin === false ? "that is not to be the last" : "that is to be the last";
  const round = [stray, textBegins("one half, "), ends("the other half")];
  return refused(id, {
    description:
      `Twice: a continuation frame ${which}, though no message has begun, and a text message in two fragments.`,
    expectation: REFUSED,
    rule: FRAGMENT_RULE,
    frames: [...round, ...round],
  });
}

const PARTS = ["one, ", "two, ", "three, ", "four, ", "five"] as const;
const PINGS = ["first ping", "second ping"] as const;

const PONGS_THEN_MESSAGE: readonly CaseEvent[] = [
  pongArrives(PINGS[0]),
  pongArrives(PINGS[1]),
  textArrives(PARTS.join("")),
];

/** A slow message in five fragments, with a ping in each of its two parts. */
async function sendSlowly(peer: CasePeer, way: Way): Promise<void> {
  const send = (frames: readonly FrameSpec[]) => {
    for (const spec of chopped(frames, way.chopBytes)) peer.send(spec);
  };
  send([textBegins(PARTS[0]), goesOn(PARTS[1]), ping(PINGS[0])]);
  await peer.wait(1_000, "between the fragments");
  if (peer.state === "closed") return;
  send([goesOn(PARTS[2]), goesOn(PARTS[3]), ping(PINGS[1]), ends(PARTS[4])]);
  peer.closeAfter(1_000);
}

function slowly(id: string, way: Way): ScriptedCase {
  return {
    form: "scripted",
    id,
    description:
      `A text message in five fragments, ${way.how}: two of them and a ping, and a second later two of them, a ping and the last one.`,
    expectation:
      "Each ping is answered at once, though the message has not ended; then the whole message comes back, and the connection closes cleanly with 1000.",
    rule: FRAGMENT_RULE,
    expected: { OK: PONGS_THEN_MESSAGE },
    expectedClose: NORMAL_CLOSE,
    script: (peer) => sendSlowly(peer, way),
  };
}

/** The 20 cases of section 5. */
export const SECTION_05: readonly ScriptedCase[] = [
  fragmentedControl("5.1", "ping", OPCODE.ping),
  fragmentedControl("5.2", "pong", OPCODE.pong),
  ...everyWay(3, inTwo),
  ...everyWay(6, inTwoAroundPing),
  ...everyWay(9, continuesNothing(ends("part of nothing"))),
  ...everyWay(12, continuesNothing(goesOn("part of nothing"))),
  refused("5.15", {
    description:
      "A text message in two fragments, a continuation frame of nothing that is not to be the last, and a text message.",
    expectation: "The first message comes back, then the connection is failed with 1002.",
    rule: FRAGMENT_RULE,
    frames: [
      textBegins("one half, "),
      ends("the other half"),
      goesOn("part of nothing"),
      text("a message"),
    ],
    answers: [textArrives("one half, the other half")],
  }),
  continuesNothingTwice("5.16", goesOn("part of nothing")),
  continuesNothingTwice("5.17", ends("part of nothing")),
  refused("5.18", {
    description: "A text message in two fragments, both with the opcode of text.",
    expectation: REFUSED,
    rule: FRAGMENT_RULE,
    frames: [textBegins("one half, "), text("the other half")],
  }),
  slowly("5.19", TOGETHER),
  slowly("5.20", { how: "frame by frame", chopBytes: Infinity }),
];
