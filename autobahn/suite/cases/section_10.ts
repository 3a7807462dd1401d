/**
 * Section 10: a message that an endpoint fragments on its own account.
 *
 * @module
 */
import type { CasePeer, ScriptedCase } from "../model/case.ts";
import { filled } from "./bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { textArrives } from "./frames.ts";
import { NORMAL_CLOSE } from "./scripted.ts";

const PAYLOAD = filled(0x2a, 65_536);
const FRAGMENT_BYTES = 1_300;
/** The first fragment is a text frame, and the others continue it. */
const CONTINUATIONS = Math.ceil(PAYLOAD.length / FRAGMENT_BYTES) - 1;

/** Whether what was sent was what the case is about. */
function countFrames(peer: CasePeer): string | undefined {
  const texts = peer.sentFrames[OPCODE.text] ?? 0;
  const continuations = peer.sentFrames[OPCODE.continuation] ?? 0;
  if (texts === 1 && continuations === CONTINUATIONS) return undefined;
  return `${texts} text and ${continuations} continuation frames were sent, not 1 and ${CONTINUATIONS}.`;
}

/** The one case of section 10. */
export const SECTION_10: readonly ScriptedCase[] = [{
  form: "scripted",
  id: "10.1.1",
  description: `A text message of ${
    PAYLOAD.length.toLocaleString("en")
  } bytes, sent in fragments of ${FRAGMENT_BYTES.toLocaleString("en")} bytes.`,
  expectation:
    `The same message comes back, 1 text and ${CONTINUATIONS} continuation frames have been sent, and the connection closes cleanly with 1000.`,
  rule: "RFC 6455 §5.4",
  expected: { OK: [textArrives(PAYLOAD)] },
  expectedClose: NORMAL_CLOSE,
  script: (peer) => {
    peer.sendMessage(PAYLOAD, { binary: false, fragmentBytes: FRAGMENT_BYTES });
    peer.killAfter(10_000);
  },
  review: countFrames,
}];
