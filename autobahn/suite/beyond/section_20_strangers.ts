/**
 * Section 20, last part: bytes that are no request, and clients that leave.
 *
 * @module
 */
import { fromHex } from "../cases/bytes.ts";
import type { RawCase, RawVerdict } from "../model/case.ts";
import type { CaseStream, RawStage } from "../model/stage.ts";
import { utf8 } from "../wire/bytes.ts";
import { readAnswer } from "./answers.ts";
import { buildRequest, type Target } from "./requests.ts";
import { pour } from "./pour.ts";
import { fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** How long to wait for a reaction that nothing asks for, in milliseconds. */
const GLANCE = 2_000;

const OUT_OF_SERVICE = "Afterwards the server no longer echoes for others.";

/** The beginning of a ClientHello of TLS 1.2. */
const CLIENT_HELLO = fromHex(
  "16 03 01 00 2f 01 00 00 2b 03 03 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13" +
    "14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 00 00 04 c0 2f 00 2f 01 00",
);

const NO_REQUESTS: Readonly<Record<string, (target: Target) => Uint8Array>> = {
  "A ClientHello of TLS comes.": () => CLIENT_HELLO,
  "The preface of HTTP/2 comes.": () => utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "A frame comes without a request.": () => fromHex("81 85 00 00 00 00 68 65 6c 6c 6f"),
  "Zeros come, 64 KiB of them.": () => new Uint8Array(64 * 1024),
  "A line of 64 KiB comes, and does not end.": () => utf8("A".repeat(64 * 1024)),
  "Empty lines come, 32,768 of them.": () => utf8("\r\n".repeat(32 * 1024)),
  "A response of HTTP comes.": () => utf8("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
};

const DEPARTURES: Readonly<
  Record<string, (stream: CaseStream, request: Uint8Array) => Promise<void>>
> = {
  "A client connects, and ends the connection at once.": (stream) => {
    stream.drop("fin");
    return Promise.resolve();
  },
  "A client connects, and resets the connection at once.": (stream) => {
    stream.drop("reset");
    return Promise.resolve();
  },
  "A client sends half of a request, and ends the connection.": async (stream, request) => {
    await stream.write(request.subarray(0, request.length >> 1));
    stream.drop("fin");
  },
  "A client sends half of a request, and resets the connection.": async (stream, request) => {
    await stream.write(request.subarray(0, request.length >> 1));
    stream.drop("reset");
  },
  "A client sends a request, and resets the connection before the answer.": async (
    stream,
    request,
  ) => {
    await stream.write(request);
    stream.drop("reset");
  },
};

/** Bytes that are no request are sent. */
function stranger(
  id: string,
  [description, bytes]: [string, (target: Target) => Uint8Array],
): RawCase {
  return {
    form: "raw",
    id,
    description,
    expectation: "The server answers with an error, or ends the connection. It goes on serving " +
      "others.",
    rule: "RFC 9112 §2.2",
    level: "SHOULD",
    testees: ["server"],
    run: async (stage) => {
      const stream = await stage.connect();
      try {
        // Whoever takes none of it may leave it lie.
        void stream.write(bytes(stage.target));
        return await judgeStranger(stage, stream);
      } finally {
        stream.drop("fin");
      }
    },
  };
}

async function judgeStranger(stage: RawStage, stream: CaseStream): Promise<RawVerdict> {
  const answer = await readAnswer(stream, GLANCE);
  if (answer.kind === "response" && answer.response.status === 101) {
    return verdict("FAILED", "The server answered with 101.", NOT_OPENED);
  }
  if (!await stage.stillEchoes()) return verdict("FAILED", OUT_OF_SERVICE, NOT_OPENED);
  switch (answer.kind) {
    case "response":
      return fine(`The answer is ${answer.response.status}.`, NOT_OPENED);
    case "end":
    case "garbage":
      return fine("The server ended the connection.", NOT_OPENED);
    case "silence":
      return verdict("INFORMATIONAL", "The server waits for more.", NOT_OPENED);
  }
}

/** Clients leave, ten in a row. */
function departure(
  id: string,
  [description, leave]: [string, (stream: CaseStream, request: Uint8Array) => Promise<void>],
): RawCase {
  return {
    form: "raw",
    id,
    description: `${description} Ten do so.`,
    expectation: "The server goes on serving others.",
    rule: "RFC 6455 §4.2",
    testees: ["server"],
    run: async (stage) => {
      for (let times = 0; times < 10; times++) {
        await leave(await stage.connect(), buildRequest(stage.target).bytes);
      }
      return await stage.stillEchoes()
        ? fine("The server echoes for others.", NOT_OPENED)
        : verdict("FAILED", OUT_OF_SERVICE, NOT_OPENED);
    },
  };
}

const ENDLESS_BYTES = 16 * 1024 * 1024;

/** A head that never ends is stopped at some point. */
const ENDLESS: RawCase = {
  form: "raw",
  id: "20.12.1",
  description: "Fields come without end, up to 16 MiB of them.",
  expectation:
    "The server answers with an error, or ends the connection, before all has come. It " +
    "goes on serving others.",
  rule: "RFC 9110 §17.5",
  level: "SHOULD",
  testees: ["server"],
  run: async (stage) => {
    const stream = await stage.connect();
    try {
      const { bytes } = buildRequest(stage.target);
      await stream.write(bytes.subarray(0, -2));
      const again = utf8(`X-Endless: ${"a".repeat(1_000)}\r\n`.repeat(64));
      const sent = await pour(stream, { again, limit: ENDLESS_BYTES });
      if (!await stage.stillEchoes()) return verdict("FAILED", OUT_OF_SERVICE, NOT_OPENED);
      return sent >= ENDLESS_BYTES
        ? verdict("NON-STRICT", "The server took 16 MiB of fields.", NOT_OPENED)
        : fine(`The server had enough after ${sent >> 10} KiB.`, NOT_OPENED);
    } finally {
      stream.drop("reset");
    }
  },
};

/** Whatever comes instead of a request. */
export const STRANGERS: readonly RawCase[] = [
  ...Object.entries(NO_REQUESTS).map((row, index) => stranger(`20.11.${index + 1}`, row)),
  ENDLESS,
  ...Object.entries(DEPARTURES).map((row, index) => departure(`20.13.${index + 1}`, row)),
];
