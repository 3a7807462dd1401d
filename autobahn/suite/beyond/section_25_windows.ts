/**
 * Section 25, third part: messages that need a large window, or one that lasts.
 *
 * @module
 */
import { binary, text } from "../cases/frames.ts";
import type { CasePeer, MeasuredCase, Measurement } from "../model/case.ts";
import { equalBytes, joinBytes, utf8 } from "../wire/bytes.ts";
import { DeflateBits } from "./deflate_bits.ts";
import { ANY_DEFLATE, compressed, RSV1 } from "./deflate_frames.ts";

/** A binary message whose last bytes repeat its first ones, as far back as a window reaches. */
function farBack(): { payload: Uint8Array; whole: Uint8Array } {
  const first = Uint8Array.from({ length: 32_768 }, (_, index) => (index * index) >> 7);
  const payload = new DeflateBits().stored(first).block(1).match(258, 32_768).end().flushed();
  return { payload, whole: joinBytes([first, first.subarray(0, 258)]) };
}

/** Messages that need as much of a window; only where the testee lets the suite use it. */
interface WindowPlan {
  readonly description: string;
  /** Sends them; returns the payloads that come back. */
  readonly send: (peer: CasePeer) => readonly Uint8Array[];
  readonly windowBits: number;
  /** Whether the window lasts from message to message. @default {true} */
  readonly lasts?: boolean;
}

const WINDOWS: readonly WindowPlan[] = [
  {
    description: "The second Hello refers to the first.",
    windowBits: 8,
    send: (peer) => {
      for (const spec of [...compressed("f2 48 cd c9 c9 07 00"), ...compressed("f2 00 11 00 00")]) {
        peer.send(spec);
      }
      return [utf8("Hello"), utf8("Hello")];
    },
  },
  {
    description: "The second Hello refers to the first, with a message between them that is not " +
      "compressed, and so is not in the window.",
    windowBits: 8,
    send: (peer) => {
      const [first] = compressed("f2 48 cd c9 c9 07 00");
      const [second] = compressed("f2 00 11 00 00");
      for (const spec of [first!, text("not in the window"), second!]) peer.send(spec);
      return [utf8("Hello"), utf8("not in the window"), utf8("Hello")];
    },
  },
  {
    description: "A match is 32,768 bytes back and 258 bytes long, as far and as long as can be.",
    windowBits: 15,
    lasts: false,
    send: (peer) => {
      const { payload, whole } = farBack();
      peer.send(binary(payload, { rsv: RSV1 }));
      return [whole];
    },
  },
  {
    description: "A message of 32,768 bytes comes, and the next refers to its first byte.",
    windowBits: 15,
    send: (peer) => {
      const { whole } = farBack();
      const first = whole.subarray(0, 32_768);
      peer.send(binary(new DeflateBits().stored(first).flushed(), { rsv: RSV1 }));
      const second = new DeflateBits().block(1).match(258, 32_768).end().flushed();
      peer.send(binary(second, { rsv: RSV1 }));
      return [first, first.subarray(0, 258)];
    },
  },
];

function windowed(id: string, plan: WindowPlan): MeasuredCase {
  return {
    form: "measured",
    id,
    description: plan.description,
    expectation: "Where the suite may use its window so, the messages are echoed.",
    rule: "RFC 7692 §7.2.3.2",
    deflate: ANY_DEFLATE,
    expectedClose: { closedByMe: true, closeCodes: [1000], requireClean: true },
    measure: async (peer): Promise<Measurement> => {
      peer.killAfter(5_000);
      const { noContextTakeover, windowBits } = peer.deflate!.outgoing;
      if (noContextTakeover && plan.lasts !== false || windowBits < plan.windowBits) {
        peer.sendClose(1000);
        return { behavior: "INFORMATIONAL", result: "The testee has asked not to do so." };
      }
      const wanted = plan.send(peer);
      for (const payload of wanted) {
        const message = await peer.nextMessage();
        if (message === undefined || !equalBytes(message.payload, payload)) {
          return { behavior: "FAILED", result: "What came back is not what was sent." };
        }
      }
      peer.sendClose(1000);
      return { behavior: "OK", result: "The messages came back." };
    },
  };
}

/** Messages that need a window. */
export const WINDOWED_MESSAGES: readonly MeasuredCase[] = WINDOWS.map((plan, index) =>
  windowed(`25.6.${index + 1}`, plan)
);
