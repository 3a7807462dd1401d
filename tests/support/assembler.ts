/**
 * A message assembler that is fed data frames as a parser does.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import {
  MessageAssembler,
  type MessageAssemblerOptions,
} from "../../lib/protocol/message_assembler.ts";
import { concat, unhex } from "./hex.ts";
import { MessageRecorder } from "./recorder.ts";

/** One data frame: its opcode, its payload as hexadecimal digits or bytes, FIN, and RSV1. */
export type Frame = readonly [
  opcode: number,
  payload: string | Uint8Array,
  fin: boolean,
  rsv1?: boolean,
];

/** An assembler and the recorder that is its sink. */
export interface AssemblerSetUp {
  readonly assembler: MessageAssembler;
  readonly sink: MessageRecorder;
}

/** Makes an assembler with limits that tests do not meet, unless they give others. */
export function setUpAssembler(
  { piecewise = false, ...options }: Partial<MessageAssemblerOptions> & {
    piecewise?: boolean;
  } = {},
): AssemblerSetUp {
  const sink = new MessageRecorder({ piecewise });
  const assembler = new MessageAssembler(sink, {
    maxMessageBytes: 100_000,
    maxFrameBytes: 100_000,
    maxFragments: 10,
    ...options,
  });
  return { assembler, sink };
}

/** Feeds one frame as a parser does: whole, or its payload in pieces, up to the first fault. */
export function feed(
  { assembler }: AssemblerSetUp,
  [opcode, payload, fin, rsv1 = false]: Frame,
  cut?: (bytes: Uint8Array) => Uint8Array[],
): ProtocolErrorCode | undefined {
  const bytes = typeof payload === "string" ? unhex(payload) : payload;
  if (cut === undefined) {
    const input = concat(Uint8Array.of(0xee), bytes, Uint8Array.of(0xee));
    assembler.beginInput(input.length);
    return assembler.frame(opcode, fin, rsv1, input, 1, 1 + bytes.length);
  }
  const fault = assembler.begin(opcode, rsv1, bytes.length);
  if (fault !== undefined) return fault;
  for (const piece of cut(bytes)) {
    if (piece.length === 0) continue;
    // The input has something before the payload and behind it.
    const input = concat(Uint8Array.of(0xee), piece, Uint8Array.of(0xee));
    assembler.beginInput(input.length);
    const fault = assembler.payload(input, 1, 1 + piece.length);
    if (fault !== undefined) return fault;
  }
  return assembler.end(fin);
}

/** Feeds frames that are all without fault and gives the events. */
export function eventsOf(it: AssemblerSetUp, frames: readonly Frame[]): string[] {
  for (const frame of frames) assertEquals(feed(it, frame), undefined);
  return it.sink.take();
}
