import { assertEquals } from "@std/assert";
import type { ExtensionOffer } from "../../../lib/protocol/handshake/extension_header.ts";
import type { DeflateConfig } from "../../../lib/protocol/permessage_deflate/config.ts";
import { acceptDeflateOffer } from "../../../lib/protocol/permessage_deflate/server_negotiation.ts";
import { configs, extensions, OPEN, shown, summary } from "./headers.ts";

/** What the server makes of the offers: its response and the agreement, or `"declined"`. */
function outcome(offers: readonly ExtensionOffer[], config: DeflateConfig): [string, string?] {
  const acceptance = acceptDeflateOffer(offers, config);
  if (acceptance === undefined) return ["declined"];
  return [shown([acceptance.response]), summary(acceptance.agreement)];
}

const SERVER_NEVER: Partial<DeflateConfig> = { serverContextTakeover: "never" };
const CLIENT_NEVER: Partial<DeflateConfig> = { clientContextTakeover: "never" };
const SERVER_11: Partial<DeflateConfig> = { serverMaxWindowBits: 11 };
const CLIENT_11: Partial<DeflateConfig> = { clientMaxWindowBits: 11 };

/** The truth table: an offer, what the server wants, its response, and what is agreed on. */
const TABLE: readonly (readonly [
  offer: string,
  config: Partial<DeflateConfig>,
  response: string,
  agreement?: string,
])[] = [
  // server_no_context_takeover
  ["", {}, "", "server taken 15, client taken 15"],
  ["", SERVER_NEVER, "; server_no_context_takeover", "server fresh 15, client taken 15"],
  [
    "; server_no_context_takeover",
    {},
    "; server_no_context_takeover",
    "server fresh 15, client taken 15",
  ],
  [
    "; server_no_context_takeover",
    SERVER_NEVER,
    "; server_no_context_takeover",
    "server fresh 15, client taken 15",
  ],
  // client_no_context_takeover
  ["", CLIENT_NEVER, "; client_no_context_takeover", "server taken 15, client fresh 15"],
  [
    "; client_no_context_takeover",
    {},
    "; client_no_context_takeover",
    "server taken 15, client fresh 15",
  ],
  [
    "; client_no_context_takeover",
    CLIENT_NEVER,
    "; client_no_context_takeover",
    "server taken 15, client fresh 15",
  ],
  // server_max_window_bits
  ["", SERVER_11, "; server_max_window_bits=11", "server taken 11, client taken 15"],
  ["; server_max_window_bits=8", {}, "declined"],
  ["; server_max_window_bits=8", SERVER_11, "declined"],
  [
    "; server_max_window_bits=9",
    {},
    "; server_max_window_bits=9",
    "server taken 9, client taken 15",
  ],
  [
    "; server_max_window_bits=10",
    SERVER_11,
    "; server_max_window_bits=10",
    "server taken 10, client taken 15",
  ],
  [
    "; server_max_window_bits=11",
    SERVER_11,
    "; server_max_window_bits=11",
    "server taken 11, client taken 15",
  ],
  [
    "; server_max_window_bits=12",
    SERVER_11,
    "; server_max_window_bits=11",
    "server taken 11, client taken 15",
  ],
  [
    "; server_max_window_bits=15",
    {},
    "; server_max_window_bits=15",
    "server taken 15, client taken 15",
  ],
  // client_max_window_bits
  ["", CLIENT_11, "", "server taken 15, client taken 15"],
  ["; client_max_window_bits", {}, "", "server taken 15, client taken 15"],
  [
    "; client_max_window_bits",
    CLIENT_11,
    "; client_max_window_bits=11",
    "server taken 15, client taken 11",
  ],
  ["; client_max_window_bits=8", {}, "", "server taken 15, client taken 15"],
  ["; client_max_window_bits=8", CLIENT_11, "", "server taken 15, client taken 15"],
  [
    "; client_max_window_bits=9",
    {},
    "; client_max_window_bits=9",
    "server taken 15, client taken 9",
  ],
  [
    "; client_max_window_bits=10",
    CLIENT_11,
    "; client_max_window_bits=10",
    "server taken 15, client taken 10",
  ],
  [
    "; client_max_window_bits=12",
    CLIENT_11,
    "; client_max_window_bits=11",
    "server taken 15, client taken 11",
  ],
  ["; client_max_window_bits=15", {}, "", "server taken 15, client taken 15"],
  [
    "; client_max_window_bits=15",
    CLIENT_11,
    "; client_max_window_bits=11",
    "server taken 15, client taken 11",
  ],
  // all at once
  [
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; " +
    "client_max_window_bits=10",
    { ...SERVER_11, ...CLIENT_11 },
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; " +
    "client_max_window_bits=10",
    "server fresh 11, client fresh 10",
  ],
];

