import { assertEquals } from "@std/assert";
import { stepOf } from "../../../lib/cli/client/handshake_steps.ts";
import type { ConnectPhase } from "../../../lib/client/phases.ts";

const address = { transport: "tcp", hostname: "::1", port: 80 } as const;

/** Steps, and how they are told. */
const STEPS: [phase: ConnectPhase, name: string, lines: string[]][] = [
  [
    { time: 1, phase: "resolve", host: "a.example", addresses: ["::1", "127.0.0.1"] },
    "a.example is ::1, 127.0.0.1",
    [],
  ],
  [
    {
      time: 1,
      phase: "connect",
      to: "server",
      address,
      failures: [{ address: "127.0.0.1", error: new Error("refused") }],
    },
    "reached the server at [::1]:80",
    ["* 127.0.0.1: refused"],
  ],
  [
    {
      time: 1,
      phase: "proxy-request",
      head: "CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n",
    },
    "asked the proxy for a tunnel",
    ["> CONNECT a:1 HTTP/1.1", "> Proxy-Authorization: (hidden)"],
  ],
  [
    { time: 1, phase: "proxy-response", status: 200, head: "HTTP/1.1 200 OK\r\n\r\n" },
    "the proxy answered 200",
    ["< HTTP/1.1 200 OK"],
  ],
  [
    { time: 1, phase: "tls", to: "proxy", serverName: "a", alpn: "http/1.1", verified: true },
    "TLS with the proxy as a: certificate verified, http/1.1",
    [],
  ],
  [
    { time: 1, phase: "tls", to: "server", serverName: "a", alpn: null, verified: false },
    "TLS with the server as a: CERTIFICATE NOT VERIFIED",
    [],
  ],
  [
    {
      time: 1,
      phase: "request",
      url: "ws://a/",
      head: "GET / HTTP/1.1\r\nauthorization:  Bearer  a b\r\nX: Authorization: b\r\n\r\n",
    },
    "asked ws://a/ for a WebSocket",
    ["> GET / HTTP/1.1", "> authorization:  Bearer  (hidden)", "> X: Authorization: b"],
  ],
  [
    {
      time: 1,
      phase: "response",
      url: "ws://a/",
      status: 101,
      headers: new Headers(),
      head: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    },
    "the server answered 101",
    ["< HTTP/1.1 101 Switching Protocols"],
  ],
  [
    { time: 1, phase: "redirect", status: 307, from: "ws://a/", to: "ws://b/", crossOrigin: true },
    "redirected to ws://b/, without credentials",
    [],
  ],
  [{ time: 1, phase: "open", url: "ws://a/" }, "open at ws://a/", []],
];

Deno.test("handshake steps: each is told, and passwords are not", () => {
  for (const [phase, name, lines] of STEPS) {
    assertEquals(stepOf(phase), { type: "step", name, elapsed: 1, lines });
  }
});
