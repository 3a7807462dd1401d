/**
 * Both directions of a connection that agreed on permessage-deflate.
 *
 * @module
 */
import type {
  DeflateDirection,
  DeflateDirections,
} from "../protocol/permessage_deflate/agreement.ts";
import type {
  MessageCompression,
  MessageDeflater,
  MessageInflater,
} from "../protocol/permessage_deflate/codec.ts";
import { deflateContextBytes, inflateContextBytes, type Reservation } from "./budget.ts";
import { deflatePool, inflatePool, settingsKey } from "./context_pool.ts";
import { ContextBlocks, Deflater } from "./deflater.ts";
import { type ZlibForm, zlibForm } from "./form.ts";
import { ContextInflater } from "./inflater.ts";
import { OneShotBlocks, OneShotInflater } from "./one_shot.ts";

/** How a connection compresses. */
export interface MessageCompressionOptions {
  /** How hard to try: 1 is fast, 9 is small. */
  level: number;
  /** How much memory a compressor takes: 1 is little, 9 is fast. */
  memoryLevel: number;
  /**
   * What `planTakeover` reserved. It is used up here: what the connection needs is released
   * as each direction is closed, and the rest at once.
   * @default undefined: the contexts count in no budget
   */
  reservation?: Reservation | undefined;
  /** In which form to use zlib. @default zlibForm() */
  form?: ZlibForm;
}

/** Tells deflaters with takeover apart, of which no two make the same of a message. */
let takeovers = 0;

/**
 * Makes both directions of a connection. Memory is taken as messages come, and freed when
 * both are closed.
 *
 * @throws {RangeError} when what comes is compressed with takeover, and zlib has no contexts.
 */
export function createMessageCompression(
  directions: DeflateDirections,
  options: MessageCompressionOptions,
): MessageCompression {
  const { form = zlibForm(), reservation } = options;
  const { incoming, outgoing } = directions;
  try {
    const inflater = createInflater(incoming, { form, reservation });
    const deflater = outgoing && createDeflater(outgoing, { ...options, form });
    return { inflater, deflater };
  } finally {
    reservation?.release();
  }
}

function createInflater(
  { windowBits, contextTakeover }: DeflateDirection,
  { form, reservation }: { form: ZlibForm; reservation: Reservation | undefined },
): MessageInflater {
  if (form === "one-shot") {
    if (!contextTakeover) return new OneShotInflater(windowBits);
    throw new RangeError("Cannot inflate with context takeover: zlib has no contexts here");
  }
  return new ContextInflater(inflatePool(windowBits), {
    windowBits,
    contextTakeover,
    reservation: contextTakeover ? reservation?.take(inflateContextBytes(windowBits)) : undefined,
  });
}

function createDeflater(
  { windowBits, contextTakeover }: DeflateDirection,
  options: MessageCompressionOptions & { form: ZlibForm },
): MessageDeflater {
  const { level, memoryLevel, reservation, form } = options;
  const settings = { level, windowBits, memoryLevel };
  const group = settingsKey(settings);
  // Takeover is a leave that nobody has to take (RFC 7692 §7.1.1).
  if (form === "one-shot") {
    return new Deflater(new OneShotBlocks(settings), { independent: true, group });
  }
  const source = new ContextBlocks(deflatePool(settings), contextTakeover);
  if (!contextTakeover) return new Deflater(source, { independent: true, group });
  return new Deflater(source, {
    independent: false,
    group: `${group}/${takeovers++}`,
    reservation: reservation?.take(deflateContextBytes(windowBits, memoryLevel)),
  });
}
