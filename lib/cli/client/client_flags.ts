/**
 * What the command line of the client gives.
 *
 * @module
 */
import type { CompressionFlags } from "../compression_flags.ts";
import type { HeaderField } from "../option_values.ts";
import type { BackoffRange, ListenAddress } from "./flag_values.ts";

/** How messages look on the way in and out. Times are milliseconds. */
export interface MessageFlags {
  readonly binary?: boolean;
  readonly base64?: boolean;
  readonly delimiter?: Uint8Array;
  readonly plain?: boolean;
  readonly pretty?: boolean;
  readonly json?: boolean;
  readonly jsonInput?: boolean;
  readonly ticker?: number;
}

/** When it is over. */
export interface EndingFlags {
  readonly one?: boolean;
  readonly count?: number;
  readonly wait?: number;
  /** A time, `true` for the flag alone, `false` with `--no-exit-on-eof`. */
  readonly exitOnEof?: number | boolean;
  readonly closeCode?: number;
  readonly closeReason?: string;
}

/** What is shown, and where. */
export interface OutputFlags {
  readonly output?: string;
  readonly saveBinary?: string;
  readonly timestamps?: boolean;
  readonly roundTrips?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** How the connection is opened. */
export interface HandshakeFlags {
  readonly header?: readonly HeaderField[];
  readonly origin?: string;
  readonly subprotocol?: readonly string[];
  readonly basicAuth?: string;
  readonly cookie?: readonly string[];
  /** A URL; `false` with `--no-proxy`. */
  readonly proxy?: string | false;
  readonly redirects?: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly unix?: string;
  readonly timeout?: number;
}

/** How the connection is kept. */
export interface ConnectionFlags extends Omit<CompressionFlags, "compress"> {
  /** False with `--no-compress`. */
  readonly compress?: boolean;
  /** A time; `false` for none. */
  readonly pingInterval?: number | false;
  readonly maxMessage?: number;
  readonly reconnect?: boolean;
  readonly attempts?: number;
  readonly backoff?: BackoffRange;
  readonly listen?: ListenAddress;
}

/** All flags of the client. */
export interface ClientFlags
  extends MessageFlags, EndingFlags, OutputFlags, HandshakeFlags, ConnectionFlags {}
