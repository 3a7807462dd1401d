import { assertEquals } from "@std/assert";
import {
  type DeflateAgreement,
  deflateDirections,
} from "../../../lib/protocol/permessage_deflate/agreement.ts";

const AGREEMENT: DeflateAgreement = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 12,
};

Deno.test("deflateDirections: each end compresses with its own parameters", () => {
  const server = { windowBits: 10, contextTakeover: false };
  const client = { windowBits: 12, contextTakeover: true };
  assertEquals(deflateDirections(AGREEMENT, "server"), { outgoing: server, incoming: client });
  assertEquals(deflateDirections(AGREEMENT, "client"), { outgoing: client, incoming: server });
});

for (const role of ["server", "client"] as const) {
  Deno.test(`deflateDirections: a window of 8 bits, as a ${role}`, () => {
    const narrow = { ...AGREEMENT, serverMaxWindowBits: 8, clientMaxWindowBits: 8 };
    const { outgoing, incoming } = deflateDirections(narrow, role);
    assertEquals([outgoing, incoming.windowBits], [undefined, 9]);
  });

  Deno.test(`deflateDirections: windows of 9 to 15 bits are as agreed, as a ${role}`, () => {
    for (let bits = 9; bits <= 15; bits++) {
      const agreement = { ...AGREEMENT, serverMaxWindowBits: bits, clientMaxWindowBits: bits };
      const { outgoing, incoming } = deflateDirections(agreement, role);
      assertEquals([outgoing?.windowBits, incoming.windowBits], [bits, bits]);
    }
  });
}
