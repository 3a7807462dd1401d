/**
 * The corpora, one for each group of section 12 and in that order.
 *
 * @module
 */
import { BITMAP } from "./bitmap.ts";
import type { Corpus } from "./corpus.ts";
import { DOCUMENT } from "./document.ts";
import { JSON_DATA } from "./json_data.ts";
import { PROSE } from "./prose.ts";
import { WEB_PAGE } from "./web_page.ts";

export { Corpus } from "./corpus.ts";
export { JSON_DATA } from "./json_data.ts";

/** Every corpus. */
export const CORPORA: readonly Corpus[] = [JSON_DATA, BITMAP, PROSE, WEB_PAGE, DOCUMENT];
