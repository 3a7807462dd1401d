/**
 * What the wire must show of each check: that compression happened where it was agreed on,
 * with the windows and the takeover that were agreed on, and nowhere else.
 */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { SeenConnection, SeenMessage } from "./wiretap.ts";

/** The two ends of a connection. */
export type Side = "client" | "server";

/** What is known of one side's messages. */
export interface Sender {
  /** The messages are ours. */
  readonly ours: boolean;
  /** A message may refer to the ones before it. */
  readonly takeover: boolean;
  /** How far back it may refer, as the exponent of 2. */
  readonly windowBits: number;
  /** Ours are compressed from this length on. */
  readonly threshold: number;
}

/** zlib leaves so many bytes of its window unused. */
const UNUSED_WINDOW = 262;
/** From a line of `series` to its next, in bytes. */
const PERIOD = 2000;

/** What is sent in fragments takes so many bytes. */
const SCRAMBLED = 250_000;

type Evidence = (messages: readonly SeenMessage[], sender: Sender, side: Side) => void;

/** For the checks of both sides' messages. */
const EVIDENCE: Readonly<Record<string, Evidence>> = {
  "text 0": ([message], sender) => small(message, sender, 0),
  "text 1": ([message], sender) => small(message, sender, 1),
  "text 125": ([message], { ours, threshold }) => {
    if (ours) assertEquals(message?.compressed, threshold <= 125);
  },
  "json 1280": ([message]) => shrinks(message, 640),
  "json 1048576": ([message]) => shrinks(message, 1 << 19),
  "binary 65536": ([message], { windowBits }) => {
    // The same 256 bytes again and again.
    if (reaches(windowBits, 256)) shrinks(message, 16_384);
    else assertGreater(size(message), 65_000);
  },
  "random 65536": ([message], sender) => {
    assertGreater(size(message), 65_535);
    // What does not shrink goes as it is, unless the peer's window has to follow.
    if (sender.ours) assertEquals(message?.compressed, sender.takeover);
  },
  "far 2048": ([message], { windowBits }) => {
    if (reaches(windowBits, 2048)) assertLess(size(message), 4096);
    else assertGreater(size(message), 8000);
  },
  "fragments text": ([message], _, side) => {
    shrinks(message, SCRAMBLED / 2);
    if (side === "client") inFragments(message);
  },
  "fragments binary": ([message], { takeover, ours }, side) => {
    assertGreater(size(message), 99_999);
    if (side === "client") inFragments(message);
    else if (ours) assertEquals(message?.compressed, takeover);
  },
  "served fragments": ([message], _, side) => {
    shrinks(message, SCRAMBLED / 2);
    if (side === "server") inFragments(message);
  },
  "mixed 10": (messages, { ours }, side) => {
    const compressed = messages.map((message) => message.compressed);
    if (side === "client") assertEquals(compressed, alternating(10));
    else if (ours) assertEquals(compressed, Array(10).fill(true));
  },
  "served mixed": (messages, _, side) => {
    const compressed = messages.map((message) => message.compressed);
    if (side === "server") assertEquals(compressed, alternating(10));
  },
  "series 200": (messages, { takeover, windowBits }) => {
    assertEquals(messages.length, 200);
    const sizes = messages.filter((_, index) => index % 5 === 0).map(size);
    const [first = 0] = sizes;
    const last = sizes.at(-1) ?? 0;
    if (!takeover) assertGreater(last, 0.9 * first, "it shrinks as if there were takeover");
    else if (reaches(windowBits, PERIOD)) assertLess(last, 0.25 * first, "there is no takeover");
  },
};

/**
 * Throws unless the wire shows what it must of `check`. Without an agreement there are no
 * senders.
 */
export function expectEvidence(
  check: string,
  seen: SeenConnection,
  senders: Readonly<Record<Side, Sender>> | undefined,
): void {
  for (const side of ["client", "server"] as const) {
    const messages = seen[side];
    const sender = senders?.[side];
    // Ours keeps to a window that it cannot have by not compressing.
    const silent = sender === undefined || (sender.ours && sender.windowBits < 9);
    if (!silent) EVIDENCE[check]?.(messages, sender, side);
    else assert(messages.every((message) => !message.compressed), `the ${side} compresses`);
  }
}

/** Too small to shrink, so that it is compressed only if the peer's window has to follow. */
function small(
  message: SeenMessage | undefined,
  { ours, threshold, takeover }: Sender,
  length: number,
): void {
  if (ours) assertEquals(message?.compressed, takeover && length >= threshold);
}

function shrinks(message: SeenMessage | undefined, limit: number): void {
  assert(message?.compressed === true, "the message is not compressed");
  assertLess(message.bytes, limit);
}

function inFragments(message: SeenMessage | undefined): void {
  assertGreater(message?.fragments ?? 0, 1);
  assertGreater(message?.controls ?? 0, 0, "no ping comes between the fragments");
}

function reaches(windowBits: number, distance: number): boolean {
  return 2 ** windowBits - UNUSED_WINDOW >= distance;
}

function size(message: SeenMessage | undefined): number {
  return message?.bytes ?? 0;
}

function alternating(count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => index % 2 === 0);
}
