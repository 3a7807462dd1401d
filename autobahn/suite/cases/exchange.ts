/**
 * Sending messages one at a time, each when the one before has come back: what sections 9, 12 and
 * 13 do.
 *
 * @module
 */
import type { CasePeer, Measurement, ReceivedMessage } from "../model/case.ts";
import { equalBytes } from "../wire/bytes.ts";

/** What is exchanged. */
export interface Exchange {
  /** How many messages. */
  readonly count: number;
  /** How long all of it may take. */
  readonly seconds: number;
  readonly binary: boolean;
  /** The payload of the next message. */
  readonly next: () => Uint8Array;
  /** Sends it. */
  readonly send: (peer: CasePeer, payload: Uint8Array) => void;
}

/**
 * Exchanges the messages, and closes.
 *
 * @returns OK when every message came back as it was sent, in time.
 */
export async function exchange(peer: CasePeer, plan: Exchange): Promise<Measurement> {
  const begun = performance.now();
  peer.logWire(false);
  peer.closeAfter(plan.seconds * 1_000);
  const fault = await firstFault(peer, plan);
  const late = performance.now() - begun >= plan.seconds * 1_000;
  peer.logWire(true);
  peer.sendClose(1000);
  if (fault === undefined) {
    const what = plan.count === 1 ? "The message" : `All ${plan.count} messages`;
    return { behavior: "OK", result: `${what} came back as sent.` };
  }
  return {
    behavior: "FAILED",
    result: late ? `Not all came back within ${plan.seconds} seconds: ${fault}` : fault,
  };
}

/** What is wrong with the first message that did not come back as it was sent. */
async function firstFault(peer: CasePeer, plan: Exchange): Promise<string | undefined> {
  for (let number = 1; number <= plan.count; number++) {
    const payload = plan.next();
    plan.send(peer, payload);
    const received = await peer.nextMessage();
    const fault = difference(received, { payload, binary: plan.binary });
    if (fault !== undefined) return `Message ${number} of ${plan.count} ${fault}.`;
  }
  return undefined;
}

/** In which way an echo is not what was sent. */
function difference(
  received: ReceivedMessage | undefined,
  sent: ReceivedMessage,
): string | undefined {
  if (received === undefined) return "did not come back before the connection ended";
  if (received.binary !== sent.binary) {
    return `was ${kind(sent)} and came back as ${kind(received)}`;
  }
  if (received.payload.length !== sent.payload.length) {
    return `was ${sent.payload.length} bytes long and came back with ${received.payload.length}`;
  }
  if (!equalBytes(received.payload, sent.payload)) {
    return `of ${sent.payload.length} bytes came back with other bytes`;
  }
  return undefined;
}

function kind(message: ReceivedMessage): string {
  return message.binary ? "binary" : "text";
}
