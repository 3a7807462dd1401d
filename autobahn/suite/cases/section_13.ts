/**
 * Section 13, compression of the same data with different things asked of the testee's compressor:
 * to forget its window after each message, and to use a smaller window (RFC 7692 §7.1).
 *
 * @module
 */
import type { DeflateRequest, MeasuredCase } from "../model/case.ts";
import { compressedCases, type CompressedGroup } from "./compressed.ts";
import { JSON_DATA } from "./corpora/mod.ts";

/** What the groups ask for; where there are several, the testee gets the first that it can do. */
const REQUESTS: readonly (readonly DeflateRequest[])[] = [
  [{ noContextTakeover: false, maxWindowBits: 0 }],
  [{ noContextTakeover: true, maxWindowBits: 0 }],
  [{ noContextTakeover: false, maxWindowBits: 9 }],
  [{ noContextTakeover: false, maxWindowBits: 15 }],
  [{ noContextTakeover: true, maxWindowBits: 9 }],
  [{ noContextTakeover: true, maxWindowBits: 15 }],
  [
    { noContextTakeover: true, maxWindowBits: 9 },
    { noContextTakeover: true, maxWindowBits: 0 },
    { noContextTakeover: false, maxWindowBits: 0 },
  ],
];

function inWords({ noContextTakeover, maxWindowBits }: DeflateRequest): string {
  const takeover = noContextTakeover ? ["no context takeover"] : [];
  const window = maxWindowBits === 0 ? [] : [`a window of ${maxWindowBits} bits`];
  return [...takeover, ...window].join(" and ") || "nothing special";
}

function allInWords(requests: readonly DeflateRequest[]): string {
  return requests.map(inWords).join(", or else ");
}

const GROUPS: readonly CompressedGroup[] = REQUESTS.map((deflate, index) => ({
  id: `13.${index + 1}`,
  corpus: JSON_DATA,
  deflate,
  asked: `Asked of the testee's compressor: ${allInWords(deflate)}.`,
  rule: "RFC 7692 §7.1",
}));

/** The titles of the groups. */
export const SECTION_13_GROUPS: Readonly<Record<string, string>> = Object.fromEntries(
  GROUPS.map(({ id, deflate }) => [id, `${JSON_DATA.title}, asking for ${allInWords(deflate)}`]),
);

/** The 126 cases of section 13. */
export const SECTION_13: readonly MeasuredCase[] = GROUPS.flatMap(compressedCases);
