/**
 * Section 20, second part: requests that lack what RFC 6455 §4.2.1 asks for.
 *
 * @module
 */
import type { RawCase } from "../model/case.ts";
import { listElements } from "./answers.ts";
import { type OpeningPlan, openings, plansOf } from "./opening.ts";
import type { RequestDraft } from "./requests.ts";

/** Requests that must be refused: what is sent, and how it differs from a right one. */
function refused(
  rule: string,
  drafts: Readonly<Record<string, RequestDraft>>,
  rest: Partial<OpeningPlan> = {},
): OpeningPlan[] {
  return plansOf({ rule, wanted: "refused", ...rest }, drafts);
}

/** A draft whose request line is this; `*` stands for the path. */
function line(start: string): RequestDraft {
  return { start: ({ path }) => start.replace("*", path) };
}

const REQUEST_LINES: readonly OpeningPlan[] = [
  ...refused("RFC 6455 §4.2.1", {
    "The method is POST, with an empty body.": {
      ...line("POST * HTTP/1.1"),
      lines: ["Content-Length: 0"],
    },
    "The method is PUT, with an empty body.": {
      ...line("PUT * HTTP/1.1"),
      lines: ["Content-Length: 0"],
    },
    "The method is HEAD.": line("HEAD * HTTP/1.1"),
    "The method is DELETE.": line("DELETE * HTTP/1.1"),
    "The method is OPTIONS.": line("OPTIONS * HTTP/1.1"),
    "The method is one that nobody knows.": line("BREW * HTTP/1.1"),
    "The version of HTTP is 1.0.": line("GET * HTTP/1.0"),
    "The request line has no version, as in HTTP/0.9.": line("GET *"),
  }),
  ...refused("RFC 9110 §9.1", { "The method is written get.": line("get * HTTP/1.1") }),
  ...refused("RFC 9112 §2.3, §3", {
    "The name of the protocol is written http.": line("GET * http/1.1"),
    "The version of HTTP has two digits after the point.": line("GET * HTTP/1.10"),
    "The version of HTTP is followed by a letter.": line("GET * HTTP/1.1x"),
    "The protocol is another one.": line("GET * ICY/1.1"),
    "A fourth word follows the version.": line("GET * HTTP/1.1 more"),
    "A NUL stands in the target.": line("GET *?\0 HTTP/1.1"),
    "The target is empty.": line("GET  HTTP/1.1"),
    "The target has the form of an authority, host and port.": {
      start: ({ host }) => `GET ${host} HTTP/1.1`,
    },
    "The target is an asterisk.": { start: () => "GET * HTTP/1.1" },
  }, { level: "SHOULD" }),
  {
    description: "The version of HTTP is 1.2.",
    expectation: "The server takes it for HTTP/1.1, the highest version of HTTP/1 that there is.",
    rule: "RFC 9110 §2.5",
    wanted: "accepted",
    level: "SHOULD",
    draft: line("GET * HTTP/1.2"),
  },
  ...["/../../etc/passwd", "/%00", "//elsewhere.example/", "/%", "/%2e%2e%2f", "/\u00e9"].map(
    (target): OpeningPlan => ({
      description: `The target is ${target}.`,
      rule: "RFC 9112 §3.2.1",
      wanted: "either",
      draft: { start: () => `GET ${target} HTTP/1.1` },
    }),
  ),
];

const HOSTS: readonly OpeningPlan[] = [
  ...refused("RFC 9112 §3.2", {
    "There is no Host.": { fields: { "Host": null } },
    // Another spelling of the name, so that it is a second line and replaces nothing.
    "Host stands twice, with the same value.": { fields: { "host": ({ host }) => host } },
    "Host stands twice, with different values.": { lines: ["Host: elsewhere.example"] },
    "Host holds a path.": { fields: { "Host": ({ host }) => `${host}/path` } },
    "Host holds a space.": { fields: { "Host": "two words" } },
  }, {
    statuses: [400],
    expectation: "The server answers 400, and goes on serving others.",
  }),
];

