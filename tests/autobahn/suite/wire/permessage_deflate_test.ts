/**
 * Negotiating permessage-deflate (RFC 7692 §7.1): a row for each offer and answer.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  answerOffers,
  offersField,
  readAnswer,
} from "../../../../autobahn/suite/wire/permessage_deflate.ts";

const ANY = { noContextTakeover: false, maxWindowBits: 0 };
const plain = { noContextTakeover: false, windowBits: 15 };

Deno.test("permessage-deflate: what a client offers", () => {
  const common = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
  assertEquals(offersField([ANY]), common);
  assertEquals(
    offersField([{ noContextTakeover: true, maxWindowBits: 9 }, ANY]),
    `${common}; server_no_context_takeover; server_max_window_bits=9, ${common}`,
  );
});

Deno.test("permessage-deflate: what an answer means for the client", () => {
  const rows: [answer: string | undefined, outgoing: unknown, incoming: unknown][] = [
    ["permessage-deflate", plain, plain],
    ["Permessage-Deflate ;server_max_window_bits = 9", plain, { ...plain, windowBits: 9 }],
    ['permessage-deflate; client_max_window_bits="10"', { ...plain, windowBits: 10 }, plain],
    [
      "permessage-deflate; client_no_context_takeover",
      { ...plain, noContextTakeover: true },
      plain,
    ],
    [
      "permessage-deflate; server_no_context_takeover; server_max_window_bits=15",
      plain,
      { ...plain, noContextTakeover: true },
    ],
  ];
  for (const [answer, outgoing, incoming] of rows) {
    assertEquals(readAnswer(answer, true), { agreement: { outgoing, incoming } } as never, answer);
  }
  assertEquals(readAnswer(undefined, true), { agreement: undefined });
  assertEquals(readAnswer("", false), { agreement: undefined });
});

Deno.test("permessage-deflate: answers that are wrong", () => {
  const rows: [answer: string, offered: boolean][] = [
    ["permessage-deflate", false],
    ["x-webkit-deflate-frame", true],
    ["permessage-deflate, permessage-deflate", true],
    ["permessage-deflate; client_max_window_bits", true],
    ["permessage-deflate; server_max_window_bits", true],
    ["permessage-deflate; server_max_window_bits=16", true],
    ["permessage-deflate; server_max_window_bits=7", true],
    ["permessage-deflate; server_max_window_bits=09", true],
    ["permessage-deflate; server_no_context_takeover=1", true],
    ["permessage-deflate; server_no_context_takeover; server_no_context_takeover", true],
    ["permessage-deflate; level=9", true],
  ];
  for (const [answer, offered] of rows) {
    assertEquals("fault" in readAnswer(answer, offered), true, answer);
  }
});

Deno.test("permessage-deflate: what a server answers", () => {
  const rows: [
    offers: string | undefined,
    request: { noContextTakeover: boolean; maxWindowBits: number },
    answer: string | undefined,
  ][] = [
    ["permessage-deflate", ANY, "permessage-deflate"],
    [undefined, ANY, undefined],
    ["x-other", ANY, undefined],
    [
      "x-other, permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
      ANY,
      "permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
    ],
    [
      "permessage-deflate; client_max_window_bits",
      { noContextTakeover: true, maxWindowBits: 9 },
      "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
    ],
    // A window can be asked for only where the client offered that.
    ["permessage-deflate", { noContextTakeover: false, maxWindowBits: 9 }, undefined],
    [
      "permessage-deflate, permessage-deflate; client_max_window_bits=12",
      { noContextTakeover: false, maxWindowBits: 15 },
      "permessage-deflate; client_max_window_bits=15",
    ],
  ];
  for (const [offers, request, answer] of rows) {
    const negotiated = answerOffers(offers, [request]);
    assertEquals("fault" in negotiated ? "fault" : negotiated.answer, answer, offers);
  }
});

Deno.test("permessage-deflate: a server's requests are tried in order of preference", () => {
  const requests = [
    { noContextTakeover: true, maxWindowBits: 9 },
    { noContextTakeover: true, maxWindowBits: 0 },
    ANY,
  ];
  assertEquals(answerOffers("permessage-deflate; server_max_window_bits=11", requests), {
    answer: "permessage-deflate; server_max_window_bits=11; client_no_context_takeover",
    agreement: {
      outgoing: { noContextTakeover: false, windowBits: 11 },
      incoming: { noContextTakeover: true, windowBits: 15 },
    },
  });
});

Deno.test("permessage-deflate: an offer that is wrong is a fault", () => {
  assertEquals(answerOffers("permessage-deflate; client_max_window_bits=99", [ANY]), {
    fault: "the parameter client_max_window_bits must be 8 to 15; got 99",
  });
});
