import { assertEquals, assertStringIncludes } from "@std/assert";
import type { DeflateConfig } from "../../../lib/protocol/permessage_deflate/config.ts";
import {
  checkDeflateResponse,
  createDeflateOffers,
} from "../../../lib/protocol/permessage_deflate/client_negotiation.ts";
import { acceptDeflateOffer } from "../../../lib/protocol/permessage_deflate/server_negotiation.ts";
import { configs, extension, extensions, OPEN, shown, summary } from "./headers.ts";

/** What the client makes of a response: the agreement, or the code of the failure. */
function outcome(offers: string, response: string): string {
  const result = checkDeflateResponse(extension(response), extensions(offers));
  return "code" in result ? result.code : summary(result);
}

/** What a client with these wishes offers. */
const OFFERS: readonly (readonly [config: Partial<DeflateConfig>, offers: string])[] = [
  [{}, "; client_max_window_bits"],
  [
    { serverContextTakeover: "never" },
    "; server_no_context_takeover; client_max_window_bits",
  ],
  [
    { clientContextTakeover: "never" },
    "; client_no_context_takeover; client_max_window_bits",
  ],
  [
    { serverMaxWindowBits: 10 },
    "; server_max_window_bits=10; client_max_window_bits, ; client_max_window_bits",
  ],
  [{ clientMaxWindowBits: 10 }, "; client_max_window_bits=10"],
  [
    {
      serverContextTakeover: "never",
      clientContextTakeover: "never",
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 14,
    },
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; " +
    "client_max_window_bits=14, " +
    "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=14",
  ],
];

for (const [config, offers] of OFFERS) {
  const wish = Object.entries(config).map(([name, value]) => `${name} ${value}`).join(", ");
  Deno.test(`createDeflateOffers: where the client wants ${wish || "nothing"}`, () => {
    assertEquals(shown(createDeflateOffers({ ...OPEN, ...config })), offers);
  });
}

/** The truth table: an offer, the response to it, and what is agreed on. */
const TABLE: readonly (readonly [offer: string, response: string, outcome: string])[] = [
  // server_no_context_takeover
  ["", "", "server taken 15, client taken 15"],
  ["", "; server_no_context_takeover", "server fresh 15, client taken 15"],
  ["; server_no_context_takeover", "", "ERR_DEFLATE_SERVER_TAKEOVER"],
  [
    "; server_no_context_takeover",
    "; server_no_context_takeover",
    "server fresh 15, client taken 15",
  ],
  // client_no_context_takeover
  ["", "; client_no_context_takeover", "server taken 15, client fresh 15"],
  ["; client_no_context_takeover", "", "server taken 15, client fresh 15"],
  [
    "; client_no_context_takeover",
    "; client_no_context_takeover",
    "server taken 15, client fresh 15",
  ],
  // server_max_window_bits
  ["", "; server_max_window_bits=8", "server taken 8, client taken 15"],
  ["", "; server_max_window_bits=10", "server taken 10, client taken 15"],
  ["", "; server_max_window_bits=15", "server taken 15, client taken 15"],
  ["; server_max_window_bits=10", "", "ERR_DEFLATE_SERVER_WINDOW"],
  [
    "; server_max_window_bits=10",
    "; server_max_window_bits=8",
    "server taken 8, client taken 15",
  ],
  [
    "; server_max_window_bits=10",
    "; server_max_window_bits=10",
    "server taken 10, client taken 15",
  ],
  ["; server_max_window_bits=10", "; server_max_window_bits=11", "ERR_DEFLATE_SERVER_WINDOW"],
  ["; server_max_window_bits=15", "", "server taken 15, client taken 15"],
  // client_max_window_bits
  ["", "; client_max_window_bits=15", "ERR_DEFLATE_CLIENT_WINDOW"],
  ["", "; client_max_window_bits=9", "ERR_DEFLATE_CLIENT_WINDOW"],
  ["; client_max_window_bits", "", "server taken 15, client taken 15"],
  [
    "; client_max_window_bits",
    "; client_max_window_bits=8",
    "server taken 15, client taken 8",
  ],
  [
    "; client_max_window_bits",
    "; client_max_window_bits=9",
    "server taken 15, client taken 9",
  ],
  [
    "; client_max_window_bits",
    "; client_max_window_bits=15",
    "server taken 15, client taken 15",
  ],
  ["; client_max_window_bits=10", "", "server taken 15, client taken 10"],
  [
    "; client_max_window_bits=10",
    "; client_max_window_bits=8",
    "server taken 15, client taken 8",
  ],
  [
    "; client_max_window_bits=10",
    "; client_max_window_bits=10",
    "server taken 15, client taken 10",
  ],
  ["; client_max_window_bits=10", "; client_max_window_bits=11", "ERR_DEFLATE_CLIENT_WINDOW"],
  // all at once
  [
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; " +
    "client_max_window_bits=13",
    "; client_max_window_bits=9; server_max_window_bits=10; server_no_context_takeover",
    "server fresh 10, client fresh 9",
  ],
];

