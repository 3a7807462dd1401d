/**
 * How much passed on three levels: on the wire, in the payloads of frames, and in messages.
 *
 * @module
 */
import type { TrafficStats } from "../model/result.ts";

/** Counts octets, frames and messages of one direction. */
export class TrafficCounter {
  /** All octets while the connection was open, headers included. */
  wire = 0;
  /** Payload as it is on the wire, compressed or not. */
  webSocket = 0;
  /** Payload of messages, decompressed. */
  application = 0;
  /** Data frames. */
  frames = 0;
  messages = 0;
  /** Octets of the opening handshake. */
  preopen = 0;
}

/** What both directions come to, for a report. */
export function trafficStats(
  { outgoing, incoming }: { outgoing: TrafficCounter; incoming: TrafficCounter },
): TrafficStats {
  return {
    outgoingOctetsWireLevel: outgoing.wire,
    outgoingOctetsWebSocketLevel: outgoing.webSocket,
    outgoingOctetsAppLevel: outgoing.application,
    outgoingCompressionRatio: ratio(outgoing.webSocket, outgoing.application),
    outgoingWebSocketOverhead: overhead(outgoing),
    outgoingWebSocketFrames: outgoing.frames,
    outgoingWebSocketMessages: outgoing.messages,
    preopenOutgoingOctetsWireLevel: outgoing.preopen,
    incomingOctetsWireLevel: incoming.wire,
    incomingOctetsWebSocketLevel: incoming.webSocket,
    incomingOctetsAppLevel: incoming.application,
    incomingCompressionRatio: ratio(incoming.webSocket, incoming.application),
    incomingWebSocketOverhead: overhead(incoming),
    incomingWebSocketFrames: incoming.frames,
    incomingWebSocketMessages: incoming.messages,
    preopenIncomingOctetsWireLevel: incoming.preopen,
  };
}

function overhead({ wire, webSocket }: TrafficCounter): number | null {
  return ratio(wire - webSocket, webSocket);
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
