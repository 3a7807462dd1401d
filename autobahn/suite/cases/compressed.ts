/**
 * A thousand compressed messages, one at a time: what every case of sections 12 and 13 is.
 *
 * @module
 */
import type { DeflateRequest, MeasuredCase } from "../model/case.ts";
import type { Corpus } from "./corpora/mod.ts";
import { exchange } from "./exchange.ts";
import { NORMAL_CLOSE } from "./scripted.ts";

const COUNT = 1_000;

/** How long the messages of a case are, and in which fragments they go. */
interface Size {
  /** Bytes of a binary message, characters of a text. */
  readonly units: number;
  /** Seconds that the case may take. */
  readonly seconds: number;
  /** Bytes of a fragment, compressed. @default one frame */
  readonly fragmentBytes?: number;
}

/** What the 18 cases of each group send, in their order. */
const SIZES: readonly Size[] = [
  { units: 16, seconds: 60 },
  { units: 64, seconds: 60 },
  { units: 256, seconds: 120 },
  { units: 1_024, seconds: 240 },
  { units: 4_096, seconds: 480 },
  { units: 8_192, seconds: 480 },
  { units: 16_384, seconds: 480 },
  { units: 32_768, seconds: 480 },
  { units: 65_536, seconds: 480 },
  { units: 131_072, seconds: 480 },
  { units: 8_192, seconds: 480, fragmentBytes: 256 },
  { units: 16_384, seconds: 480, fragmentBytes: 256 },
  { units: 32_768, seconds: 480, fragmentBytes: 256 },
  { units: 65_536, seconds: 480, fragmentBytes: 256 },
  { units: 131_072, seconds: 480, fragmentBytes: 256 },
  { units: 131_072, seconds: 480, fragmentBytes: 1_024 },
  { units: 131_072, seconds: 480, fragmentBytes: 4_096 },
  { units: 131_072, seconds: 480, fragmentBytes: 32_768 },
];

/** What the cases of a group have in common. */
export interface CompressedGroup {
  /** The group's number, for example `"12.1"`. */
  readonly id: string;
  readonly corpus: Corpus;
  /** What is asked of the testee's compressor, the most wanted first. */
  readonly deflate: readonly DeflateRequest[];
  /** The same in words. */
  readonly asked: string;
  /** Where the rule stands. */
  readonly rule: string;
}

/** The 18 cases of a group. */
export function compressedCases(group: CompressedGroup): MeasuredCase[] {
  return SIZES.map((size, index) => compressedCase(`${group.id}.${index + 1}`, group, size));
}

function compressedCase(id: string, group: CompressedGroup, size: Size): MeasuredCase {
  const { corpus, deflate } = group;
  const { units, seconds, fragmentBytes } = size;
  return {
    form: "measured",
    id,
    description:
      `A thousand compressed ${describeMessages(corpus, size)}, each sent when the one ` +
      `before has come back. ${group.asked}`,
    expectation: `All of them come back as sent within ${seconds} seconds.`,
    rule: group.rule,
    expectedClose: NORMAL_CLOSE,
    deflate,
    measure: (peer) =>
      exchange(peer, {
        count: COUNT,
        seconds,
        binary: corpus.binary,
        next: corpus.windows(units),
        send: (to, payload) =>
          to.sendMessage(payload, {
            binary: corpus.binary,
            ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
          }),
      }),
  };
}

function describeMessages(corpus: Corpus, { units, fragmentBytes }: Size): string {
  const unit = corpus.binary ? "bytes" : "characters";
  const kind = corpus.binary ? "binary" : "text";
  const fragments = fragmentBytes === undefined
    ? "in one frame each"
    : `in fragments of ${fragmentBytes.toLocaleString("en")} bytes`;
  return `${kind} messages of ${units.toLocaleString("en")} ${unit}, ${fragments}`;
}
