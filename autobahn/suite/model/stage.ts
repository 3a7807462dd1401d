/**
 * What cases below WebSocket work with: byte streams, heads, and the way to the testee.
 *
 * @module
 */
import type { Role } from "./case.ts";

/** A TCP (or TLS) connection to the testee without any protocol; what passes is logged. */
export interface CaseStream {
  /**
   * Writes all of `bytes`, `chopBytes` at a time, `pauseMilliseconds` apart.
   *
   * @returns false when the testee had ended the connection.
   */
  write(
    bytes: Uint8Array,
    options?: { chopBytes?: number; pauseMilliseconds?: number },
  ): Promise<boolean>;
  /**
   * Reads what comes within `milliseconds`.
   *
   * @returns the bytes; `"end"` when the testee has ended the connection, also by a reset;
   * `"silence"` when nothing came in time.
   */
  read(milliseconds: number): Promise<Uint8Array | "end" | "silence">;
  /** Stops or resumes reading from the network, so that the testee meets a full window. */
  pauseReading(paused: boolean): void;
  /** Ends the suite's direction with a FIN, and goes on reading. */
  endWriting(): void;
  /** Ends the connection: with a FIN, or a reset. */
  drop(how: "fin" | "reset"): void;
}

/** A head of HTTP/1.1 as it came. Names are in lower case; repeated fields stand repeated. */
export interface Head {
  /** The first line. */
  readonly start: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** What a raw case can do. */
export interface RawStage {
  readonly testee: Role;
  /** The path and the host that an ordinary request to the testee carries. */
  readonly target: {
    readonly path: string;
    readonly host: string;
    readonly port: number;
    /** Whether the testee is reached by TLS. @default {false} */
    readonly secure?: boolean;
  };
  /** Opens another connection to the testee, which must be a server. */
  connect(): Promise<CaseStream>;
  /** Where the testee is a client: the connection that it opened. */
  readonly accepted: { readonly stream: CaseStream; readonly request: Head } | undefined;
  /**
   * Whether a server that is tested still works: opens another WebSocket, and has a message
   * echoed.
   */
  stillEchoes(): Promise<boolean>;
}