for (const [offer, config, ...expected] of TABLE) {
  const wish = Object.entries(config).map(([name, value]) => `${name} ${value}`).join(", ");
  Deno.test(`acceptDeflateOffer: "${offer}" where the server wants ${wish || "nothing"}`, () => {
    assertEquals(outcome(extensions(offer), { ...OPEN, ...config }), expected);
  });
}

/** Parameters that decline an offer, and others that do not make up for them. */
const MALFORMED: readonly (readonly [string, string | true])[] = [
  ["unknown", true],
  ["unknown", "1"],
  ["__proto__", true],
  ["constructor", "10"],
  ["Server_No_Context_Takeover", true],
  ["server_no_context_takeover", "true"],
  ["server_no_context_takeover", ""],
  ["client_no_context_takeover", "1"],
  ["server_max_window_bits", true],
  ...["server_max_window_bits", "client_max_window_bits"].flatMap((name) =>
    ["7", "16", "1000", "08", "015", "", '"15"', "-9", "+9", "9.0", "1e1", "x"]
      .map((value): [string, string] => [name, value])
  ),
];

for (const [name, value] of MALFORMED) {
  const text = value === true ? name : `${name}=${value}`;
  Deno.test(`acceptDeflateOffer: ${text} declines the offer, and the next is tried`, () => {
    const offer: ExtensionOffer = { name: "permessage-deflate", parameters: [[name, value]] };
    const more: ExtensionOffer = {
      ...offer,
      parameters: [["server_no_context_takeover", true], [name, value], ["x", "y"]],
    };
    for (const malformed of [offer, more]) {
      assertEquals(outcome([malformed], OPEN), ["declined"]);
      assertEquals(outcome([malformed, ...extensions("; server_max_window_bits=10")], OPEN), [
        "; server_max_window_bits=10",
        "server taken 10, client taken 15",
      ]);
    }
  });
}

Deno.test("acceptDeflateOffer: a parameter given twice declines the offer", () => {
  const doubled = [
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; client_max_window_bits; client_max_window_bits=10",
  ];
  for (const offer of doubled) {
    assertEquals(outcome(extensions(offer), OPEN), ["declined"]);
    assertEquals(outcome(extensions(`${offer}, ;client_max_window_bits`), OPEN), [
      "",
      "server taken 15, client taken 15",
    ]);
  }
});

Deno.test("acceptDeflateOffer: nothing offered, nothing accepted", () => {
  assertEquals(outcome([], OPEN), ["declined"]);
});

Deno.test("acceptDeflateOffer: other extensions are passed over", () => {
  const others = "x-webkit-deflate-frame, permessage-bzip2; server_max_window_bits=10, mux, " +
    "Permessage-Deflate, __proto__";
  assertEquals(outcome(extensions(others), OPEN), ["declined"]);
  assertEquals(outcome(extensions(`${others}, permessage-deflate`), OPEN), [
    "",
    "server taken 15, client taken 15",
  ]);
});

Deno.test("acceptDeflateOffer: of several offers the first that can be accepted", () => {
  const fallbacks = "; server_max_window_bits=8, ; server_max_window_bits=08, " +
    "; server_max_window_bits=12; client_max_window_bits, ; server_no_context_takeover";
  assertEquals(outcome(extensions(fallbacks), OPEN), [
    "; server_max_window_bits=12",
    "server taken 12, client taken 15",
  ]);
  const allWrong = "; server_max_window_bits=8, ; server_max_window_bits, ; x";
  assertEquals(outcome(extensions(allWrong), OPEN), ["declined"]);
});

Deno.test("acceptDeflateOffer: what browsers, ws, gorilla and Autobahn offer", () => {
  const never: DeflateConfig = { ...OPEN, ...SERVER_NEVER, ...CLIENT_NEVER };
  const fresh = "; server_no_context_takeover; client_no_context_takeover";
  assertEquals(outcome(extensions("; client_max_window_bits"), never), [
    fresh,
    "server fresh 15, client fresh 15",
  ]);
  assertEquals(outcome(extensions(fresh), OPEN), [fresh, "server fresh 15, client fresh 15"]);
  const base = "; client_no_context_takeover; client_max_window_bits";
  const fallbacks = `${base}; server_no_context_takeover; server_max_window_bits=9, ` +
    `${base}; server_no_context_takeover, ${base}`;
  assertEquals(outcome(extensions(fallbacks), OPEN), [
    `${fresh}; server_max_window_bits=9`,
    "server fresh 9, client fresh 15",
  ]);
});

Deno.test("acceptDeflateOffer: client_max_window_bits is answered only where it was offered", () => {
  for (const config of configs([9, 12, 15])) {
    const acceptance = acceptDeflateOffer(extensions("; server_max_window_bits=9"), config);
    const names = acceptance?.response.parameters.map(([name]) => name);
    assertEquals(names?.includes("client_max_window_bits"), false);
    assertEquals(acceptance?.agreement.clientMaxWindowBits, 15);
  }
});
