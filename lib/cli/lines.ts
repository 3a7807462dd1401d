/**
 * Lines of a byte stream.
 *
 * @module
 */

/**
 * The lines of `stream` as UTF-8, without their ends (LF or CR LF). What follows the last
 * end is a line too, unless it is empty.
 */
export async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const pieces = text.split("\n");
    // Parts are joined once a line, so that a long one costs no more than its length.
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      parts.push(piece);
      yield withoutReturn(parts.join(""));
      parts = [];
    }
    if (last !== "") parts.push(last);
  }
  if (parts.length > 0) yield withoutReturn(parts.join(""));
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
