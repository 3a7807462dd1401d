/**
 * A large JSON file: the readings of weather stations, indented, with the same keys again and
 * again. It shrinks to a twentieth or less.
 *
 * @module
 */
import { Corpus } from "./corpus.ts";
import { textOfLength } from "./padding.ts";
import { SeededRandom } from "./random.ts";

const BYTES = 194_056;

const PLACES: readonly string[] = [
  ...["Aachen", "Bergen", "Calais", "Dresden", "Évora", "Fürth", "Göteborg", "Halle"],
  ...["Innsbruck", "Jönköping", "Kraków", "Lübeck", "Málaga", "Nîmes", "Oulu", "Plzeň"],
];
const HOURS_A_DAY = 24;

function stamp(hours: number): string {
  return new Date(Date.UTC(2024, 2, 1, hours)).toISOString().slice(0, 16);
}

function build(): Uint8Array {
  const random = new SeededRandom(0x6a73_6f6e);
  return textOfLength(BYTES, {
    head: '{\n   "network": "synoptic",\n   "unit": "SI",\n   "readings": {',
    entry: (number) => {
      const hour = number % HOURS_A_DAY;
      const place = PLACES[Math.floor(number / HOURS_A_DAY) % PLACES.length] ?? "";
      const key = `${place}/${stamp(number)}`;
      const reading = {
        quality: "verified",
        sky: "overcast",
        // Most hours are like the one before.
        temperature: 4 + Math.floor(hour / 6) + (random.below(8) === 0 ? 0.5 : 0),
        pressure: random.below(4) === 0 ? 1013 + random.below(6) : 1013,
        station: `synop_${hour.toString().padStart(2, "0")}`,
      };
      const body = JSON.stringify(reading, null, 3).replaceAll("\n", "\n      ");
      return `${number === 0 ? "" : ","}\n      ${JSON.stringify(key)}: ${body}`;
    },
    tail: "\n   }\n}\n",
  });
}

/** The readings of weather stations. */
export const JSON_DATA: Corpus = new Corpus({
  title: "A large JSON file",
  binary: false,
  bytes: BYTES,
  build,
});
