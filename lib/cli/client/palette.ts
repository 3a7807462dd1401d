/**
 * Colours, where there are any.
 *
 * @module
 */
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];
type Paint = (text: string) => string;

/** Paints text, or leaves it as it is. */
export class Palette {
  /** What stands before a message. */
  readonly label: Paint;
  /** What is told beside messages. */
  readonly notice: Paint;
  /** What went wrong. */
  readonly error: Paint;

  /** `colour`: whether to paint at all. */
  constructor(colour: boolean) {
    const paint = (format: Format): Paint => (text) =>
      colour ? styleText(format, text, { validateStream: false }) : text;
    this.label = paint("cyan");
    this.notice = paint("dim");
    this.error = paint("red");
  }
}
