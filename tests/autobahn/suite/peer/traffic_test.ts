/**
 * Traffic in figures.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { TrafficCounter, trafficStats } from "../../../../autobahn/suite/peer/traffic.ts";

Deno.test("traffic: ratios are those of a report of Autobahn|Testsuite", () => {
  // Figures of case 12.1.3 on a server that does not compress what is short.
  const outgoing = Object.assign(new TrafficCounter(), {
    wire: 141_247,
    webSocket: 133_299,
    application: 256_000,
    frames: 1000,
    messages: 1000,
    preopen: 344,
  });
  const incoming = Object.assign(new TrafficCounter(), {
    wire: 260_000,
    webSocket: 256_000,
    application: 256_000,
    frames: 1000,
    messages: 1000,
    preopen: 231,
  });
  const stats = trafficStats({ outgoing, incoming });
  assertEquals(stats.outgoingCompressionRatio, 0.52069921875);
  assertEquals(stats.outgoingWebSocketOverhead, 0.0596253535285336);
  assertEquals(stats.incomingCompressionRatio, 1);
  assertEquals(stats.incomingWebSocketOverhead, 0.015625);
  assertEquals(stats.preopenOutgoingOctetsWireLevel, 344);
  assertEquals(stats.preopenIncomingOctetsWireLevel, 231);
  assertEquals(stats.outgoingOctetsWireLevel, 141_247);
  assertEquals(stats.incomingWebSocketFrames, 1000);
});

Deno.test("traffic: of nothing there is no ratio", () => {
  const stats = trafficStats({ outgoing: new TrafficCounter(), incoming: new TrafficCounter() });
  assertEquals(stats.outgoingCompressionRatio, null);
  assertEquals(stats.incomingWebSocketOverhead, null);
});
