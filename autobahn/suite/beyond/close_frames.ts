/**
 * Close frames, and all that comes around one.
 *
 * @module
 */
import { frame } from "../cases/frames.ts";
import type { FrameSpec, Role } from "../model/case.ts";
import { joinBytes, utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { closeCode, PATIENCE, type RawSocket } from "./raw_socket.ts";
import { type Closing, closing } from "./verdicts.ts";

/** A close frame. */
export function close(code: number, reason: string | Uint8Array = ""): FrameSpec {
  const words = typeof reason === "string" ? utf8(reason) : reason;
  return frame(OPCODE.close, joinBytes([Uint8Array.of(code >> 8, code & 0xff), words]));
}

/** All that comes until the testee ends the connection, or nothing comes any more. */
export interface Everything {
  /** The codes of close frames. */
  readonly closes: readonly (number | undefined)[];
  /** Opcodes of frames, in order. */
  readonly opcodes: readonly number[];
  /** Bytes of data frames, and whether the last one was the last of its message. */
  readonly bytes: number;
  readonly whole: boolean;
  readonly ended: boolean;
}

/** How long to look for more after a close frame, in milliseconds: a server ends TCP then. */
const AFTERWARDS: Readonly<Record<Role, number>> = { server: 2_000, client: 300 };

/** Takes all that comes. */
export async function allFrames(socket: RawSocket): Promise<Everything> {
  const closes: (number | undefined)[] = [];
  const opcodes: number[] = [];
  let bytes = 0;
  let whole = true;
  for (;;) {
    const read = await socket.next(closes.length > 0 ? AFTERWARDS[socket.testee] : PATIENCE);
    if (typeof read === "string") return { closes, opcodes, bytes, whole, ended: read === "end" };
    opcodes.push(read.opcode);
    if (read.opcode === OPCODE.close) closes.push(closeCode(read.payload));
    if (read.opcode >= OPCODE.close) continue;
    bytes += read.length;
    whole = read.fin;
  }
}

/** Whether a server ends TCP, which a client need not do (RFC 6455 §7.1.1). */
export function endOf(socket: RawSocket, { ended }: Everything): Closing {
  return ended || socket.testee === "client"
    ? closing("OK", "The connection was closed cleanly.")
    : closing("FAILED BY CLIENT", "The server left it to the client to end TCP.");
}
