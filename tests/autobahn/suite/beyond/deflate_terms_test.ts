import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  answerFault,
  fittingAnswer,
  readTerms,
} from "../../../../autobahn/suite/beyond/deflate_terms.ts";

const NAME = "permessage-deflate";

/** What is wrong with an answer to these offers. */
function fault(answer: string, offers: string): string | undefined {
  const fields = answer === "" ? [] : [["sec-websocket-extensions", answer] as const];
  return answerFault({ start: "HTTP/1.1 101 Switching Protocols", fields }, offers);
}

Deno.test("deflate terms: what is valid in an offer and in an answer", () => {
  const cases: [terms: string, offer: boolean, answer: boolean][] = [
    ["", true, true],
    ["server_no_context_takeover", true, true],
    ["server_no_context_takeover=1", false, false],
    ["client_no_context_takeover; server_no_context_takeover", true, true],
    ["client_no_context_takeover; client_no_context_takeover", false, false],
    ["client_max_window_bits", true, false],
    ["client_max_window_bits=10", true, true],
    ['client_max_window_bits="10"', true, true],
    ["server_max_window_bits", false, false],
    ["server_max_window_bits=8", true, true],
    ["server_max_window_bits=15", true, true],
    ["server_max_window_bits=7", false, false],
    ["server_max_window_bits=16", false, false],
    ["server_max_window_bits=08", false, false],
    ["server_max_window_bits=", false, false],
    ["x", false, false],
  ];
  for (const [terms, offer, answer] of cases) {
    const element = terms === "" ? NAME : `${NAME}; ${terms}`;
    assertEquals(readTerms(element, "offer") !== undefined, offer, `offer ${terms}`);
    assertEquals(readTerms(element, "answer") !== undefined, answer, `answer ${terms}`);
  }
  assertEquals(readTerms("x-unknown", "offer"), undefined);
});

Deno.test("deflate terms: an answer that goes with an offer, or declines", () => {
  assertEquals(fault("", NAME), undefined);
  assertEquals(fault(NAME, NAME), undefined);
  assertEquals(fault(`${NAME}; server_max_window_bits=9`, NAME), undefined);
  const asked = `${NAME}; server_no_context_takeover; server_max_window_bits=10`;
  assertEquals(fault(asked, asked), undefined);
  assertEquals(
    fault(`${NAME}; client_max_window_bits=9`, `${NAME}; client_max_window_bits`),
    undefined,
  );
  assertEquals(fault(NAME, `${NAME}; server_max_window_bits=8, ${NAME}`), undefined);
});

Deno.test("deflate terms: an answer that goes with no offer", () => {
  const cases: [answer: string, offers: string, words: string][] = [
    [`${NAME}, ${NAME}`, NAME, "twice"],
    [`${NAME}; server_max_window_bits=16`, NAME, "not valid"],
    [NAME, `${NAME}; server_max_window_bits=16`, "an offer that is not valid"],
    [NAME, `${NAME}; server_no_context_takeover`, "goes with no valid offer"],
    [NAME, `${NAME}; server_max_window_bits=10`, "goes with no valid offer"],
    [`${NAME}; server_max_window_bits=11`, `${NAME}; server_max_window_bits=10`, "goes with no"],
    [`${NAME}; client_max_window_bits=10`, NAME, "goes with no valid offer"],
    [`${NAME}; client_max_window_bits=10`, `${NAME}; client_max_window_bits=9`, "goes with no"],
  ];
  for (const [answer, offers, words] of cases) {
    assertStringIncludes(
      fault(answer, offers) ?? "nothing is wrong",
      words,
      `${answer} | ${offers}`,
    );
  }
});

Deno.test("deflate terms: an answer is fitted to what the client insists on", () => {
  assertEquals(fittingAnswer(NAME, NAME), NAME);
  assertEquals(
    fittingAnswer(NAME, `${NAME}; server_no_context_takeover`),
    `${NAME}; server_no_context_takeover`,
  );
  assertEquals(
    fittingAnswer(`${NAME}; server_max_window_bits=15`, `${NAME}; server_max_window_bits=10`),
    `${NAME}; server_max_window_bits=10`,
  );
  assertEquals(
    fittingAnswer(`${NAME}; server_max_window_bits=9`, `${NAME}; server_max_window_bits=10`),
    `${NAME}; server_max_window_bits=9`,
  );
});
