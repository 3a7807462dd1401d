/**
 * What each planted fault deserves: exactly these verdicts in the sections that are run, and OK in
 * all other cases of theirs. For sections 1 to 10 the genuine Autobahn|Testsuite says the same of
 * the same server.
 *
 * @module
 */
import type { Behavior } from "../../autobahn/suite/model/behavior.ts";
import type { Fault } from "./faults.ts";

/** Both verdicts, and the cases that get them: ids or patterns, with spaces between. */
export type Verdict = readonly [behavior: Behavior, behaviorClose: Behavior, cases: string];

/** What a fault deserves. */
export interface Deserved {
  /** The cases that are run: ids or patterns, with spaces between. */
  readonly run: string;
  readonly verdicts: readonly Verdict[];
}

const WITH_PINGS = "5.6 5.7 5.8 5.19 5.20";

/** Cases whose text is cut off within a code point, and so wrong only at its end. */
const UNFINISHED_TEXT = "6.6.1 6.6.3 6.6.4 6.6.6 6.6.8 6.6.10 6.14.6 6.14.7";

/** Cases with text that is wrong before its end. */
const INVALID_TEXT = "6.3.* 6.4.* 6.8.* 6.10.* 6.11.5 6.12.* 6.13.* 6.14.1 6.14.2 6.14.3 " +
  "6.14.4 6.14.5 6.14.8 6.14.9 6.14.10 6.15.* 6.16.* 6.17.* 6.18.* 6.19.* 6.20.* 6.21.*";

/** A few cases of each way to compress, quick ones. */
const COMPRESSED =
  "12.1.3 12.2.4 13.1.1 13.1.4 13.1.11 13.2.1 13.2.4 13.3.4 13.4.4 13.5.4 13.6.4 " +
  "13.7.4";

/** Requests that are no opening handshake: the method, Host, Upgrade, Connection, the version. */
const NO_HANDSHAKE = "20.3.1 20.3.2 20.3.3 20.3.4 20.4.1 20.5.* 20.6.1 20.7.1 20.7.2 20.7.3";

/** Requests whose key is not the base64 of 16 bytes, which a server need not see. */
const BAD_KEYS = "20.6.2 20.6.3 20.6.4 20.6.5 20.6.6";

