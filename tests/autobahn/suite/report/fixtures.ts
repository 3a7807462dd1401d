/** Results of cases for the tests of reports. */
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";

const REQUEST = "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\n\r\n";
const RESPONSE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

/** Octets of a log line, as the wire log shows them. */
export function octets(hex: string): [length: number, shown: string] {
  const length = hex.length / 2;
  return [length, length > 60 ? `${hex.slice(0, 128)} ...` : hex];
}

/** Text as hexadecimal. */
export function hexOf(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

/** The lines of a log in which the suite, a client, opens the connection. */
export const OPENING: CaseResult["wirelog"] = [
  ["TO", octets(hexOf(REQUEST)), false],
  ["RO", octets(hexOf(RESPONSE))],
];

/** A result that is as it should be, but for what is given. */
export function caseResult(given: Partial<CaseResult> = {}): CaseResult {
  return {
    agent: "ws 8.23",
    case: 1,
    id: "1.1.1",
    description: "Sends an empty text message.",
    expectation: "The message comes back.",
    behavior: "OK",
    behaviorClose: "OK",
    result: "What came is what was expected.",
    resultClose: "The connection was closed as it should be.",
    expected: { OK: [["message", "", false]] },
    expectedClose: { closedByMe: true, closeCode: [1000], requireClean: true },
    received: [["message", "", false]],
    isServer: false,
    closedByMe: true,
    failedByMe: false,
    droppedByMe: false,
    wasClean: true,
    wasNotCleanReason: null,
    wasServerConnectionDropTimeout: false,
    wasOpenHandshakeTimeout: false,
    wasCloseHandshakeTimeout: false,
    localCloseCode: 1000,
    localCloseReason: null,
    remoteCloseCode: 1000,
    remoteCloseReason: null,
    duration: 3,
    started: "2026-01-02T03:04:05.678Z",
    httpRequest: REQUEST,
    httpResponse: RESPONSE,
    reportTime: false,
    reportCompressionRatio: false,
    createStats: true,
    createWirelog: true,
    rxOctetStats: { "2": 1, "4": 1, "100": 1 },
    rxFrameStats: { "1": 1, "8": 1 },
    txOctetStats: { "6": 1, "8": 1, "100": 1 },
    txFrameStats: { "1": 1, "8": 1 },
    trafficStats: null,
    wirelog: [
      ...OPENING,
      ["TF", [0, ""], 1, true, 0, "00000000", null, null, false],
      ["TO", octets("818000000000"), false],
      ["RO", octets("8100")],
      ["RF", [0, ""], 1, true, 0, false, null],
      ["TF", [2, "0x03e8"], 8, true, 0, "00000000", null, null, false],
      ["TO", octets("88820000000003e8"), false],
      ["RO", octets("880203e8")],
      ["RF", [2, "0x03e8"], 8, true, 0, false, null],
    ],
    rule: "RFC 6455 §5.6",
    level: "MUST",
    ...given,
  };
}

/** A result with a fault. */
export function failedResult(given: Partial<CaseResult> = {}): CaseResult {
  return caseResult({
    id: "6.4.1",
    description: "Sends text that goes wrong in its second fragment.",
    behavior: "FAILED",
    result: "Something else came.",
    received: [["timeout", "A"], ["timeout", "B"]],
    expected: { OK: [["timeout", "A"]], "NON-STRICT": [["timeout", "A"]] },
    rule: "RFC 6455 §8.1",
    ...given,
  });
}

/** A name that tries to be markup, an escape sequence, a path and a prototype. */
export const HOSTILE_AGENT =
  `</script><img src=x onerror="document.title='owned'">\u2028\x1b[31m\x00\u202e../../__proto__ $& $'`;
