import { assertEquals } from "@std/assert";
import {
  type DeflatePlace,
  formatDeflateParameters,
  parseDeflateParameters,
  windowParameter,
} from "../../../lib/protocol/permessage_deflate/parameters.ts";
import { extension, shown } from "./headers.ts";

/** What `value` makes of a parameter: its code in an offer, and in a response; `""` if it is right. */
function verdicts(name: string, value: string | true): string[] {
  return (["offer", "response"] as const).map((place) => {
    const result = parseDeflateParameters([[name, value]], place);
    return "code" in result ? result.code : "";
  });
}

Deno.test("parseDeflateParameters: nothing", () => {
  for (const place of ["offer", "response"] as const) {
    assertEquals(parseDeflateParameters([], place), {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: undefined,
      clientMaxWindowBits: undefined,
    });
  }
});

Deno.test("parseDeflateParameters: everything, in any order", () => {
  const { parameters } = extension(
    "; client_max_window_bits=9; server_max_window_bits=10" +
      "; client_no_context_takeover; server_no_context_takeover",
  );
  for (const order of [parameters, parameters.toReversed()]) {
    for (const place of ["offer", "response"] as const) {
      assertEquals(parseDeflateParameters(order, place), {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 9,
      });
    }
  }
});

for (const name of ["server_max_window_bits", "client_max_window_bits"]) {
  Deno.test(`parseDeflateParameters: ${name} has a number from 8 to 15`, () => {
    for (let bits = 8; bits <= 15; bits++) {
      assertEquals(verdicts(name, `${bits}`), ["", ""], `${bits}`);
    }
  });

  Deno.test(`parseDeflateParameters: ${name} has no other value`, () => {
    const numbers = ["0", "7", "16", "80", "150", "1000", "-9", "+9", "9.0", "1e1", "0xf", "９"];
    const zeros = ["08", "09", "010", "015", "0015"];
    const texts = ["", " ", " 9", "9 ", '"15"', "'15'", "nine", "true", "NaN", "__proto__"];
    for (const value of [...numbers, ...zeros, ...texts]) {
      assertEquals(verdicts(name, value), ["ERR_DEFLATE_VALUE", "ERR_DEFLATE_VALUE"], value);
    }
  });
}

Deno.test("parseDeflateParameters: only an offer has client_max_window_bits without a value", () => {
  assertEquals(verdicts("server_max_window_bits", true), [
    "ERR_DEFLATE_VALUE",
    "ERR_DEFLATE_VALUE",
  ]);
  assertEquals(verdicts("client_max_window_bits", true), ["", "ERR_DEFLATE_VALUE"]);
  const { parameters } = extension("; client_max_window_bits");
  assertEquals(parseDeflateParameters(parameters, "offer"), {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: true,
  });
});

for (const name of ["server_no_context_takeover", "client_no_context_takeover"]) {
  Deno.test(`parseDeflateParameters: ${name} has no value`, () => {
    assertEquals(verdicts(name, true), ["", ""]);
    for (const value of ["", "0", "1", "15", "true", "false"]) {
      assertEquals(verdicts(name, value), ["ERR_DEFLATE_VALUE", "ERR_DEFLATE_VALUE"], value);
    }
  });
}

Deno.test("parseDeflateParameters: there are four parameters, by these very names", () => {
  const wrong = ["x", "max_window_bits", "no_context_takeover", "Server_No_Context_Takeover"];
  const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  for (const name of [...wrong, ...inherited, "server_max_window_bits ", ""]) {
    for (const value of [true, "10"] as const) {
      assertEquals(
        verdicts(name, value),
        ["ERR_DEFLATE_PARAMETER", "ERR_DEFLATE_PARAMETER"],
        name,
      );
    }
  }
});

Deno.test("parseDeflateParameters: no parameter stands twice", () => {
  const doubled = [
    "; server_no_context_takeover; server_no_context_takeover",
    "; client_no_context_takeover; server_no_context_takeover; client_no_context_takeover",
    "; server_max_window_bits=10; server_max_window_bits=10",
    "; server_max_window_bits=10; server_max_window_bits=11",
    "; client_max_window_bits=10; client_max_window_bits=10",
    "; client_max_window_bits=10; client_max_window_bits",
  ];
  for (const field of doubled) {
    for (const place of ["offer", "response"] satisfies DeflatePlace[]) {
      const result = parseDeflateParameters(extension(field).parameters, place);
      assertEquals("code" in result && result.code, "ERR_DEFLATE_DUPLICATE", field);
    }
  }
});

Deno.test("parseDeflateParameters: the message says what came", () => {
  const message = (field: string) => {
    const result = parseDeflateParameters(extension(field).parameters, "response");
    return "code" in result ? result.message : "";
  };
  assertEquals(
    message("; server_max_window_bits=16"),
    "a no_context_takeover must have no value, and a max_window_bits a number from 8 to 15 " +
      'without leading zeros, got "server_max_window_bits=16" (RFC 7692 §7.1)',
  );
  assertEquals(message("; client_max_window_bits").includes('got "client_max_window_bits"'), true);
  assertEquals(message("; x=1").includes('got "x"'), true);
});

Deno.test("formatDeflateParameters: writes what parseDeflateParameters reads", () => {
  const fields = [
    "",
    "; server_no_context_takeover",
    "; client_no_context_takeover",
    "; server_max_window_bits=8",
    "; client_max_window_bits",
    "; client_max_window_bits=15",
    "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; " +
    "client_max_window_bits=9",
  ];
  for (const field of fields) {
    const parsed = parseDeflateParameters(extension(field).parameters, "offer");
    assertEquals("code" in parsed ? parsed : shown([formatDeflateParameters(parsed)]), field);
  }
});

Deno.test("windowParameter: 15 goes without saying", () => {
  assertEquals([9, 14, 15].map(windowParameter), [9, 14, undefined]);
});
