/**
 * Connections for tests: one against a peer that is played by hand, or two against each
 * other, over a pipe and on a clock that stands still.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Connection } from "../../lib/connection/connection.ts";
import type { ConnectionHandlers } from "../../lib/connection/handlers.ts";
import { type ConnectionOptions, resolveOptions } from "../../lib/connection/options.ts";
import type { CloseEvent } from "../../lib/connection/transport.ts";
import { CodecTransport } from "../../lib/engine/codec/transport.ts";
import type { LinkReceiver } from "../../lib/engine/link.ts";
import type { Role } from "../../lib/protocol/frame_parser.ts";
import type { MessageCompression } from "../../lib/protocol/permessage_deflate/codec.ts";
import { FakeClock, settle } from "./fake_clock.ts";
import { PipeEnd } from "./pipe.ts";
import {
  buildFrame,
  closePayload,
  type FrameFields,
  parseFrame,
  type RawFrame,
  SOME_MASK,
} from "./raw_frame.ts";

export { settle } from "./fake_clock.ts";

/** The opcodes, apart from those of lib/. */
export const OP = { CONT: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** A peer that sends and receives frames as a test wishes. */
export class RawEnd implements LinkReceiver {
  /** Its end of the pipe. */
  readonly link: PipeEnd;
  /** Frames that came and were not taken. */
  readonly #frames: RawFrame[] = [];
  readonly #masks: boolean;
  #input = new Uint8Array(0);
  /** What waits to be written, or is being written. */
  #output = new Uint8Array(0);
  #writing = false;
  /** How much of what is being written has not left. */
  #lent = 0;
  /** Its direction ends once all is written. */
  #ending = false;
  /** The other end has ended its direction. */
  ended = false;
  /** The pipe failed. */
  error: Error | undefined;

  /** Plays `role` on `link`. */
  constructor(link: PipeEnd, role: Role) {
    this.link = link;
    this.#masks = role === "client";
    link.start(this, new Uint8Array(0));
  }

  /** How much of what was written here the other end has not taken from the pipe. */
  get unread(): number {
    return this.#output.length + this.link.output.onTheWay;
  }

  /** Sends one frame, masked if the role wants it. */
  send(fields: FrameFields): void {
    this.write(this.frame(fields));
  }

  /** Builds one frame, masked if the role wants it. */
  frame(fields: FrameFields): Uint8Array {
    return buildFrame(this.#masks ? { mask: SOME_MASK, ...fields } : fields);
  }

  /** Sends a text message. */
  sendText(payload: string): void {
    this.send({ opcode: OP.TEXT, payload });
  }

  /** Sends a close frame. */
  sendClose(code: number, reason = ""): void {
    this.send({ opcode: OP.CLOSE, payload: closePayload(code, reason) });
  }

  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void {
    const output = new Uint8Array(this.#output.length + bytes.length);
    output.set(this.#output);
    output.set(bytes, this.#output.length);
    this.#output = output;
    this.#flush();
  }

  /** Ends its direction behind all that was written, as FIN does. */
  end(): void {
    this.#ending = true;
    this.#flush();
  }

  /** The next frame that came; a test fails when there is none. */
  take(): RawFrame {
    const frame = this.#frames.shift();
    assert(frame !== undefined, "no frame came");
    return frame;
  }

  /** All frames that came. */
  takeAll(): RawFrame[] {
    return this.#frames.splice(0);
  }

  /** All that came, as lines such as `text hello`, `ping 00000001`, `close 1000 bye`. */
  takeLines(): string[] {
    return this.takeAll().map(describe);
  }

  /** All that came, as lines such as `1* 0461`: opcode, `*` for RSV1, `+` for more, payload. */
  takeHex(): string[] {
    return this.takeAll().map(({ opcode, rsv, fin, payload }) => {
      assert(rsv === 0 || rsv === 4);
      return `${opcode}${rsv === 4 ? "*" : ""}${fin ? "" : "+"} ${payload.toHex()}`;
    });
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const input = new Uint8Array(this.#input.length + end - start);
    input.set(this.#input);
    input.set(bytes.subarray(start, end), this.#input.length);
    let at = 0;
    for (let got = parseFrame(input); got !== null; got = parseFrame(input.subarray(at))) {
      assertEquals(got.frame.mask !== null, !this.#masks, "masked, or not, as the role wants it");
      this.#frames.push(got.frame);
      at += got.size;
    }
    this.#input = input.slice(at);
  }

  onEnd(): void {
    this.ended = true;
  }

  onWritten(count: number): void {
    this.#output = this.#output.slice(count);
    this.#lent -= count;
    this.#writing = this.#lent > 0;
    this.#flush();
  }

  onError(error: Error): void {
    this.error = error;
  }

  #flush(): void {
    if (this.#writing || this.link.gone) return;
    if (this.#output.length === 0) {
      if (this.#ending) this.link.end();
      return;
    }
    this.#lent = this.#output.length;
    this.#writing = true;
    this.onWritten(this.link.write(this.#output));
  }
}

/** One frame as a line: its kind, then its payload. */
function describe({ fin, opcode, payload }: RawFrame): string {
  const kind = ["cont", "text", "binary"][opcode] ?? { 8: "close", 9: "ping", 10: "pong" }[opcode];
  const name = `${kind ?? opcode}${fin ? "" : "…"}`;
  if (opcode === OP.CLOSE && payload.length >= 2) {
    const code = new DataView(payload.buffer).getUint16(0);
    return `${name} ${code} ${new TextDecoder().decode(payload.subarray(2))}`.trim();
  }
  const text = opcode === OP.BINARY || opcode >= OP.PING
    ? payload.toHex()
    : new TextDecoder().decode(payload);
  return `${name} ${text}`.trim();
}

/** How a connection under test is set up. */
export interface OpenOptions {
  /** The role of the connection under test. @default {"server"} */
  role?: Role;
  /** Its options; without them the heartbeat is off, to keep it out of other tests. */
  options?: ConnectionOptions;
  /** Its handlers, beside the counting of close events. */
  handlers?: ConnectionHandlers;
  /** No handler at all, not even one that counts. @default {false} */
  bare?: boolean;
  /** What was read behind the opening handshake. */
  first?: Uint8Array;
  /** The extension permessage-deflate, as if it was agreed on. @default {undefined} */
  agreed?: MessageCompression;
  /** The clock. @default a new one */
  clock?: FakeClock;
}

/** One connection under test, with what a test looks at. */
export class Tested {
  /** The clock that the connection goes by. */
  readonly clock: FakeClock;
  /** The connection's end of the pipe. */
  readonly link: PipeEnd;
  /** The connection. */
  readonly connection: Connection;
  /** The close events that its handler got. */
  readonly closes: CloseEvent[] = [];
  readonly #bare: boolean;

  /** Opens a connection on `link`. */
  constructor(link: PipeEnd, open: OpenOptions) {
    const { role = "server", bare = false, clock = new FakeClock() } = open;
    this.clock = clock;
    this.link = link;
    this.#bare = bare;
    const options = resolveOptions({ heartbeat: false, ...open.options });
    const handlers: ConnectionHandlers = {
      ...open.handlers,
      close: (connection, event) => {
        this.closes.push(event);
        return open.handlers?.close?.(connection, event);
      },
    };
    this.connection = new Connection({
      transport: new CodecTransport(link, {
        role,
        options,
        compression: open.agreed,
        ...(open.first === undefined ? {} : { first: open.first }),
      }),
      info: {
        role,
        url: "ws://localhost/",
        subprotocol: "",
        extensions: "",
        remoteAddress: { transport: "tcp", hostname: "127.0.0.1", port: 4321 },
      },
      options,
      clock,
      ...(bare ? {} : { handlers }),
    });
  }

  /** Asserts that all is over and nothing is left, and gives the one close event. */
  async over(): Promise<CloseEvent> {
    await settle();
    assertEquals(this.connection.state, "closed");
    const event = await this.connection.closed;
    if (!this.#bare) assertEquals(this.closes, [event], "exactly one close event");
    assert(this.link.destroyed, "the link was destroyed");
    assertEquals(this.clock.timers, 0, "no timer is left");
    return event;
  }
}

/** A connection under test and the peer that is played by hand. */
export interface Opened extends Tested {
  /** The peer. */
  readonly peer: RawEnd;
}

/** Opens a connection against a peer that the test plays. */
export async function openConnection(open: OpenOptions = {}): Promise<Opened> {
  const link = new PipeEnd();
  const tested = new Tested(link, open);
  const peer = new RawEnd(link.other, open.role === "client" ? "server" : "client");
  await settle();
  return Object.assign(tested, { peer });
}

/** How a pair is set up. */
export interface PairOptions {
  /** The client. */
  client?: Omit<OpenOptions, "role" | "clock">;
  /** The server. */
  server?: Omit<OpenOptions, "role" | "clock">;
}

/** Opens a client and a server that are joined, on one clock. */
export async function openPair(
  options: PairOptions = {},
): Promise<{ client: Tested; server: Tested; clock: FakeClock }> {
  const link = new PipeEnd();
  const clock = new FakeClock();
  const client = new Tested(link, { ...options.client, role: "client", clock });
  const server = new Tested(link.other, { ...options.server, role: "server", clock });
  await settle();
  return { client, server, clock };
}
