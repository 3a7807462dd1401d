/**
 * Section 26, second part: many frames that ask for little, and many connections.
 *
 * @module
 */
import { ping, pong, text } from "../cases/frames.ts";
import type { FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import type { RawStage } from "../model/stage.ts";
import { buildRequest } from "./requests.ts";
import { sendAll, STALL } from "./send_all.ts";
import { withSocket } from "./sockets.ts";
import { fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** Many frames that ask for little. */
const FLOODS: readonly {
  readonly description: string;
  readonly frames: () => FrameSpec[];
}[] = [
  {
    description: "20,000 pings of 125 bytes come in one go, then a text.",
    frames: () => Array.from({ length: 20_000 }, () => ping(new Uint8Array(125))),
  },
  {
    description: "100,000 empty pongs come in one go, then a text.",
    frames: () => Array.from({ length: 100_000 }, () => pong()),
  },
  {
    description: "20,000 empty texts come in one go, then a text.",
    frames: () => Array.from({ length: 20_000 }, () => text("")),
  },
];

function flood(id: string, { description, frames }: typeof FLOODS[number]): RawCase {
  return {
    form: "raw",
    id,
    description,
    expectation: "The text is echoed after all of it, or the testee fails the connection, with " +
      "1008 at best.",
    rule: "RFC 6455 §5.5.2, §5.5.3",
    run: (stage) =>
      withSocket(stage, async (socket) => {
        void sendAll(socket, [...frames(), text("the end")]);
        for (;;) {
          const message = await socket.nextMessage(STALL, { restarts: true });
          if (message === "silence") return verdict("FAILED", "The text was not echoed in time.");
          if (message === "close" || message === "end") return fine("The testee had enough.");
          if (message.payload.length > 0) break;
        }
        return fine("The text was echoed.", await socket.closeNormally());
      }),
  };
}

const CROWD = 200;

/** Many connections at once. */
function crowd(id: string, { what, complete }: { what: string; complete: boolean }): RawCase {
  return {
    form: "raw",
    id,
    description: `${CROWD} connections are opened at once, and ${what}; then all are reset.`,
    expectation: "The server serves them, or refuses some. Afterwards it serves others.",
    rule: "RFC 6455 §4.2.2, §10.4",
    testees: ["server"],
    run: async (stage: RawStage): Promise<RawVerdict> => {
      const all = await Promise.allSettled(
        Array.from({ length: CROWD }, () => stage.connect()),
      );
      const streams = all.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
      try {
        await Promise.all(streams.map(async (stream) => {
          const { bytes } = buildRequest(stage.target);
          await stream.write(complete ? bytes : bytes.subarray(0, -2));
          if (complete) await stream.read(STALL);
        }));
        if (!complete && !await stage.stillEchoes()) {
          return verdict("NON-STRICT", "Meanwhile the server did not echo for others.", NOT_OPENED);
        }
      } finally {
        for (const stream of streams) stream.drop("reset");
      }
      return await stage.stillEchoes()
        ? fine("The server echoes for others.", NOT_OPENED)
        : verdict("FAILED", "Afterwards the server no longer echoes for others.", NOT_OPENED);
    },
  };
}

/** Floods. */
export const FLOODED: readonly RawCase[] = [
  ...FLOODS.map((plan, index) => flood(`26.4.${index + 1}`, plan)),
  crowd("26.5.1", { what: "each is asked to open a WebSocket", complete: true }),
  crowd("26.5.2", { what: "each sends most of a request and then nothing", complete: false }),
];
