/**
 * A session with a recorder as its sink and its peer played by hand.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { MaskKeys } from "../../lib/protocol/mask.ts";
import { Session, type SessionOptions } from "../../lib/protocol/session.ts";
import { concat, hex } from "./hex.ts";
import { buildFrame, type FrameFields, parseFrame, SOME_MASK } from "./raw_frame.ts";
import { SessionRecorder } from "./recorder.ts";

/** How a {@linkcode SessionPeer} is set up; limits have values that tests do not meet. */
export interface SessionPeerOptions extends Partial<SessionOptions> {
  /** Whether the session's messages are taken piece by piece. @default {false} */
  readonly piecewise?: boolean;
}

/** The other end of a session. */
export class SessionPeer {
  /** The session under test. */
  readonly session: Session;
  /** What it told. */
  readonly sink: SessionRecorder;
  readonly #role: "server" | "client";
  readonly #compresses: boolean;

  /** Makes a session in a role. */
  constructor(
    role: "server" | "client",
    { piecewise = false, ...options }: SessionPeerOptions = {},
  ) {
    this.#role = role;
    this.#compresses = options.compression?.deflater !== undefined;
    this.sink = new SessionRecorder({ piecewise });
    this.session = new Session(this.sink, {
      role,
      maxFrameBytes: 1_000_000,
      maxMessageBytes: 1_000_000,
      maxFragments: 1024,
      maskKeys: new MaskKeys((bytes) => crypto.getRandomValues(bytes)),
      ...options,
    });
  }

  /** The bytes of frames as this end sends them: masked for a server. */
  frames(...frames: readonly FrameFields[]): Uint8Array<ArrayBuffer> {
    const mask = this.#role === "server" ? { mask: SOME_MASK } : {};
    return concat(...frames.map((fields) => buildFrame({ ...mask, ...fields })));
  }

  /** Sends frames, all in one piece. */
  send(...frames: readonly FrameFields[]): void {
    this.sendBytes(this.frames(...frames));
  }

  /** Sends bytes in one piece; they are left as they are. */
  sendBytes(bytes: Uint8Array): void {
    this.sendPieces([bytes]);
  }

  /** Sends bytes, a piece at a time; they are left as they are. */
  sendPieces(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.session.receive(piece.slice(), 0, piece.length);
  }

  /** What the session told since the last call. */
  told(): string[] {
    return this.sink.take();
  }

  /**
   * The frames that the session wrote since the last call, as `opcode payload`, with a `*`
   * behind the opcode where RSV1 is set, and a `+` where more fragments follow: `1+ 48`,
   * `0 69`, `2* 0361`, `8 03e8`. Each is masked as its role demands and has the shortest
   * header.
   */
  got(): string[] {
    const { output } = this.session;
    const bytes = output.take().slice();
    output.giveBack();
    const lines: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const read = parseFrame(bytes.subarray(at));
      assert(read !== null, "the output ends within a frame");
      const { frame, size } = read;
      assertEquals(frame.mask !== null, this.#role === "client");
      const compressed = frame.rsv === 4 && this.#compresses;
      assertEquals(frame.rsv, compressed ? 4 : 0);
      const { length } = frame.payload;
      assertEquals(frame.lengthForm, length < 126 ? 7 : length < 65_536 ? 16 : 64);
      const marks = `${compressed ? "*" : ""}${frame.fin ? "" : "+"}`;
      lines.push(`${frame.opcode}${marks} ${hex(frame.payload)}`);
      at += size;
    }
    return lines;
  }
}
