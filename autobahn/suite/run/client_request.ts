/**
 * What a client asks of the suite, in the way of Autobahn|Testsuite: by the path of its request.
 *
 * @module
 */
import type { Case } from "../model/case.ts";

/** What a client may ask for. */
export type ClientRequest =
  | { readonly kind: "count" }
  | { readonly kind: "info"; readonly position: number }
  | { readonly kind: "status"; readonly position: number; readonly agent: string }
  | { readonly kind: "run"; readonly position: number; readonly agent: string }
  | { readonly kind: "report"; readonly agent: string }
  | { readonly kind: "stop" }
  | { readonly kind: "none"; readonly status: string; readonly words: string };

const KINDS = {
  "/getCaseCount": "count",
  "/getCaseInfo": "info",
  "/getCaseStatus": "status",
  "/runCase": "run",
  "/updateReports": "report",
  "/stopServer": "stop",
} as const;

const BAD = "400 Bad Request";
const NOT_FOUND = "404 Not Found";

/** What the first line of a request asks for, given the cases that there are. */
export function readClientRequest(start: string, cases: readonly Case[]): ClientRequest {
  const target = start.split(" ")[1] ?? "";
  if (!target.startsWith("/")) return refuse(BAD, `The target must be a path; got "${target}"`);
  const [path = "", query = ""] = target.split("?", 2);
  if (!(path in KINDS)) {
    return refuse(NOT_FOUND, `Nothing is at ${path}; there are ${Object.keys(KINDS).join(", ")}`);
  }
  const kind = KINDS[path as keyof typeof KINDS];
  if (kind === "count" || kind === "stop") return { kind };
  const parameters = new URLSearchParams(query);
  const agents = parameters.getAll("agent");
  const agent = agents[0] ?? "";
  if (kind !== "info" && (agents.length !== 1 || agent === "")) {
    return refuse(BAD, `${path} needs one parameter agent, the name of the client`);
  }
  if (kind === "report") return { kind, agent };
  const position = casePosition(parameters, cases);
  if (typeof position === "string") {
    return refuse(position.startsWith("There is no") ? NOT_FOUND : BAD, position);
  }
  return kind === "info" ? { kind, position } : { kind, position, agent };
}

/** The position that `case` names, or the case that `casetuple` does; or what is wrong. */
function casePosition(parameters: URLSearchParams, cases: readonly Case[]): number | string {
  const [number, ...numbers] = parameters.getAll("case");
  const [id, ...ids] = parameters.getAll("casetuple");
  if (numbers.length > 0 || ids.length > 0) return "One case at a time can be asked for";
  if (number !== undefined) {
    if (!/^\d{1,9}$/.test(number)) return `The parameter case must be a number; got "${number}"`;
    if (cases[Number(number) - 1]) return Number(number);
    return `There is no case ${number}: they are 1 to ${cases.length}`;
  }
  if (id === undefined) return "The parameter case is missing: the position of a case, from 1";
  const position = cases.findIndex((testCase) => testCase.id === id.trim()) + 1;
  return position > 0 ? position : `There is no case "${id}" among those that are selected`;
}

function refuse(status: string, words: string): ClientRequest {
  return { kind: "none", status, words };
}
