/**
 * A transport that does nothing but note what it is told.
 *
 * @module
 */
import type {
  Capabilities,
  EngineName,
  Transport,
  TransportReceiver,
} from "../../lib/connection/transport.ts";
import type { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { MessageType } from "../../lib/protocol/opcodes.ts";

const ALL: Capabilities = {
  limits: true,
  ping: true,
  readPause: true,
  drain: true,
  streaming: true,
  compression: true,
  prepared: true,
  destroy: true,
};

/** A transport for tests. What it was told is in `calls`, one line each. */
export class FakeTransport implements Transport {
  readonly engine: EngineName = "codec";
  readonly capabilities: Capabilities;
  /** What a test says waits here. */
  bufferedAmount = 0;
  /** What each message adds to `bufferedAmount`, in place of its own size. */
  weight: number | undefined;
  /** What a test says about an open message. */
  fragmenting = false;
  /** From which length on a test has messages compressed, which must be set before it is used. */
  compressesFrom = Infinity;
  /**
   * What was called, such as `text hello` or `close 1000 bye`; `text hello uncompressed` for
   * what must not be compressed.
   */
  readonly calls: string[] = [];
  /** Who hears of what comes. */
  receiver: TransportReceiver | undefined;

  /** Lacks the capabilities that are named. */
  constructor(lacks: readonly (keyof Capabilities)[] = []) {
    this.capabilities = { ...ALL, ...Object.fromEntries(lacks.map((name) => [name, false])) };
  }

  /** Takes the calls that were noted. */
  taken(): string[] {
    return this.calls.splice(0);
  }

  start(receiver: TransportReceiver): void {
    this.receiver = receiver;
  }

  sendText(text: string, compress: boolean): void {
    this.#note(`text ${text}`, text.length, compress);
  }

  sendBinary(bytes: Uint8Array, compress: boolean): void {
    this.#note(`binary ${hex(bytes)}`, bytes.length, compress);
  }

  sendFragment(
    type: MessageType,
    bytes: Uint8Array,
    { fin, compress }: { fin: boolean; compress: boolean },
  ): void {
    this.fragmenting = !fin;
    this.#note(`fragment ${type} ${hex(bytes)}${fin ? " fin" : ""}`, bytes.length, compress);
  }

  sendPrepared({ data }: PreparedMessage, compress: boolean): void {
    this.#note(`prepared ${typeof data === "string" ? data : hex(data)}`, data.length, compress);
  }

  ping(payload: Uint8Array): void {
    this.calls.push(`ping ${hex(payload)}`);
  }

  pong(payload: Uint8Array): void {
    this.calls.push(`pong ${hex(payload)}`);
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  close(code: number | undefined, reason: string): void {
    this.calls.push(`close ${code} ${reason}`.trim());
  }

  destroy(error?: Error): void {
    this.calls.push("destroy");
    this.receiver?.onClosed({
      code: 1006,
      reason: "",
      wasClean: false,
      ...(error === undefined ? {} : { error }),
    });
  }

  trim(): void {
    this.calls.push("trim");
  }

  #note(call: string, bytes: number, compress: boolean): void {
    this.calls.push(compress ? call : `${call} uncompressed`);
    this.bufferedAmount += this.weight ?? bytes;
  }
}

function hex(bytes: Uint8Array): string {
  return new Uint8Array(bytes).toHex();
}