/** What each fault deserves. */
export const DESERVED: Readonly<Record<Fault, Deserved>> = {
  "no pong": {
    run: "1.* 2.* 5.* 7.*",
    verdicts: [["FAILED", "OK", `2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11 ${WITH_PINGS}`]],
  },
  "empty pong": {
    run: "1.* 2.* 5.* 7.*",
    verdicts: [["FAILED", "OK", `2.2 2.3 2.4 2.6 2.9 2.10 2.11 ${WITH_PINGS}`]],
  },
  "reserved bits": {
    run: "1.* 3.* 4.*",
    verdicts: [["FAILED", "FAILED", "3.1 3.2 3.3 3.4 3.5 3.6"]],
  },
  "reserved opcodes": {
    run: "1.* 3.* 4.*",
    verdicts: [
      // Nothing but the frame is sent, so nothing was echoed that should not have been.
      ["OK", "FAILED", "4.1.1 4.1.2 4.2.1 4.2.2"],
      ["FAILED", "FAILED", "4.1.3 4.1.4 4.1.5 4.2.3 4.2.4 4.2.5"],
    ],
  },
  "long control frames": {
    run: "2.* 5.* 7.*",
    verdicts: [["FAILED", "FAILED", "2.5"], ["FAILED", "WRONG CODE", "7.3.6"]],
  },
  "fragmented control frames": {
    run: "2.* 5.* 7.*",
    verdicts: [["FAILED", "OK", "5.1"]],
  },
  "stray continuation": {
    run: "1.* 5.*",
    verdicts: [["FAILED", "FAILED", "5.9 5.10 5.11 5.17"]],
  },
  "interleaved messages": {
    run: "1.* 5.*",
    verdicts: [["FAILED", "FAILED", "5.18"]],
  },
  "no UTF-8 check": {
    run: "1.* 6.* 7.*",
    verdicts: [
      ["FAILED", "FAILED", `${INVALID_TEXT} ${UNFINISHED_TEXT}`],
      ["FAILED", "WRONG CODE", "7.5.1"],
    ],
  },
  "UTF-8 check at the end": {
    run: "1.* 6.* 7.*",
    verdicts: [["NON-STRICT", "OK", "6.4.*"]],
  },
  "UTF-8 check by frame": {
    run: "1.* 6.* 7.*",
    verdicts: [["NON-STRICT", "OK", "6.4.3 6.4.4"]],
  },
  "wrong close code": {
    run: "2.* 3.* 4.* 5.* 6.* 7.*",
    verdicts: [
      [
        "OK",
        "WRONG CODE",
        "2.5 3.* 4.* 5.1 5.2 5.9 5.10 5.11 5.12 5.13 5.14 5.15 5.16 5.17 5.18 " +
        `${INVALID_TEXT} ${UNFINISHED_TEXT}`,
      ],
      ["FAILED", "WRONG CODE", "7.3.2 7.3.6 7.5.1 7.9.*"],
    ],
  },
  "no close reply": {
    run: "1.* 2.* 7.*",
    verdicts: [
      [
        "OK",
        "UNCLEAN",
        "1.* 2.1 2.2 2.3 2.4 2.6 2.7 2.8 2.9 2.10 2.11 7.1.1 7.1.2 7.3.1 7.3.3 " +
        "7.3.4 7.3.5 7.7.*",
      ],
      // The server reads on, and answers what it should ignore.
      ["FAILED", "UNCLEAN", "7.1.3 7.1.4 7.1.5"],
    ],
  },
  "open after closing": {
    run: "2.1 2.2 2.3 2.4 3.* 6.5.* 6.8.*",
    verdicts: [
      // The suite waits a second for the end of TCP, unless the time of the case is over before.
      ["OK", "UNCLEAN", "2.*"],
      ["OK", "FAILED BY CLIENT", "3.* 6.*"],
    ],
  },
  "pong after closing": {
    run: "1.* 2.* 7.*",
    verdicts: [["FAILED", "OK", "7.1.3"]],
  },
  "any close code": {
    run: "1.* 7.*",
    verdicts: [["OK", "FAILED BY CLIENT", "7.3.2"], ["FAILED", "WRONG CODE", "7.9.*"]],
  },
  "binary as text": {
    run: "1.* 2.*",
    verdicts: [
      ["FAILED", "WRONG CODE", "1.2.1"],
      // What comes back as text is not UTF-8, so that the suite fails the connection.
      ["FAILED", "UNCLEAN", "1.2.2 1.2.3 1.2.4 1.2.5 1.2.6 1.2.7 1.2.8"],
    ],
  },
  "cut at 65,535 bytes": {
    run: "1.* 9.1.1 9.7.1 10.*",
    verdicts: [
      ["FAILED", "WRONG CODE", "1.1.7 1.1.8 1.2.7 1.2.8 10.1.1"],
      ["FAILED", "OK", "9.1.1"],
    ],
  },
  "swapped fragments": {
    run: "1.* 5.* 6.1.* 6.2.*",
    verdicts: [
      ["FAILED", "OK", "5.3 5.4 5.5 5.6 5.7 5.8 5.15 5.19 5.20 6.2.2 6.2.3"],
      // The cut is within a code point, and what comes back is not UTF-8.
      ["FAILED", "FAILED", "6.2.4"],
    ],
  },
  "lost context": { run: COMPRESSED, verdicts: [["FAILED", "FAILED", "*"]] },
  "kept context": {
    run: COMPRESSED,
    verdicts: [["FAILED", "WRONG CODE", "13.2.* 13.5.* 13.6.* 13.7.*"]],
  },
  "wide window": {
    run: COMPRESSED,
    verdicts: [["FAILED", "WRONG CODE", "13.3.* 13.5.* 13.7.*"]],
  },
  "unmasked frames": {
    run: "1.1.* 22.1.* 22.3.*",
    verdicts: [["FAILED", "FAILED", "22.1.1 22.1.2 22.1.3 22.1.4 22.1.5 22.1.6 22.1.7"]],
  },
  "any length form": {
    run: "1.1.* 22.6.* 22.7.*",
    verdicts: [["NON-STRICT", "OK", "22.7.*"]],
  },
  "no handshake check": {
    run: `1.1.1 20.1.1 20.1.2 ${NO_HANDSHAKE} ${BAD_KEYS}`,
    verdicts: [["FAILED", "OK", NO_HANDSHAKE], ["NON-STRICT", "OK", BAD_KEYS]],
  },
  "wrong accept": { run: "1.* 2.*", verdicts: [["FAILED", "FAILED", "*"]] },
};
