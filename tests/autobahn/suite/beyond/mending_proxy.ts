/**
 * A proxy that hides the suite's offences from a good server, so that the two together are a bad
 * one: what is mended on the way is never noticed. What goes back can be spoiled as well.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { FrameSpec } from "../../../../autobahn/suite/model/case.ts";
import { encodeFrame } from "../../../../autobahn/suite/wire/frame.ts";
import { FrameCollector, type ReadFrame } from "../../../../autobahn/suite/wire/frame_reader.ts";

/** What a proxy changes. Nothing by default. */
export interface Mending {
  /** Changes the head of a request. */
  readonly request?: (head: string) => string;
  /** Changes the head of a response. */
  readonly response?: (head: string) => string;
  /** Changes a frame of the side that connects; some become none, or more. */
  readonly ahead?: (frame: FrameSpec) => readonly FrameSpec[];
  /** Changes a frame of the other side. */
  readonly back?: (frame: FrameSpec) => readonly FrameSpec[];
  /** Leaves TCP open when the other side ends it. @default {false} */
  readonly staysOpen?: boolean;
}

/** A frame as it was read, to be written again just so. */
function asItWas({ opcode, payload, fin, rsv, mask, lengthBits }: ReadFrame): FrameSpec {
  return { opcode, payload, fin, rsv, mask: mask ?? false, lengthBits };
}

/** Passes bytes on: a head, then frames. */
class Direction {
  readonly #head: ((head: string) => string) | undefined;
  readonly #frame: ((frame: FrameSpec) => readonly FrameSpec[]) | undefined;
  readonly #collector = new FrameCollector();
  #pending: Buffer | undefined = Buffer.alloc(0);

  constructor(mending: {
    head: ((head: string) => string) | undefined;
    frame: ((frame: FrameSpec) => readonly FrameSpec[]) | undefined;
  }) {
    this.#head = mending.head;
    this.#frame = mending.frame;
  }

  /** What becomes of the bytes. */
  pass(bytes: Uint8Array): Uint8Array {
    if (this.#pending === undefined) return this.#frames(bytes);
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const [head] = /^[^]*?\n\r?\n/.exec(this.#pending.toString("latin1")) ?? [];
    if (head === undefined) return new Uint8Array();
    const rest = this.#pending.subarray(head.length);
    this.#pending = undefined;
    const changed = this.#head?.(head) ?? head;
    return Buffer.concat([Buffer.from(changed, "latin1"), this.#frames(rest)]);
  }

  #frames(bytes: Uint8Array): Uint8Array {
    const change = this.#frame;
    if (change === undefined) return bytes;
    return Buffer.concat(
      this.#collector.push(bytes).flatMap((frame) => change(asItWas(frame)))
        .map((frame) => encodeFrame(frame, { masked: false })),
    );
  }
}

/** A proxy on a free port of the loopback address. */
export class MendingProxy implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #mending: () => Mending;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;

  /** Passes on to a port of the loopback address; `mending` is asked for every connection. */
  constructor(target: number, mending: () => Mending) {
    this.#target = target;
    this.#mending = mending;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#running = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#running;
  }

  async #accept(): Promise<void> {
    const pairs: Promise<void>[] = [];
    try {
      for await (const near of this.#listener) pairs.push(this.#join(near));
    } finally {
      await Promise.allSettled(pairs);
    }
  }

  async #join(near: Deno.TcpConn): Promise<void> {
    this.#connections.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    this.#connections.add(far);
    const { request, response, ahead, back, staysOpen = false } = this.#mending();
    await Promise.all([
      pump(near, { to: far, direction: new Direction({ head: request, frame: ahead }) })
        .finally(() => close(far)),
      pump(far, { to: near, direction: new Direction({ head: response, frame: back }) })
        .finally(() => staysOpen || close(near)),
    ]);
    close(near);
    this.#connections.delete(near);
    this.#connections.delete(far);
  }
}

/** Passes on what comes until it ends, in whatever way. */
async function pump(
  from: Deno.TcpConn,
  { to, direction }: { to: Deno.TcpConn; direction: Direction },
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) return;
      const bytes = direction.pass(buffer.slice(0, length));
      for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    }
  } catch {
    // One of the two is gone, and so is the other soon.
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
