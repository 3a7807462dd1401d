/**
 * A request of our own, sent to the private HTTP server behind those of a client. The server
 * answers in order: where the answer to this one begins, all before it is answered, to the last
 * byte. Nobody has to read the responses for that.
 *
 * @module
 */

/** The barrier of one server. Neither clients nor the application ever see it. */
export class Barrier {
  /** The request, as it is sent. */
  readonly request: Uint8Array;
  readonly #secret = crypto.randomUUID();
  /** How the answer begins. */
  readonly #mark: Uint8Array;

  constructor() {
    const encoder = new TextEncoder();
    this.request = encoder.encode(`GET /${this.#secret} HTTP/1.1\r\nHost: barrier\r\n\r\n`);
    this.#mark = encoder.encode(`HTTP/1.1 204 No Content\r\nbarrier: ${this.#secret}\r\n`);
  }

  /** The answer, if `request` is this one. */
  answer(request: Request): Response | undefined {
    if (request.url !== `http://barrier/${this.#secret}`) return undefined;
    return new Response(null, { status: 204, headers: { "barrier": this.#secret } });
  }

  /**
   * Where the answer begins in what the server said, perhaps cut off by the end of `bytes`;
   * their length where it does not.
   */
  find(bytes: Uint8Array): number {
    const first = this.#mark[0]!;
    let at = bytes.indexOf(first);
    while (at >= 0 && !this.#agrees(bytes.subarray(at))) at = bytes.indexOf(first, at + 1);
    return at < 0 ? bytes.length : at;
  }

  /** Whether `bytes`, which begin with the answer, are enough to be sure of it. */
  isWhole(bytes: Uint8Array): boolean {
    return bytes.length >= this.#mark.length;
  }

  #agrees(bytes: Uint8Array): boolean {
    return this.#mark.every((byte, at) => at >= bytes.length || byte === bytes[at]);
  }
}
