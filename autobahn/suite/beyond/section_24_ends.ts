/**
 * Section 24, second part: connections that end without a close frame.
 *
 * @module
 */
import { filled } from "../cases/bytes.ts";
import { binary, textBegins } from "../cases/frames.ts";
import type { FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import type { RawStage } from "../model/stage.ts";
import { utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { close } from "./close_frames.ts";
import type { RawSocket } from "./raw_socket.ts";
import { withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

const LONG = 1_000_000;

/** What has come when the suite's direction ends without a close frame. */
const CUT_OFF: Readonly<Record<string, readonly FrameSpec[]>> = {
  "nothing": [],
  "the header of a text, but not its payload": [{ opcode: OPCODE.text, declaredLength: 5n }],
  "one half of the payload of a text": [
    { opcode: OPCODE.text, declaredLength: 10n, payload: utf8("hello") },
  ],
  "the first fragment of a text": [textBegins("one half")],
  "one half of a ping": [{ opcode: OPCODE.ping, declaredLength: 10n, payload: utf8("hello") }],
};

function cutOff(id: string, [what, sends]: [string, readonly FrameSpec[]]): RawCase {
  return {
    form: "raw",
    id,
    description: `The suite ends its direction of TCP, without a close frame, after ${what}.`,
    expectation: "The testee ends the connection as well, and echoes nothing. That may take 5 " +
      "seconds.",
    rule: "RFC 6455 §7.1.4, §7.2.1",
    level: "SHOULD",
    run: (stage) =>
      withSocket(stage, async (socket) => {
        if (sends.length > 0) await socket.send(...sends);
        socket.endWriting();
        const { message, close: closed, ended } = await socket.untilEnd();
        if (message !== undefined) return verdict("FAILED", "A message came that was never whole.");
        return ended || closed !== undefined
          ? fine("The testee ended the connection.")
          : verdict("NON-STRICT", "The testee left its direction open.");
      }),
  };
}

const RESETS: Readonly<Record<string, (socket: RawSocket) => Promise<unknown>>> = {
  "right after the opening handshake": () => Promise.resolve(),
  "within a message": (socket) => socket.send(textBegins("one half")),
  "while a message of 1,000,000 bytes is echoed": (socket) => socket.send(binary(filled(1, LONG))),
  "together with a close frame": (socket) => socket.send(close(1000)),
};

/** Connections are reset, ten in a row. */
function reset(
  id: string,
  [when, act]: [string, (socket: RawSocket) => Promise<unknown>],
): RawCase {
  return {
    form: "raw",
    id,
    description: `Ten connections are reset, one after the other: ${when}.`,
    expectation: "The server goes on serving others.",
    rule: "RFC 6455 §7.2.1",
    testees: ["server"],
    run: async (stage: RawStage): Promise<RawVerdict> => {
      let last = fine("The server echoes for others.");
      for (let times = 0; times < 10 && last.behavior === "OK"; times++) {
        last = await withSocket(stage, async (socket) => {
          await act(socket);
          socket.drop("reset");
          return last;
        });
      }
      return last;
    },
  };
}

/** Connections that end so. */
export const BARE_ENDS: readonly RawCase[] = [
  ...Object.entries(CUT_OFF).map((row, index) => cutOff(`24.5.${index + 1}`, row)),
  ...Object.entries(RESETS).map((row, index) => reset(`24.6.${index + 1}`, row)),
];
