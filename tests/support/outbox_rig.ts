/**
 * An outbox on a transport that a test plays.
 *
 * @module
 */
import { type ConnectionOptions, resolveOptions } from "../../lib/connection/options.ts";
import { Outbox } from "../../lib/connection/outbox.ts";
import { settle } from "./fake_clock.ts";
import { FakeTransport } from "./fake_transport.ts";

/** An outbox under test. */
export interface OutboxRig {
  transport: FakeTransport;
  outbox: Outbox;
  events: string[];
  /** Says how much waits in the transport, as when it sent something. */
  sent(bufferedAmount: number): void;
}

/** Makes an outbox that counts as behind from 1000 bytes on. */
export function setUpOutbox(
  options: ConnectionOptions = {},
  transport: FakeTransport = new FakeTransport(),
): OutboxRig {
  const events: string[] = [];
  const outbox = new Outbox(transport, {
    onSlowConsumer: () => events.push("slow"),
    onDrain: () => events.push("drain"),
    onSendError: (error) => events.push(`error ${error}`),
  }, resolveOptions({ sendHighWaterMark: 1000, sendLimit: 5000, ...options }));
  const sent = (bufferedAmount: number) => {
    transport.bufferedAmount = bufferedAmount;
    outbox.onProgress();
  };
  return { transport, outbox, events, sent };
}

/** Says whether a promise is pending. */
export async function isPending(promise: Promise<unknown> | undefined): Promise<boolean> {
  await settle();
  const mark = {};
  return await Promise.race([promise, Promise.resolve(mark)]) === mark;
}
