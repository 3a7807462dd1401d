/**
 * Who may have takeover, and what is reserved for it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  CompressionBudget,
  deflateContextBytes,
  inflateContextBytes,
} from "../../lib/compression/budget.ts";
import { createMessageCompression } from "../../lib/compression/compression.ts";
import { planTakeover } from "../../lib/compression/takeover_plan.ts";
import type { DeflateConfig } from "../../lib/protocol/permessage_deflate/config.ts";
import { direction } from "./messages.ts";

const BOTH: DeflateConfig = {
  serverContextTakeover: "allow",
  clientContextTakeover: "allow",
  serverMaxWindowBits: 12,
  clientMaxWindowBits: 10,
};
const NEITHER: DeflateConfig = {
  ...BOTH,
  serverContextTakeover: "never",
  clientContextTakeover: "never",
};
const LARGEST = inflateContextBytes(15);

Deno.test("planTakeover: our window and the largest of the peer's are reserved", () => {
  const budget = new CompressionBudget();
  const plan = (config: DeflateConfig, role: "server" | "client"): number | undefined =>
    planTakeover(config, { role, memoryLevel: 3, budget }).reservation?.bytes;
  assertEquals(plan(BOTH, "server"), deflateContextBytes(12, 3) + LARGEST);
  assertEquals(plan(BOTH, "client"), deflateContextBytes(10, 3) + LARGEST);
  const server = { ...BOTH, clientContextTakeover: "never" } as const;
  assertEquals(plan(server, "server"), deflateContextBytes(12, 3));
  assertEquals(plan(server, "client"), LARGEST);
  const client = { ...BOTH, serverContextTakeover: "never" } as const;
  assertEquals(plan(client, "server"), LARGEST);
  assertEquals(plan(client, "client"), deflateContextBytes(10, 3));
  assertEquals(
    budget.usedBytes,
    2 * (deflateContextBytes(12, 3) + deflateContextBytes(10, 3)) + 4 * LARGEST,
  );
});

Deno.test("planTakeover: who wants none reserves nothing", () => {
  const budget = new CompressionBudget(0);
  assertEquals(planTakeover(NEITHER, { role: "server", memoryLevel: 8, budget }), {
    config: NEITHER,
    reservation: undefined,
  });
});

Deno.test("planTakeover: beyond the budget there is none, until something is released", () => {
  const one = deflateContextBytes(12, 8) + LARGEST;
  const budget = new CompressionBudget(2 * one);
  const options = { role: "server", memoryLevel: 8, budget } as const;
  const first = planTakeover(BOTH, options);
  const second = planTakeover(BOTH, options);
  assertEquals([first.config, second.config], [BOTH, BOTH]);
  assertEquals(planTakeover(BOTH, options), { config: NEITHER, reservation: undefined });
  first.reservation?.release();
  assertEquals(planTakeover(BOTH, options).config, BOTH);
});

Deno.test("planTakeover: without contexts there is none", () => {
  const budget = new CompressionBudget();
  const options = { role: "client", memoryLevel: 8, budget, form: "one-shot" } as const;
  assertEquals(planTakeover(BOTH, options), { config: NEITHER, reservation: undefined });
  assertEquals(budget.usedBytes, 0);
});

const AGREED: readonly (readonly [what: string, outgoing: boolean, incoming: boolean])[] = [
  ["both directions", true, true],
  ["what goes", true, false],
  ["what comes", false, true],
  ["nothing", false, false],
];

for (const [what, outgoing, incoming] of AGREED) {
  Deno.test(`createMessageCompression: with takeover for ${what}, that much stays reserved`, () => {
    const budget = new CompressionBudget();
    const { reservation } = planTakeover(BOTH, { role: "server", memoryLevel: 8, budget });
    const { inflater, deflater } = createMessageCompression({
      outgoing: direction({ windowBits: 11, contextTakeover: outgoing }),
      incoming: direction({ windowBits: 10, contextTakeover: incoming }),
    }, { level: 1, memoryLevel: 8, reservation });
    const forOutgoing = outgoing ? deflateContextBytes(11, 8) : 0;
    const forIncoming = incoming ? inflateContextBytes(10) : 0;
    assertEquals(budget.usedBytes, forOutgoing + forIncoming);
    inflater.close();
    inflater.close();
    assertEquals(budget.usedBytes, forOutgoing);
    deflater?.close();
    deflater?.close();
    assertEquals(budget.usedBytes, 0);
  });
}

Deno.test("createMessageCompression: where nothing is to be compressed, all else is released", () => {
  const budget = new CompressionBudget();
  const { reservation } = planTakeover(BOTH, { role: "client", memoryLevel: 8, budget });
  const { inflater, deflater } = createMessageCompression(
    { outgoing: undefined, incoming: direction({ contextTakeover: true }) },
    { level: 1, memoryLevel: 8, reservation },
  );
  assertEquals(deflater, undefined);
  assertEquals(budget.usedBytes, LARGEST);
  inflater.close();
  assertEquals(budget.usedBytes, 0);
});
