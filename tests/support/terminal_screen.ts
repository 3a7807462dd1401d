/**
 * What a terminal shows: just enough of one to follow a line editor and coloured text.
 *
 * @module
 */

/** A control sequence, a control character, or one character of text. */
// deno-lint-ignore no-control-regex -- these are what is looked for
const TOKEN = /\x1b\[([0-9;?]*)([A-Za-z])|[\x00-\x1f\x7f]|[^]/gu;

/** A terminal without a bottom: nothing scrolls away. */
export class TerminalScreen {
  readonly #columns: number;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80) {
    this.#columns = columns;
  }

  /** The rows, without the blanks at their ends. */
  get rows(): string[] {
    return this.#rows.map((row) => Array.from(row, (cell) => cell ?? " ").join("").trimEnd());
  }

  /** Where the cursor stands, from 0. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** Takes what a program writes; a control sequence must not be cut. */
  write(text: string): void {
    for (const [token, parameters, final] of text.matchAll(TOKEN)) {
      if (final !== undefined) this.#control(final, parameters ?? "");
      else if (token === "\r") this.#column = 0;
      else if (token === "\n") this.#down();
      else if (token >= " ") this.#put(token);
    }
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#down();
    }
    this.#rows[this.#row]![this.#column++] = character;
  }

  #down(): void {
    this.#row++;
    this.#rows[this.#row] ??= [];
  }

  /** Erases the row of the cursor from a column on. */
  #eraseRow(column: number): void {
    const row = this.#rows[this.#row]!;
    row.length = Math.min(row.length, column);
  }

  #control(final: string, parameters: string): void {
    const count = parameters === "" ? 1 : Number(parameters);
    switch (final) {
      case "A":
        this.#row = Math.max(0, this.#row - count);
        return;
      case "C":
        this.#column += count;
        return;
      case "D":
        this.#column = Math.max(0, this.#column - count);
        return;
      case "G":
        this.#column = Math.max(1, count) - 1;
        return;
      case "J":
        this.#rows.length = this.#row + 1;
        this.#eraseRow(this.#column);
        return;
      case "K":
        this.#eraseRow(parameters === "2" ? 0 : this.#column);
        return;
      case "m":
        return;
      default:
        throw new Error(`The terminal does not know CSI ${parameters}${final}`);
    }
  }
}
