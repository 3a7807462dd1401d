/**
 * Exchanging messages: what is found when all come back, and when one does not.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../autobahn/suite/wire/bytes.ts";
import { exchange } from "../../../../autobahn/suite/cases/exchange.ts";
import type { Measurement, ReceivedMessage } from "../../../../autobahn/suite/model/case.ts";
import { RecordingPeer } from "./recording_peer.ts";

const SENT = utf8("as it was");

/** Three text messages against a testee that echoes as said. */
async function three(
  echo?: (sent: ReceivedMessage, number: number) => ReceivedMessage | undefined,
): Promise<{ found: Measurement; peer: RecordingPeer }> {
  const peer = new RecordingPeer(echo === undefined ? {} : { echo });
  const found = await exchange(peer, {
    count: 3,
    seconds: 60,
    binary: false,
    next: () => SENT,
    send: (to, payload) => to.sendMessage(payload, { binary: false }),
  });
  return { found, peer };
}

Deno.test("exchange: all come back: OK, and the suite closes with 1000", async () => {
  const { found, peer } = await three();
  assertEquals(found, { behavior: "OK", result: "All 3 messages came back as sent." });
  assertEquals(peer.did, [
    ...["logWire", "closeAfter"],
    ...["sendMessage", "sendMessage", "sendMessage"],
    ...["logWire", "sendClose"],
  ]);
  assertEquals(peer.deeds[1], { did: "closeAfter", milliseconds: 60_000 });
  assertEquals(peer.deeds.at(-1), { did: "sendClose", code: 1000 });
});

const FAULTS: readonly (readonly [
  what: string,
  echo: (sent: ReceivedMessage) => ReceivedMessage | undefined,
  result: string,
])[] = [
  [
    "of the other kind",
    ({ payload }) => ({ payload, binary: true }),
    "Message 2 of 3 was text and came back as binary.",
  ],
  [
    "shorter",
    ({ payload }) => ({ payload: payload.subarray(1), binary: false }),
    "Message 2 of 3 was 9 bytes long and came back with 8.",
  ],
  [
    "with other bytes",
    ({ payload }) => ({ payload: payload.map((byte) => byte ^ 1), binary: false }),
    "Message 2 of 3 of 9 bytes came back with other bytes.",
  ],
  [
    "not at all",
    () => undefined,
    "Message 2 of 3 did not come back before the connection ended.",
  ],
];

for (const [what, echo, result] of FAULTS) {
  Deno.test(`exchange: the second comes back ${what}: FAILED, and no third is sent`, async () => {
    const { found, peer } = await three((sent, number) => number === 2 ? echo(sent) : sent);
    assertEquals(found, { behavior: "FAILED", result });
    assertEquals(peer.did.filter((did) => did === "sendMessage").length, 2);
    assertEquals(peer.deeds.at(-1), { did: "sendClose", code: 1000 });
  });
}