const UPGRADES: readonly OpeningPlan[] = refused("RFC 6455 §4.2.1", {
  "There is no Upgrade.": { fields: { "Upgrade": null } },
  "Upgrade is empty.": { fields: { "Upgrade": "" } },
  "Upgrade is h2c.": { fields: { "Upgrade": "h2c" } },
  "Upgrade is websockets.": { fields: { "Upgrade": "websockets" } },
  "Upgrade is web.": { fields: { "Upgrade": "web" } },
  "There is no Connection.": { fields: { "Connection": null } },
  "Connection is empty.": { fields: { "Connection": "" } },
  "Connection is keep-alive.": { fields: { "Connection": "keep-alive" } },
  "Connection is close.": { fields: { "Connection": "close" } },
  "Connection is Upgraded.": { fields: { "Connection": "Upgraded" } },
  "Connection is no-upgrade.": { fields: { "Connection": "no-upgrade" } },
});

const KEY = "Sec-WebSocket-Key";

const KEYS: readonly OpeningPlan[] = [
  ...refused("RFC 6455 §4.2.1", {
    "There is no Sec-WebSocket-Key.": { fields: { [KEY]: null } },
  }),
  ...refused("RFC 6455 §4.2.1, §4.2.2", {
    "Sec-WebSocket-Key is empty.": { fields: { [KEY]: "" } },
    "Sec-WebSocket-Key is base64 of 15 bytes.": { fields: { [KEY]: "AAECAwQFBgcICQoLDA0O" } },
    "Sec-WebSocket-Key is base64 of 17 bytes.": { fields: { [KEY]: "AAECAwQFBgcICQoLDA0ODxA=" } },
    "Sec-WebSocket-Key is no base64.": { fields: { [KEY]: "~~~~~~~~~~~~~~~~~~~~~~==" } },
    "Sec-WebSocket-Key lacks the padding.": { fields: { [KEY]: "dGhlIHNhbXBsZSBub25jZQ" } },
  }, {
    level: "SHOULD",
    expectation: "The server refuses. It need not decode the key, so one that does not look into " +
      "it is not strict, and that is all.",
  }),
  ...refused("RFC 6455 §11.3.1", {
    "Sec-WebSocket-Key stands twice.": { lines: [`${KEY}: dGhlIHNhbXBsZSBub25jZQ==`] },
  }, { level: "SHOULD" }),
];

const VERSION = "Sec-WebSocket-Version";

/** Whether a refusal names the versions that the server understands. */
const namesVersions: Partial<OpeningPlan> = {
  expectation: "A refusal, 426 at best, with a Sec-WebSocket-Version field that names 13.",
  review: ({ head }) =>
    listElements(head, VERSION.toLowerCase()).includes("13")
      ? undefined
      : "The refusal has no Sec-WebSocket-Version field that names 13.",
};

const VERSIONS: readonly OpeningPlan[] = [
  ...refused("RFC 6455 §4.2.1", {
    "There is no Sec-WebSocket-Version.": { fields: { [VERSION]: null } },
    "Sec-WebSocket-Version is empty.": { fields: { [VERSION]: "" } },
    "Sec-WebSocket-Version is no number.": { fields: { [VERSION]: "thirteen" } },
  }),
  ...refused("RFC 6455 §4.2.2, §4.4", {
    "Sec-WebSocket-Version is 14.": { fields: { [VERSION]: "14" } },
    "Sec-WebSocket-Version is 130.": { fields: { [VERSION]: "130" } },
    "Sec-WebSocket-Version is 255.": { fields: { [VERSION]: "255" } },
  }, namesVersions),
  ...refused("RFC 6455 §4.3, §11.3.5", {
    "Sec-WebSocket-Version is 1.3.": { fields: { [VERSION]: "1.3" } },
    "Sec-WebSocket-Version is 013.": { fields: { [VERSION]: "013" } },
    "Sec-WebSocket-Version is a list: 13, 14.": { fields: { [VERSION]: "13, 14" } },
    "Sec-WebSocket-Version stands twice: 13 and 14.": { lines: [`${VERSION}: 14`] },
  }, { level: "SHOULD" }),
  {
    description: "Sec-WebSocket-Version is 8, as of a draft.",
    expectation: "A server that knows that draft opens the WebSocket; any other refuses.",
    rule: "RFC 6455 §4.2.2",
    wanted: "either",
    draft: { fields: { [VERSION]: "8" } },
  },
];

/** Requests that lack something. */
export const WRONG_REQUESTS: readonly RawCase[] = [
  ...openings("20.3", REQUEST_LINES),
  ...openings("20.4", HOSTS),
  ...openings("20.5", UPGRADES),
  ...openings("20.6", KEYS),
  ...openings("20.7", VERSIONS),
];
