/**
 * Section 12, compression of different kinds of data, with nothing asked beyond permessage-deflate
 * itself (RFC 7692).
 *
 * @module
 */
import type { DeflateRequest, MeasuredCase } from "../model/case.ts";
import { compressedCases, type CompressedGroup } from "./compressed.ts";
import { CORPORA, type Corpus } from "./corpora/mod.ts";

const NOTHING_ASKED: DeflateRequest = { noContextTakeover: false, maxWindowBits: 0 };

const GROUPS: readonly CompressedGroup[] = CORPORA.map((corpus, index) => ({
  id: `12.${index + 1}`,
  corpus,
  deflate: [NOTHING_ASKED],
  asked: "The testee may compress as it likes.",
  rule: "RFC 7692 §7.2",
}));

function title(corpus: Corpus): string {
  const kind = corpus.binary ? "binary" : "text";
  return `${corpus.title} (${kind}, ${corpus.bytes.toLocaleString("en")} bytes)`;
}

/** The titles of the groups. */
export const SECTION_12_GROUPS: Readonly<Record<string, string>> = Object.fromEntries(
  GROUPS.map(({ id, corpus }) => [id, title(corpus)]),
);

/** The 90 cases of section 12. */
export const SECTION_12: readonly MeasuredCase[] = GROUPS.flatMap(compressedCases);
