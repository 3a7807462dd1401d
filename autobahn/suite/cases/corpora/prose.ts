/**
 * Verse in something like German: words put together of German parts, in lines and stanzas. It
 * shrinks to about a third. It has letters beyond ASCII, and is sent as binary all the same.
 *
 * @module
 */
import { utf8 } from "../../wire/bytes.ts";
import { Corpus } from "./corpus.ts";
import { SeededRandom } from "./random.ts";

const BYTES = 222_218;

/** The most frequent first. */
const SMALL_WORDS: readonly string[] = [
  ...["und", "die", "der", "ich", "nicht", "ein", "das", "zu", "in", "es", "sie", "ist", "den"],
  ...["er", "mit", "so", "wie", "mir", "du", "auf", "was", "mich", "dem", "doch", "nur", "da"],
  ...["wenn", "dir", "für", "noch", "aus", "von", "auch", "schon", "wohl", "über", "nach"],
];

const BEGINNINGS: readonly string[] = [
  ...["", "", "", "", "ge", "be", "ver", "er", "un", "auf", "an", "ent", "zer", "vor", "hin"],
  ...["aus", "ein", "nach", "über", "unter", "wider", "um"],
];

const STEMS: readonly string[] = [
  ...["geh", "steh", "seh", "wort", "nacht", "licht", "wald", "herz", "stein", "wind", "brück"],
  ...["trau", "sing", "kling", "zieh", "blick", "strahl", "schwind", "weil", "wach", "schlaf"],
  ...["flieg", "fall", "brenn", "glüh", "kühl", "süß", "groß", "klein", "fern", "nah", "tief"],
  ...["hoch", "weiß", "grün", "blau", "dunkel", "helm", "schild", "ross", "rat", "tat", "mut"],
  ...["furcht", "freud", "leid", "lust", "zorn", "ruh", "stürm", "regn", "schnei", "blüt"],
  ...["zweig", "wurzel", "quell", "fluss", "meer", "berg", "tal", "feld", "garten", "haus"],
  ...["tür", "fenster", "dach", "turm", "glock", "uhr", "zeit", "jahr", "tag", "stund", "morgen"],
  ...["abend", "stern", "mond", "sonn", "wolk", "nebel", "schatt", "träum", "denk", "sinn"],
  ...["geist", "kraft", "macht", "recht", "schuld", "dienst", "lehr", "kunst", "spiel", "tanz"],
];

const ENDINGS: readonly string[] = [
  ...["en", "e", "", "er", "t", "et", "es", "te", "end", "ung", "lich", "ig", "heit", "bar", "los"],
  ...["sam", "igkeit", "ungen", "lein", "isch", "erei", "schaft"],
];

const LINE_ENDS: readonly string[] = [",", ",", "", "", ".", ";", "!", "?", ":"];

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function word(random: SeededRandom): string {
  if (random.below(100) < 45) return random.pickEarly(SMALL_WORDS);
  const made = random.pickEarly(BEGINNINGS) + random.pickEarly(STEMS) + random.pickEarly(ENDINGS);
  return random.below(3) === 0 ? capital(made) : made;
}

function line(random: SeededRandom): string {
  const words = Array.from({ length: 5 + random.below(4) }, () => word(random));
  return `  ${capital(words.join(" "))}${random.pick(LINE_ENDS)}\r\n`;
}

function build(): Uint8Array {
  const random = new SeededRandom(0x7665_7273);
  const lines: string[] = [];
  let length = 0;
  // Characters count at least one byte each: what is written is long enough to be cut.
  while (length < BYTES) {
    const next = random.below(7) === 0 ? "\r\n" : line(random);
    lines.push(next);
    length += next.length;
  }
  return utf8(lines.join("")).slice(0, BYTES);
}

/** Verse. */
export const PROSE: Corpus = new Corpus({
  title: "Verse in a kind of German",
  binary: true,
  bytes: BYTES,
  build,
});
