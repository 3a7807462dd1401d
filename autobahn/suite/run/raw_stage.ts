/**
 * What a raw case can do: it has streams without any protocol, and all of them are ended with it.
 *
 * @module
 */
import type { Role } from "../model/case.ts";
import type { CaseStream, Head, RawStage } from "../model/stage.ts";
import { equalBytes, utf8 } from "../wire/bytes.ts";
import { headLength, latin1Text } from "../wire/head.ts";
import { Peer } from "../peer/peer.ts";
import type { ByteStream } from "../wire/stream.ts";
import { StreamReader } from "../wire/stream_reader.ts";
import { WireLog } from "../wire/wire_log.ts";
import { openAsClient } from "./opening.ts";
import { within } from "./play.ts";

/** How long a server may take to echo a short message when all it is asked is that, in ms. */
const ECHO_LIMIT = 5000;
const GREETING = utf8("still there?");

/** Where a server is, and how to get there. */
export interface ServerTarget {
  readonly path: string;
  /** What stands in the `Host` field. */
  readonly host: string;
  readonly port: number;
  /** Whether `connect` speaks TLS. */
  readonly secure: boolean;
  /** Opens a stream to it. */
  connect(): Promise<ByteStream>;
}

/** The stage of one run of one raw case. */
export class Stage implements RawStage {
  readonly testee: Role;
  readonly target: RawStage["target"];
  readonly accepted: { readonly stream: CaseStream; readonly request: Head } | undefined;
  readonly #log: WireLog;
  readonly #server: ServerTarget | undefined;
  readonly #streams: ByteStream[] = [];
  #aborted = false;
  #request = "";
  #response = "";

  /** Sets it for a server that is connected to, or for a client that came. */
  constructor(log: WireLog, testee: ServerTarget | AcceptedClient) {
    this.#log = log;
    if ("connect" in testee) {
      const { path, host, port, secure } = testee;
      this.testee = "server";
      this.#server = testee;
      this.target = { path, host, port, secure };
      return;
    }
    const { reader, stream, request, text, target } = testee;
    this.testee = "client";
    this.target = target;
    this.#streams.push(stream);
    this.#request = text;
    this.accepted = { stream: this.#noting(reader), request };
  }

  /** The first heads that passed, for the report. */
  get heads(): { httpRequest: string; httpResponse: string } {
    return { httpRequest: this.#request, httpResponse: this.#response };
  }

  async connect(): Promise<CaseStream> {
    const stream = await this.#connect();
    return this.#noting(new StreamReader(stream, this.#log));
  }

  async stillEchoes(): Promise<boolean> {
    let peer: Peer | undefined;
    try {
      const stream = await this.#connect();
      const log = new WireLog();
      const reader = new StreamReader(stream, log);
      const { path, host } = this.target;
      const opening = await openAsClient(reader, { path, host, deflate: [] });
      if (opening.failure !== undefined) return false;
      peer = new Peer(stream, { isServer: false, log });
      peer.sendMessage(GREETING, { binary: false });
      peer.start(reader.takeRest());
      const echo = await within(peer.nextMessage(), ECHO_LIMIT);
      peer.sendClose(1000);
      await peer.ended;
      return echo !== undefined && !echo.binary && equalBytes(echo.payload, GREETING);
    } catch {
      return false;
    } finally {
      peer?.drop("fin");
    }
  }

  /** Ends all streams, and waits until they are gone. */
  async end(): Promise<void> {
    for (const stream of this.#streams) stream.drop("fin");
    await Promise.all(this.#streams.map(({ closed }) => closed));
  }

  /** Ends all streams at once, also those to come. */
  abort(): void {
    this.#aborted = true;
    for (const stream of this.#streams) stream.drop("reset");
  }

  async #connect(): Promise<ByteStream> {
    if (this.#server === undefined) {
      throw new Error("Only a server can be connected to; this testee is a client");
    }
    const stream = await this.#server.connect();
    this.#streams.push(stream);
    if (this.#aborted) stream.drop("reset");
    return stream;
  }

  /** A stream of which the first head in each direction is kept. */
  #noting(reader: StreamReader): CaseStream {
    const toServer = this.testee === "server";
    return {
      write: (bytes, options) => {
        if (toServer) this.#request ||= headText(bytes);
        else this.#response ||= headText(bytes);
        return reader.write(bytes, options);
      },
      read: async (milliseconds) => {
        const bytes = await reader.read(milliseconds);
        if (typeof bytes !== "string" && toServer) this.#response ||= headText(bytes);
        return bytes;
      },
      pauseReading: (paused) => reader.pauseReading(paused),
      endWriting: () => reader.endWriting(),
      drop: (how) => reader.drop(how),
    };
  }
}

/** A client that came, and its request. */
export interface AcceptedClient {
  readonly stream: ByteStream;
  readonly reader: StreamReader;
  readonly log: WireLog;
  /** Its request, read, and as it was on the wire. */
  readonly request: Head;
  readonly text: string;
  readonly target: RawStage["target"];
}

/** The head that bytes begin with, as text; empty where they begin with none. */
function headText(bytes: Uint8Array): string {
  return latin1Text(bytes.subarray(0, headLength(bytes) ?? 0));
}
