/**
 * A peer of cases that has no network: it keeps what a case does, and answers what a test says.
 *
 * @module
 */
import type {
  CaseEvent,
  CasePeer,
  DeflateAgreement,
  FrameSpec,
  PeerState,
  ReceivedMessage,
  Role,
} from "../../../../autobahn/suite/model/case.ts";

/** What a case did, in order. */
export type Deed =
  | { readonly did: "send"; readonly frame: FrameSpec }
  | { readonly did: "sendBytes"; readonly bytes: Uint8Array }
  | {
    readonly did: "sendMessage";
    readonly payload: Uint8Array;
    readonly options: { binary: boolean; fragmentBytes?: number };
  }
  | { readonly did: "sendClose"; readonly code?: number; readonly reason?: Uint8Array }
  | { readonly did: "closeAfter" | "killAfter"; readonly milliseconds: number }
  | { readonly did: "wait"; readonly milliseconds: number; readonly label: string }
  | { readonly did: "logWire"; readonly on: boolean };

/** What a test decides. */
export interface RecordingOptions {
  /** @default {"server"} */
  readonly testee?: Role;
  /** What `wait` gives, call by call; open from then on. */
  readonly waits?: readonly boolean[];
  /** What `nextMessage` makes of the message that was sent last. @default the same */
  readonly echo?: (sent: ReceivedMessage, number: number) => ReceivedMessage | undefined;
}

/** Keeps what a case does. */
export class RecordingPeer implements CasePeer {
  readonly testee: Role;
  readonly received: CaseEvent[] = [];
  readonly deeds: Deed[] = [];
  readonly sentFrames: Record<number, number> = {};
  readonly deflate: DeflateAgreement | undefined = undefined;
  state: PeerState = "open";
  readonly #waits: boolean[];
  readonly #echo: (sent: ReceivedMessage, number: number) => ReceivedMessage | undefined;
  #last: ReceivedMessage | undefined;
  #echoed = 0;

  constructor(options: RecordingOptions = {}) {
    this.testee = options.testee ?? "server";
    this.#waits = [...options.waits ?? []];
    this.#echo = options.echo ?? ((sent) => sent);
  }

  /** The frames that were sent with `send`. */
  get frames(): FrameSpec[] {
    return this.deeds.flatMap((deed) => deed.did === "send" ? [deed.frame] : []);
  }

  /** The names of the deeds. */
  get did(): string[] {
    return this.deeds.map((deed) => deed.did);
  }

  send(frame: FrameSpec): void {
    this.deeds.push({ did: "send", frame });
    this.#last = { payload: frame.payload ?? new Uint8Array(0), binary: frame.opcode === 2 };
  }

  sendBytes(bytes: Uint8Array): void {
    this.deeds.push({ did: "sendBytes", bytes });
  }

  sendMessage(payload: Uint8Array, options: { binary: boolean; fragmentBytes?: number }): void {
    this.deeds.push({ did: "sendMessage", payload, options });
    this.#last = { payload, binary: options.binary };
  }

  sendClose(code?: number, reason?: Uint8Array): void {
    this.deeds.push({
      did: "sendClose",
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  closeAfter(milliseconds: number): void {
    this.deeds.push({ did: "closeAfter", milliseconds });
  }

  killAfter(milliseconds: number): void {
    this.deeds.push({ did: "killAfter", milliseconds });
  }

  wait(milliseconds: number, label: string): Promise<boolean> {
    this.deeds.push({ did: "wait", milliseconds, label });
    return Promise.resolve(this.#waits.shift() ?? true);
  }

  note(event: CaseEvent): void {
    this.received.push(event);
  }

  nextMessage(): Promise<ReceivedMessage | undefined> {
    return Promise.resolve(this.#last && this.#echo(this.#last, ++this.#echoed));
  }

  logWire(on: boolean): void {
    this.deeds.push({ did: "logWire", on });
  }

  pauseReading(): void {
    throw new Error("No case of these sections stops reading");
  }

  drop(): void {
    throw new Error("No case of these sections drops TCP");
  }
}
