/**
 * Section 25, first part: what a server and a client agree on about permessage-deflate.
 *
 * @module
 */
import { frame } from "../cases/frames.ts";
import { fromHex } from "../cases/bytes.ts";
import type { RawCase, RawVerdict } from "../model/case.ts";
import { OPCODE } from "../wire/frame.ts";
import { listElements } from "./answers.ts";
import { type AnsweringPlan, answerings, answersOf } from "./answering.ts";
import { answerFault } from "./deflate_terms.ts";
import { type OpeningPlan, openings } from "./opening.ts";
import type { RawSocket } from "./raw_socket.ts";
import { withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

const FIELD = "Sec-WebSocket-Extensions";
const NAME = "permessage-deflate";

/** "Hello" in one block with fixed codes, as in RFC 7692 §7.2.3.1. */
const HELLO = frame(OPCODE.text, fromHex("f2 48 cd c9 c9 07 00"), { rsv: 4 });

/** Sends a compressed message, and waits for the echo; what is wrong, if anything. */
async function echoesCompressed(socket: RawSocket): Promise<string | undefined> {
  if (!await socket.send(HELLO)) return "the connection had ended when a message was sent.";
  return await socket.brings("Hello");
}

/** A server gets offers; `terms` are those of one permessage-deflate, or whole offers. */
function offered(offers: string, rest: Partial<OpeningPlan>): OpeningPlan {
  return {
    description: `The client offers: ${offers}.`,
    rule: "RFC 7692 §7.1",
    wanted: "accepted",
    draft: { fields: { [FIELD]: offers } },
    asked: { extensions: [NAME] },
    review: ({ head }) => answerFault(head, offers),
    use: (socket, { head }) =>
      listElements(head, FIELD.toLowerCase()).length > 0
        ? echoesCompressed(socket)
        : socket.echoes("Hello"),
    ...rest,
  };
}

const GOOD_OFFERS: readonly OpeningPlan[] = [
  NAME,
  `${NAME}; client_max_window_bits`,
  `${NAME}; client_max_window_bits=15`,
  `${NAME}; client_max_window_bits=10`,
  `${NAME}; client_max_window_bits=8`,
  `${NAME}; server_no_context_takeover`,
  `${NAME}; client_no_context_takeover`,
  `${NAME}; server_max_window_bits=15`,
  `${NAME}; server_max_window_bits=10`,
  `${NAME}; server_max_window_bits=9`,
  `${NAME}; server_max_window_bits=8`,
  `${NAME}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; ` +
  "client_max_window_bits=12",
  `${NAME}; server_max_window_bits=8, ${NAME}`,
  `x-unknown, ${NAME}`,
  `${NAME}, ${NAME}`,
].map((offers) =>
  offered(offers, {
    expectation: "101, without compression or with an answer that goes with the offer; then a " +
      "message, compressed if it may be, is echoed.",
  })
);

const BAD_OFFERS: readonly OpeningPlan[] = [
  ...[
    "server_max_window_bits",
    "server_max_window_bits=7",
    "server_max_window_bits=16",
    "server_max_window_bits=08",
    "server_max_window_bits=0",
    "server_max_window_bits=ten",
    "server_max_window_bits=10000000000",
    "client_max_window_bits=7",
    "client_max_window_bits=16",
    "client_max_window_bits=0x0a",
    "server_no_context_takeover=1",
    "client_no_context_takeover=true",
    "server_no_context_takeover; server_no_context_takeover",
    "server_max_window_bits=10; server_max_window_bits=12",
    "x_unknown",
    "__proto__",
  ].map((terms) => `${NAME}; ${terms}`),
  `${NAME}; server_max_window_bits=16, ${NAME}; server_no_context_takeover`,
  `${NAME}; x_unknown, ${NAME}; server_max_window_bits=10`,
  `${NAME}; client_max_window_bits="10"`,
].map((offers) =>
  offered(offers, {
    wanted: "either",
    expectation: "The server declines an offer that is not valid: it opens the WebSocket without " +
      "compression, or takes a valid offer that comes after. It may also refuse.",
  })
);

/** Answers to a client that are wrong, also where it has offered permessage-deflate. */
const BAD_ANSWERS: readonly AnsweringPlan[] = answersOf(
  { rule: "RFC 7692 §6, §7.1", wanted: "fails" },
  Object.fromEntries(
    [
      "server_max_window_bits",
      "server_max_window_bits=7",
      "server_max_window_bits=16",
      "server_max_window_bits=1000",
      "server_max_window_bits=08",
      "client_max_window_bits=7",
      "client_max_window_bits=16",
      "client_max_window_bits",
      "server_no_context_takeover=1",
      "client_no_context_takeover=true",
      "server_no_context_takeover; server_no_context_takeover",
      "x_unknown",
      "__proto__=1",
    ].map((terms) => `${NAME}; ${terms}`).concat(`${NAME}, ${NAME}`).map((value) => [
      `The server answers: ${value}.`,
      { fields: { [FIELD]: value } },
    ]),
  ),
);

/** Answers that a client that has offered permessage-deflate must take. */
function goodAnswer(id: string, answer: string): RawCase {
  return {
    form: "raw",
    id,
    description: `The server answers: ${answer}.`,
    expectation: "The client opens the WebSocket, and echoes a compressed message.",
    rule: "RFC 7692 §7.1",
    testees: ["client"],
    run: (stage) =>
      withSocket(stage, async (socket): Promise<RawVerdict> => {
        const trouble = await echoesCompressed(socket) ?? await echoesCompressed(socket);
        return trouble === undefined
          ? fine("Compressed messages were echoed.", await socket.closeNormally())
          : verdict("FAILED", `The client did not go along: ${trouble}`);
      }, { deflate: { offer: NAME, answer } }),
  };
}

/** What is agreed on. */
export const AGREEMENTS: readonly RawCase[] = [
  ...openings("25.1", GOOD_OFFERS),
  ...openings("25.2", BAD_OFFERS),
  ...answerings("25.3", BAD_ANSWERS),
  ...[
    NAME,
    `${NAME}; server_no_context_takeover`,
    `${NAME}; client_no_context_takeover`,
    `${NAME}; server_no_context_takeover; client_no_context_takeover`,
    `${NAME}; server_max_window_bits=15`,
    `${NAME}; server_max_window_bits=9`,
  ].map((answer, index) => goodAnswer(`25.4.${index + 1}`, answer)),
];