for (const [offer, response, expected] of TABLE) {
  Deno.test(`checkDeflateResponse: "${response}" to "${offer}"`, () => {
    assertEquals(outcome(offer, response), expected);
  });
}

/** Responses that no offer makes right. */
const MALFORMED: readonly (readonly [response: string, code: string])[] = [
  ["; unknown", "ERR_DEFLATE_PARAMETER"],
  ["; __proto__", "ERR_DEFLATE_PARAMETER"],
  ["; server_no_context_takeover=1", "ERR_DEFLATE_VALUE"],
  ["; client_no_context_takeover=true", "ERR_DEFLATE_VALUE"],
  ["; server_max_window_bits", "ERR_DEFLATE_VALUE"],
  ["; client_max_window_bits", "ERR_DEFLATE_VALUE"],
  ...["server_max_window_bits", "client_max_window_bits"].flatMap((name) =>
    ["7", "16", "1000", "08", "015", "-9", "+9", "1e1", "x"]
      .map((value): [string, string] => [`; ${name}=${value}`, "ERR_DEFLATE_VALUE"])
  ),
  ["; server_no_context_takeover; server_no_context_takeover", "ERR_DEFLATE_DUPLICATE"],
  ["; client_no_context_takeover; client_no_context_takeover", "ERR_DEFLATE_DUPLICATE"],
  ["; server_max_window_bits=10; server_max_window_bits=10", "ERR_DEFLATE_DUPLICATE"],
  ["; client_max_window_bits=10; client_max_window_bits=9", "ERR_DEFLATE_DUPLICATE"],
];

for (const [response, code] of MALFORMED) {
  Deno.test(`checkDeflateResponse: "${response}" fails after any offer`, () => {
    assertEquals(outcome("; client_max_window_bits", response), code);
    assertEquals(outcome("; server_max_window_bits=15; client_max_window_bits, ", response), code);
  });
}

Deno.test("checkDeflateResponse: the response accepts one of several offers", () => {
  const offers = "; server_max_window_bits=10; client_max_window_bits, ";
  assertEquals(
    outcome(offers, "; server_max_window_bits=9; client_max_window_bits=11"),
    [
      "server taken 9, client taken 11",
    ].join(),
  );
  // The second offer sets the server no limit, so it may name any.
  assertEquals(outcome(offers, ""), "server taken 15, client taken 15");
  assertEquals(outcome(offers, "; server_max_window_bits=12"), "server taken 12, client taken 15");
});

Deno.test("checkDeflateResponse: a response that mixes two offers fails as the first does", () => {
  const offers = "; server_max_window_bits=10; client_max_window_bits, ";
  assertEquals(outcome(offers, "; client_max_window_bits=11"), "ERR_DEFLATE_SERVER_WINDOW");
});

Deno.test("checkDeflateResponse: what was not offered", () => {
  assertEquals(outcome("mux", ""), "ERR_DEFLATE_NOT_OFFERED");
  const result = checkDeflateResponse(extension(""), []);
  assertEquals("code" in result && result.message.includes('got "permessage-deflate"'), true);
});

Deno.test("checkDeflateResponse: an offer that no server can have accepted counts for nothing", () => {
  assertEquals(outcome("; server_max_window_bits=7", ""), "ERR_DEFLATE_NOT_OFFERED");
  assertEquals(outcome("; x, ", ""), "server taken 15, client taken 15");
});

Deno.test("checkDeflateResponse: the message says what came", () => {
  const message = (offer: string, response: string) => {
    const result = checkDeflateResponse(extension(response), extensions(offer));
    return "code" in result ? result.message : "";
  };
  assertStringIncludes(message("; server_max_window_bits=10", ""), "got none (RFC 7692 §7.1.2.1)");
  assertStringIncludes(
    message("; server_max_window_bits=10", "; server_max_window_bits=11"),
    'got "11" (RFC 7692 §7.1.2.1)',
  );
  assertStringIncludes(
    message("", "; client_max_window_bits=15"),
    'got "15" (RFC 7692 §7.1.2.2)',
  );
});

Deno.test("negotiation: both ends agree, whatever each of them wants", () => {
  const all = configs([9, 12, 15]);
  for (const client of all) {
    const offers = createDeflateOffers(client);
    for (const server of all) {
      const acceptance = acceptDeflateOffer(offers, server);
      if (acceptance === undefined) throw new Error(`${shown(offers)} was declined`);
      const { agreement, response } = acceptance;
      assertEquals(checkDeflateResponse(response, offers), agreement);
      // What either end does not want does not happen.
      assertEquals(
        [agreement.serverNoContextTakeover, agreement.clientNoContextTakeover],
        [
          client.serverContextTakeover === "never" || server.serverContextTakeover === "never",
          client.clientContextTakeover === "never" || server.clientContextTakeover === "never",
        ],
      );
      assertEquals(
        [agreement.serverMaxWindowBits, agreement.clientMaxWindowBits],
        [
          Math.min(client.serverMaxWindowBits, server.serverMaxWindowBits),
          Math.min(client.clientMaxWindowBits, server.clientMaxWindowBits),
        ],
      );
    }
  }
});
