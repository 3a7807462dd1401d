/**
 * The terms of permessage-deflate as they stand in a field: whether they are valid, and whether an
 * answer goes with an offer (RFC 7692 §7.1).
 *
 * @module
 */
import type { Head } from "../model/stage.ts";
import { listElements } from "./answers.ts";

/** Parameters by name; `true` where there is no value. */
export type Terms = ReadonlyMap<string, string | true>;

/** Who has sent terms: they differ in what needs a value. */
type Kind = "offer" | "answer";

const FLAGS = ["server_no_context_takeover", "client_no_context_takeover"];
const BITS = /^(8|9|1[0-5])$/;

/** The terms of one element of a list; `undefined` where it is another extension, or not valid. */
export function readTerms(element: string, kind: Kind): Terms | undefined {
  const [name, ...parameters] = element.split(";").map((part) => part.trim());
  if (name !== "permessage-deflate") return undefined;
  const terms = new Map<string, string | true>();
  for (const parameter of parameters) {
    const sign = parameter.indexOf("=");
    const key = (sign < 0 ? parameter : parameter.slice(0, sign)).trim();
    const value = sign < 0 ? true : parameter.slice(sign + 1).trim().replace(/^"(.*)"$/, "$1");
    if (terms.has(key) || !isValid(key, { value, kind })) return undefined;
    terms.set(key, value);
  }
  return terms;
}

function isValid(key: string, { value, kind }: { value: string | true; kind: Kind }): boolean {
  if (FLAGS.includes(key)) return value === true;
  if (key === "client_max_window_bits" && value === true) return kind === "offer";
  const hasBits = key === "client_max_window_bits" || key === "server_max_window_bits";
  return hasBits && value !== true && BITS.test(value);
}

/** What is wrong with the terms that a response has, given the offers; `undefined` if nothing. */
export function answerFault(head: Head, offers: string): string | undefined {
  const accepted = listElements(head, "sec-websocket-extensions").filter((element) =>
    /^permessage-deflate\s*(;|$)/.test(element)
  );
  if (accepted.length === 0) return undefined;
  if (accepted.length > 1) return "The response accepts permessage-deflate twice.";
  const terms = readTerms(accepted[0]!, "answer");
  if (terms === undefined) return `The response has terms that are not valid: ${accepted[0]}.`;
  const valid = offers.split(",").map((offer) => readTerms(offer.trim(), "offer")).filter((offer) =>
    offer !== undefined
  );
  if (valid.length === 0) return `The response accepts an offer that is not valid: ${accepted[0]}.`;
  return valid.some((offer) => goesWith(terms, offer))
    ? undefined
    : `The response goes with no valid offer: ${accepted[0]}.`;
}

/** Whether an answer keeps to an offer. */
function goesWith(answer: Terms, offer: Terms): boolean {
  if (offer.has("server_no_context_takeover") && !answer.has("server_no_context_takeover")) {
    return false;
  }
  const asked = offer.get("server_max_window_bits");
  if (asked !== undefined && !(Number(answer.get("server_max_window_bits")) <= Number(asked))) {
    return false;
  }
  const given = answer.get("client_max_window_bits");
  const hint = offer.get("client_max_window_bits");
  if (given === undefined) return true;
  return hint === true || Number(given) <= Number(hint);
}

/** An answer, with what the first valid offer asks for besides. */
export function fittingAnswer(answer: string, offers: string): string {
  const offer = offers.split(",").map((element) => readTerms(element.trim(), "offer")).find((
    terms,
  ) => terms !== undefined);
  let fitting = answer;
  if (offer?.has("server_no_context_takeover") && !answer.includes("server_no_context_takeover")) {
    fitting += "; server_no_context_takeover";
  }
  const asked = offer?.get("server_max_window_bits");
  if (asked !== undefined) {
    const given = /server_max_window_bits=(\d+)/.exec(answer)?.[1] ?? asked;
    fitting = fitting.replace(/; server_max_window_bits=\d+/, "") +
      `; server_max_window_bits=${Math.min(Number(given), Number(asked))}`;
  }
  return fitting;
}
