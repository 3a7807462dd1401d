/**
 * Lines of a byte stream.
 *
 * @module
 */

/** How lines are read. */
export interface LinesOptions {
  /** The longest line, in UTF-16 code units. @default {16777216} */
  readonly maxLength?: number | undefined;
}

/**
 * The lines of `stream` as UTF-8, without their ends (LF or CR LF). What follows the last
 * end is a line too, unless it is empty. Bytes that are no UTF-8 become U+FFFD, and a byte
 * order mark at the start is left out.
 *
 * @throws {RangeError} when a line is longer than `maxLength`.
 */
export async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxLength = 16_777_216 }: LinesOptions = {},
): AsyncGenerator<string, void, void> {
  // Parts are joined once a line, so that a long one costs no more than its length.
  let parts: string[] = [];
  let length = 0;
  const add = (part: string) => {
    parts.push(part);
    length += part.length;
    if (length > maxLength) throw new RangeError(`a line is longer than ${maxLength} characters`);
  };
  const take = () => {
    const line = parts.join("");
    parts = [];
    length = 0;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  };
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const pieces = text.split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      add(piece);
      yield take();
    }
    if (last !== "") add(last);
  }
  if (length > 0) yield take();
}
