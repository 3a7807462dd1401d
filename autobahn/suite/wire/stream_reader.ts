/**
 * Pulling bytes from a stream that pushes them, a wait at a time; and the same as a case sees it.
 *
 * @module
 */
import type { CaseStream } from "../model/stage.ts";
import { EMPTY, joinBytes } from "./bytes.ts";
import { headLength } from "./head.ts";
import type { ByteStream } from "./stream.ts";
import type { WireLog } from "./wire_log.ts";

/** More bytes than any head has (RFC 9112 §3 leaves the limit open). */
const MAX_HEAD_BYTES = 64 * 1024;

/** Reads a stream, and logs what passes. */
export class StreamReader implements CaseStream {
  readonly #stream: ByteStream;
  readonly #log: WireLog;
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #failure: string | undefined;
  #wake: (() => void) | undefined;

  /** Takes the stream over. */
  constructor(stream: ByteStream, log: WireLog) {
    this.#stream = stream;
    this.#log = log;
    stream.attach({
      data: (bytes) => {
        log.octetsReceived(bytes);
        this.#chunks.push(bytes);
        this.#wake?.();
      },
      end: (failure) => {
        this.#ended = true;
        this.#failure = failure;
        this.#wake?.();
      },
    });
  }

  /** What broke the stream, if anything did. */
  get failure(): string | undefined {
    return this.#failure;
  }

  async write(
    bytes: Uint8Array,
    options: { chopBytes?: number; pauseMilliseconds?: number } = {},
  ): Promise<boolean> {
    const { chopBytes = bytes.length || 1, pauseMilliseconds = 0 } = options;
    const chopped = chopBytes < bytes.length;
    for (let at = 0; at < bytes.length; at += chopBytes) {
      const chop = bytes.subarray(at, at + chopBytes);
      this.#log.octetsSent(chop, chopped);
      if (!await this.#stream.write(chop)) return false;
      if (pauseMilliseconds > 0 && at + chopBytes < bytes.length) {
        await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
      }
    }
    return !this.#failure;
  }

  async read(milliseconds: number): Promise<Uint8Array | "end" | "silence"> {
    if (this.#chunks.length === 0 && !this.#ended) await this.#arrival(milliseconds);
    if (this.#chunks.length > 0) return joinBytes(this.#chunks.splice(0));
    return this.#ended ? "end" : "silence";
  }

  /** Gives bytes back, to be read first. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.unshift(bytes);
  }

  /**
   * Reads a head of HTTP; what comes after it stays.
   *
   * @param milliseconds How long the whole may take.
   */
  async readHead(milliseconds: number): Promise<Uint8Array | "end" | "silence" | "too long"> {
    const until = performance.now() + milliseconds;
    let held = EMPTY;
    while (held.length <= MAX_HEAD_BYTES) {
      const bytes = await this.read(Math.max(0, until - performance.now()));
      if (typeof bytes === "string") {
        this.unread(held);
        return bytes;
      }
      held = joinBytes([held, bytes]);
      const length = headLength(held);
      if (length !== undefined && length <= MAX_HEAD_BYTES) {
        this.unread(held.subarray(length));
        return held.subarray(0, length);
      }
    }
    this.unread(held);
    return "too long";
  }

  /** What was not read, for another who reads the stream from here on. */
  takeRest(): Uint8Array {
    return joinBytes(this.#chunks.splice(0));
  }

  pauseReading(paused: boolean): void {
    this.#stream.pause(paused);
  }

  endWriting(): void {
    this.#stream.endWriting();
  }

  drop(how: "fin" | "reset"): void {
    this.#stream.drop(how);
    this.#ended = true;
    this.#wake?.();
  }

  /** Waits for bytes or the end, as long as told. */
  #arrival(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
    });
  }
}
