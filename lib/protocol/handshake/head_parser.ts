/**
 * Reads the head of a request or a response from bytes that come in pieces of any size.
 *
 * It is as strict as RFC 9112 allows a recipient to be, because what it lets through may be
 * read again by another server, and whatever two readers understand differently is an
 * attack. One thing is forgiven: a single empty line before a request (§2.2).
 *
 * @module
 */
import { type HeadFailureCode, requestFault } from "./errors.ts";
import type { HeadFailure, RequestHead, RequestLine, ResponseHead, StatusLine } from "./head.ts";
import { type HeadLimits, resolveHeadLimits } from "./head_limits.ts";
import { parseField, parseRequestLine, parseStatusLine } from "./head_lines.ts";
import { HeaderList } from "./header_list.ts";
import { decodeLatin1 } from "./latin1.ts";

export type { HeadFailure, RequestHead, ResponseHead } from "./head.ts";
export type { HeadLimits } from "./head_limits.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DEL = 0x7f;

/** Enough for most heads; a longer one doubles it. */
const INITIAL_BYTES = 1024;

/** The head that each role reads. */
export interface HeadByRole {
  /** What a server reads. */
  readonly request: RequestHead;
  /** What a client reads. */
  readonly response: ResponseHead;
}

/** Which head is read. */
export type HeadRole = keyof HeadByRole;

/** Where the parser stands; from `done` and `failed` it never moves. */
export type HeadState = "reading" | "done" | "failed";

/** Reads one head. Costs the same for each byte, however the bytes are cut. */
export class HeadParser<Role extends HeadRole = HeadRole> {
  readonly #role: HeadRole;
  readonly #limits: Required<HeadLimits>;
  #buffer: Uint8Array;
  #length = 0;
  #lineStart = 0;
  #fieldCount = 0;
  #start: RequestLine | StatusLine | undefined;
  #headers = new HeaderList();
  #state: HeadState = "reading";
  #head: RequestHead | ResponseHead | undefined;
  #failure: HeadFailure | undefined;

  /**
   * Makes a parser for the head of one `"request"` or one `"response"`.
   *
   * @throws {TypeError} where a limit is not a number.
   * @throws {RangeError} where a limit is not an integer from 1 on.
   */
  constructor(role: Role, limits: HeadLimits = {}) {
    this.#role = role;
    this.#limits = resolveHeadLimits(limits);
    this.#buffer = new Uint8Array(Math.min(INITIAL_BYTES, this.#limits.maxHeadBytes));
  }

  /** Whether the head is still incomplete, complete, or broken. */
  get state(): HeadState {
    return this.#state;
  }

  /** The head, once `state` is `"done"`. */
  get head(): HeadByRole[Role] | undefined {
    return this.#head as HeadByRole[Role] | undefined;
  }

  /** What was wrong, once `state` is `"failed"`. */
  get failure(): HeadFailure | undefined {
    return this.#failure;
  }

  /**
   * The bytes of the head so far, as they came; interim responses included. A view that
   * is good until the next `push`.
   */
  get raw(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Takes the next bytes and returns how many of them were taken. The rest, if any, is
   * what follows the head: a body or frames. Nothing is taken once the head is done or
   * has failed. The bytes are copied; the caller may use their buffer again.
   */
  push(bytes: Uint8Array): number {
    const before = this.#length;
    for (let i = 0; i < bytes.length && this.#state === "reading"; i++) this.#take(bytes[i]!);
    return this.#length - before;
  }

  /** Takes one byte, and whatever is complete with it. */
  #take(byte: number): void {
    const { maxHeadBytes, maxLineBytes } = this.#limits;
    const afterCr = this.#buffer[this.#length - 1] === CR;
    this.#append(byte);
    if (byte === LF) {
      if (afterCr) this.#endLine();
      else this.#fail("ERR_LINE_END");
    } else if (afterCr) {
      this.#fail("ERR_LINE_END");
    } else if (byte < SPACE && byte !== TAB && byte !== CR || byte === DEL) {
      this.#fail("ERR_CONTROL_CHARACTER");
    } else if (this.#length - this.#lineStart >= maxLineBytes + 2) {
      this.#fail(this.#isRequestLine() ? "ERR_URI_TOO_LONG" : "ERR_LINE_TOO_LONG");
    }
    if (this.#state === "reading" && this.#length >= maxHeadBytes) {
      this.#fail(this.#isRequestLine() ? "ERR_URI_TOO_LONG" : "ERR_HEAD_TOO_LARGE");
    }
  }

  /** Stores one byte. There is room below the limit, or reading would have ended. */
  #append(byte: number): void {
    if (this.#length === this.#buffer.length) {
      const larger = new Uint8Array(Math.min(2 * this.#length, this.#limits.maxHeadBytes));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = byte;
  }

  /** Reads the line that has just ended with CR LF. */
  #endLine(): void {
    const line = decodeLatin1(this.#buffer.subarray(this.#lineStart, this.#length - 2));
    const first = this.#lineStart === 0;
    this.#lineStart = this.#length;
    if (this.#start === undefined) this.#readStart(line, first);
    else if (line === "") this.#endHead(this.#start);
    else this.#readField(line);
  }

  /** Reads the first line of a head, `first` of all or after something else. */
  #readStart(line: string, first: boolean): void {
    // RFC 9112 §2.2: a server SHOULD ignore at least one empty line before the request line.
    if (line === "" && first && this.#role === "request") return;
    const start = this.#role === "request" ? parseRequestLine(line) : parseStatusLine(line);
    if (typeof start === "string") this.#fail(start);
    else this.#start = start;
  }

  /** Reads one field. */
  #readField(line: string): void {
    const field = parseField(line);
    if (typeof field === "string") this.#fail(field);
    else if (++this.#fieldCount > this.#limits.maxFields) this.#fail("ERR_TOO_MANY_FIELDS");
    else this.#headers.append(field[0], field[1]);
  }

  /** Ends the head, unless it is that of an interim response. */
  #endHead(start: RequestLine | StatusLine): void {
    if ("status" in start && start.status < 200 && start.status !== 101) {
      // RFC 9110 §15.2: a client must be able to read interim responses, and may ignore them.
      this.#start = undefined;
      this.#headers = new HeaderList();
      return;
    }
    this.#head = { ...start, headers: this.#headers };
    this.#state = "done";
  }

  /** Whether what is being read is the request line. */
  #isRequestLine(): boolean {
    return this.#role === "request" && this.#start === undefined;
  }

  /** Ends the reading for good. */
  #fail(code: HeadFailureCode): void {
    this.#failure = { code, ...requestFault(code) };
    this.#state = "failed";
  }
}
