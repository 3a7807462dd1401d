/**
 * A large HTML page: a timetable of trains, row after row of the same markup. It shrinks to about a
 * twentieth.
 *
 * @module
 */
import { Corpus } from "./corpus.ts";
import { textOfLength } from "./padding.ts";
import { SeededRandom } from "./random.ts";

const BYTES = 263_647;

const STYLE = `
      body { margin: 2rem; font-family: sans-serif; color: #222; }
      table { border-collapse: collapse; width: 100%; }
      th, td { padding: 0.25rem 0.5rem; border-bottom: 1px solid #ccc; text-align: left; }
      tr.late td.state { color: #b00; font-weight: bold; }
      tr.cancelled { text-decoration: line-through; opacity: 0.6; }
      tr.ontime td.state { color: #070; }`;

const HEAD = `<!DOCTYPE html>
<html lang="de">
   <head>
      <meta charset="utf-8" />
      <title>Abfahrten – alle Züge</title>
      <style>${STYLE}
      </style>
   </head>
   <body>
      <h1>Abfahrten</h1>
      <table>
         <tr><th>Zeit</th><th>Zug</th><th>Nach</th><th>Über</th><th>Gleis</th><th>Lage</th></tr>`;

const TARGETS: readonly string[] = [
  ...["Hamburg-Altona", "München Hbf", "Basel SBB", "Köln Hbf", "Dresden-Neustadt", "Saßnitz"],
  ...["Zürich HB", "Wien Hbf", "Praha hl.n.", "Rostock Hbf"],
];
const VIA: readonly string[] = ["Fulda", "Göttingen", "Erfurt", "Würzburg", "Halle (Saale)"];

interface Lateness {
  readonly name: string;
  readonly words: string;
}

const ON_TIME: Lateness = { name: "ontime", words: "pünktlich" };
const LATE: Lateness = { name: "late", words: "verspätet" };
const CANCELLED: Lateness = { name: "cancelled", words: "fällt aus" };

function lateness(random: SeededRandom): Lateness {
  const lot = random.below(30);
  if (lot === 0) return CANCELLED;
  return lot < 4 ? LATE : ON_TIME;
}

function clock(minutes: number): string {
  const two = (value: number) => value.toString().padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function build(): Uint8Array {
  const random = new SeededRandom(0x6874_6d6c);
  return textOfLength(BYTES, {
    head: HEAD,
    entry: (number) => {
      const state = lateness(random);
      return `
         <tr class="departure ${state.name}">
            <td class="time"><a href="#train_${number}">${clock(number * 3)}</a></td>
            <td class="train">ICE ${500 + random.below(64)}</td>
            <td class="target">${random.pick(TARGETS)}</td>
            <td class="via">${random.pick(VIA)}</td>
            <td class="track">Gleis ${1 + random.below(12)}</td>
            <td class="state">${state.words}</td>
         </tr>`;
    },
    tail: "\n      </table>\n   </body>\n</html>\n",
  });
}

/** A timetable as a web page. */
export const WEB_PAGE: Corpus = new Corpus({
  title: "A large HTML page",
  binary: false,
  bytes: BYTES,
  build,
});
