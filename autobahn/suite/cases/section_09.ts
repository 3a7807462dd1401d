/**
 * Section 9, limits and speed: large messages, whole, in fragments and in small writes; and the
 * time of a round trip.
 *
 * @module
 */
import type { CasePeer, MeasuredCase } from "../model/case.ts";
import { utf8 } from "../wire/bytes.ts";
import { filled, fromHex, repeated } from "./bytes.ts";
import { exchange } from "./exchange.ts";
import { OPCODE } from "../wire/frame.ts";
import { NORMAL_CLOSE } from "./scripted.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

interface Kind {
  readonly name: string;
  readonly binary: boolean;
  readonly opcode: number;
  /** What a large payload consists of, again and again. */
  readonly pattern: Uint8Array;
}

const TEXT: Kind = {
  name: "text",
  binary: false,
  opcode: OPCODE.text,
  pattern: utf8("All work and no play. "),
};
const BINARY: Kind = {
  name: "binary",
  binary: true,
  opcode: OPCODE.binary,
  pattern: fromHex("00fe23faf0"),
};

interface LargePlan {
  readonly kind: Kind;
  readonly bytes: number;
  /** Seconds that the echo may take. */
  readonly seconds: number;
  readonly how: string;
  readonly rule: string;
  readonly send: (peer: CasePeer, payload: Uint8Array) => void;
}

/** One large message. */
function large(id: string, plan: LargePlan): MeasuredCase {
  const { kind, bytes, seconds } = plan;
  return {
    form: "measured",
    id,
    description: `One ${kind.name} message of ${sizeOf(bytes)}, ${plan.how}.`,
    expectation: `The same message comes back within ${seconds} seconds.`,
    rule: plan.rule,
    expectedClose: NORMAL_CLOSE,
    measure: (peer) =>
      exchange(peer, {
        count: 1,
        seconds,
        binary: kind.binary,
        next: () => repeated(kind.pattern, bytes),
        send: plan.send,
      }),
  };
}

function sizeOf(bytes: number): string {
  if (bytes >= MIB) return `${bytes / MIB} MiB`;
  return bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} bytes`;
}

/** The sizes of a message in one frame, each with its seconds for text and for binary. */
const WHOLE: readonly (readonly [bytes: number, textSeconds: number, binarySeconds: number])[] = [
  [64 * KIB, 10, 10],
  [256 * KIB, 10, 10],
  [1 * MIB, 100, 10],
  [4 * MIB, 100, 10],
  [8 * MIB, 100, 100],
  [16 * MIB, 100, 100],
];

function whole(group: string, kind: Kind): MeasuredCase[] {
  return WHOLE.map(([bytes, textSeconds, binarySeconds], index) =>
    large(`${group}.${index + 1}`, {
      kind,
      bytes,
      seconds: kind.binary ? binarySeconds : textSeconds,
      how: "in one frame",
      rule: "RFC 6455 §5.2",
      send: (peer, payload) => peer.send({ opcode: kind.opcode, payload }),
    })
  );
}

/** 64 bytes, four times that, and so on to 4 MiB. */
const FRAGMENTS: readonly number[] = Array.from({ length: 9 }, (_, index) => 64 * 4 ** index);

function fragmented(group: string, kind: Kind): MeasuredCase[] {
  return FRAGMENTS.map((fragmentBytes, index) =>
    large(`${group}.${index + 1}`, {
      kind,
      bytes: 4 * MIB,
      seconds: 100,
      how: `in fragments of ${sizeOf(fragmentBytes)}`,
      rule: "RFC 6455 §5.4",
      send: (peer, payload) => peer.sendMessage(payload, { binary: kind.binary, fragmentBytes }),
    })
  );
}

/** Bytes a write. */
const CHOPS: readonly number[] = [64, 128, 256, 512, 1024, 2048];

function inPieces(group: string, kind: Kind): MeasuredCase[] {
  return CHOPS.map((chopBytes, index) =>
    large(`${group}.${index + 1}`, {
      kind,
      bytes: 1 * MIB,
      seconds: 1_000,
      how: `in one frame, written in pieces of ${chopBytes} bytes`,
      rule: "RFC 6455 §5.2",
      send: (peer, payload) => peer.send({ opcode: kind.opcode, payload, chopBytes }),
    })
  );
}

/** The size of a message, and the seconds that a thousand round trips may take. */
const ROUND_TRIPS: readonly (readonly [bytes: number, seconds: number])[] = [
  [0, 60],
  [16, 60],
  [64, 60],
  [256, 120],
  [1024, 240],
  [4096, 480],
];
const COUNT = 1_000;

function roundTrips(group: string, kind: Kind): MeasuredCase[] {
  return ROUND_TRIPS.map(([bytes, seconds], index) => {
    const payload = filled(kind.binary ? 0xfe : 0x2a, bytes);
    return {
      form: "measured",
      id: `${group}.${index + 1}`,
      description: `A thousand ${kind.name} messages of ${
        sizeOf(bytes)
      }, each sent when the one before has come back.`,
      expectation: `All of them come back within ${seconds} seconds.`,
      rule: "RFC 6455 §5.6",
      expectedClose: NORMAL_CLOSE,
      measure: (peer) =>
        exchange(peer, {
          count: COUNT,
          seconds,
          binary: kind.binary,
          next: () => payload,
          send: (to, sent) => to.send({ opcode: kind.opcode, payload: sent }),
        }),
    };
  });
}

/** The 54 cases of section 9. */
export const SECTION_09: readonly MeasuredCase[] = [
  ...whole("9.1", TEXT),
  ...whole("9.2", BINARY),
  ...fragmented("9.3", TEXT),
  ...fragmented("9.4", BINARY),
  ...inPieces("9.5", TEXT),
  ...inPieces("9.6", BINARY),
  ...roundTrips("9.7", TEXT),
  ...roundTrips("9.8", BINARY),
];
