/**
 * What happens while a connection is opened, for those who want to see it.
 *
 * @module
 */
import type { PeerAddress } from "../connection/transport.ts";
import type { AddressFailure } from "./happy_eyeballs.ts";

/**
 * A step of opening a connection that was taken. `head` is a head as it went over the wire,
 * with all credentials in it: take care where it is shown.
 */
export type ConnectPhase =
  & {
    /** Milliseconds since `connect` was called. */
    readonly time: number;
  }
  & (
    | {
      /**
       * The name of the server or of the proxy was looked up. Does not happen for an IP
       * address, nor where `--allow-net` names the host alone: then the runtime looks it up.
       */
      readonly phase: "resolve";
      readonly host: string;
      /** The IP addresses in the order in which they are tried. */
      readonly addresses: readonly string[];
    }
    | {
      /** The byte stream is open. */
      readonly phase: "connect";
      readonly to: "server" | "proxy";
      /** The address that worked. */
      readonly address: PeerAddress;
      /** The addresses that had failed before. */
      readonly failures: readonly AddressFailure[];
    }
    | {
      /** The proxy is asked for a tunnel to the server. */
      readonly phase: "proxy-request";
      readonly head: string;
    }
    | {
      /** The proxy has answered. */
      readonly phase: "proxy-response";
      readonly status: number;
      readonly head: string;
    }
    | {
      /** The TLS handshake is complete. */
      readonly phase: "tls";
      readonly to: "server" | "proxy";
      /** The name that the certificate is for. */
      readonly serverName: string;
      /** What was agreed on by ALPN (RFC 7301); `null` for nothing. */
      readonly alpn: string | null;
      /** False with `insecure`: whoever is at the other end has proved nothing. */
      readonly verified: boolean;
    }
    | {
      /** The request for a WebSocket is sent. */
      readonly phase: "request";
      /** Where it goes, without credentials. */
      readonly url: string;
      readonly head: string;
    }
    | {
      /** The server has answered. */
      readonly phase: "response";
      readonly url: string;
      readonly status: number;
      /** The header fields, `Set-Cookie` among them. */
      readonly headers: Headers;
      /** The head, with the interim responses before it. */
      readonly head: string;
    }
    | {
      /** A redirect is followed; all begins anew. */
      readonly phase: "redirect";
      readonly status: number;
      readonly from: string;
      readonly to: string;
      /** Whether it leads to another origin, which gets no credentials. */
      readonly crossOrigin: boolean;
    }
    | {
      /** The WebSocket is open. */
      readonly phase: "open";
      readonly url: string;
    }
  );

/** The members of a union, each without `time`. */
type Untimed<T> = T extends unknown ? Omit<T, "time"> : never;

/** Tells of a step; what it throws ends the attempt. */
export type PhaseReporter = (phase: Untimed<ConnectPhase>) => void;

/** Makes the reporter that adds the time, counted from now on. */
export function phaseReporter(
  onPhase: ((phase: ConnectPhase) => void) | undefined,
): PhaseReporter {
  if (onPhase === undefined) return () => {};
  const start = performance.now();
  return (phase) => onPhase({ time: performance.now() - start, ...phase });
}
