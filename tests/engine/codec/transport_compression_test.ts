/**
 * The codec engine's transport where permessage-deflate was agreed on: what is compressed,
 * what is shared among connections, and when the compression is given up. The compression
 * is that of `fake_compression.ts`: `aaaa` is `0461`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { PreparedMessage } from "../../../lib/connection/prepared_message.ts";
import { OP, settle } from "../../support/connection_pair.ts";
import { FakeCompression, type FakeCompressionOptions } from "../../support/fake_compression.ts";
import { unhex } from "../../support/hex.ts";
import {
  openTransport,
  type TestedTransport,
  type TestedTransportOptions,
} from "../../support/transport_recorder.ts";

interface SetUp extends TestedTransport {
  agreed: FakeCompression;
}

/** A transport that compresses from `threshold` on. */
async function setUp(
  { threshold = 0, fake = {}, ...options }: TestedTransportOptions & {
    threshold?: number;
    fake?: FakeCompressionOptions;
  } = {},
): Promise<SetUp> {
  const agreed = new FakeCompression(fake);
  return { agreed, ...await openTransport({ agreed, compression: { threshold }, ...options }) };
}

for (const role of ["server", "client"] as const) {
  Deno.test(`codec transport: a ${role} takes and sends compressed messages`, async () => {
    const { transport, recorder, peer } = await setUp({ role });
    peer.send({ opcode: OP.TEXT, rsv: 4, payload: unhex("0461") });
    peer.send({ opcode: OP.BINARY, rsv: 4, fin: false, payload: unhex("02") });
    peer.send({ opcode: OP.CONT, payload: unhex("07") });
    transport.sendText("aaaa", true);
    transport.sendText("aaaa", false);
    transport.sendBinary(unhex("07070707"), true);
    transport.sendBinary(unhex("07070707"), false);
    transport.sendFragment("text", unhex("6161"), { fin: false, compress: true });
    transport.sendFragment("text", unhex("6161"), { fin: true, compress: true });
    transport.sendFragment("text", unhex("6161"), { fin: true, compress: false });
    await settle();
    assertEquals(recorder.events(), ["text aaaa", "binary 0707"]);
    assertEquals(peer.takeHex(), [
      ...["1* 0461", "1 61616161", "2* 0407", "2 07070707"],
      ...["1*+ 0261", "0 0261", "1 6161"],
    ]);
  });

  Deno.test(`codec transport: a ${role} compresses from the threshold on`, async () => {
    const { transport, peer } = await setUp({ role, threshold: 5 });
    transport.sendText("aaaa", true);
    transport.sendText("aaaaa", true);
    transport.sendPrepared(new PreparedMessage("aaaa"), true);
    transport.sendPrepared(new PreparedMessage("aaaaa"), true);
    await settle();
    assertEquals(peer.takeHex(), ["1 61616161", "1* 0561", "1 61616161", "1* 0561"]);
  });

  Deno.test(`codec transport: a ${role} gives the compression up on every way out`, async () => {
    const ends: readonly (readonly [string, (it: SetUp) => void])[] = [
      ["the closing handshake", ({ peer }) => {
        peer.sendClose(1000);
        peer.end();
      }],
      ["the end of the stream", ({ peer }) => peer.end()],
      ["a reset", ({ link }) => link.reset()],
      ["a destroy", ({ transport }) => transport.destroy()],
      ["a fault", ({ peer }) => peer.send({ opcode: 3 })],
      ["a fault in what is compressed", ({ peer }) => {
        peer.send({ opcode: OP.TEXT, rsv: 4, payload: unhex("0061") });
      }],
    ];
    for (const [what, end] of ends) {
      const it = await setUp({ role });
      it.peer.send({ opcode: OP.TEXT, rsv: 4, fin: false, payload: unhex("0461") });
      await settle();
      assertEquals([it.agreed.inflater.closes, it.agreed.deflater.closes], [0, 0], what);
      end(it);
      await settle();
      const { inflater, deflater } = it.agreed;
      assert(inflater.closes > 0 && deflater.closes > 0, what);
      // Whoever sends now does no harm; the fake throws when it is used after it was closed.
      it.transport.sendText("aaaa", true);
      it.transport.sendFragment("text", unhex("6161"), { fin: true, compress: true });
      it.transport.sendPrepared(new PreparedMessage("aaaa"), true);
      it.transport.destroy();
      await settle();
      assertEquals(deflater.pushes.all, 0, what);
    }
  });
}

Deno.test("codec transport: a prepared message is compressed once for all of a group", async () => {
  const message = new PreparedMessage("aaaa");
  const alike = [await setUp(), await setUp(), await setUp()];
  const others = [
    await setUp({ fake: { group: "other runs" } }),
    await setUp({ threshold: 4 }), // the same frame, but it could be another
  ];
  for (const { transport } of [...alike, ...others]) {
    transport.sendPrepared(message, true);
    transport.sendPrepared(message, true);
  }
  await settle();
  for (const { peer } of [...alike, ...others]) {
    assertEquals(peer.takeHex(), ["1* 0461", "1* 0461"]);
  }
  const pushes = [...alike, ...others].map(({ agreed }) => agreed.deflater.pushes.all);
  assertEquals(pushes, [1, 0, 0, 1, 1]);
});

Deno.test("codec transport: a prepared message goes to each as was agreed with it", async () => {
  const message = new PreparedMessage(unhex("07070707"));
  const compressing = await setUp();
  const high = await setUp({ threshold: 5 });
  const plain = await openTransport();
  const receiving = await openTransport({
    agreed: { inflater: new FakeCompression().inflater, deflater: undefined },
  });
  for (const { transport } of [compressing, high, plain, receiving]) {
    transport.sendPrepared(message, true);
    transport.sendPrepared(message, false);
  }
  await settle();
  assertEquals(compressing.peer.takeHex(), ["2* 0407", "2 07070707"]);
  for (const { peer } of [high, plain, receiving]) {
    assertEquals(peer.takeHex(), ["2 07070707", "2 07070707"]);
  }
});

Deno.test("codec transport: who shares a window, or masks, frames a prepared message anew", async () => {
  const message = new PreparedMessage("aaaa");
  const dependent = [
    await setUp({ fake: { independent: false } }),
    await setUp({ fake: { independent: false } }),
  ];
  const clients = [await setUp({ role: "client" }), await setUp({ role: "client" })];
  for (const { transport, peer, agreed } of [...dependent, ...clients]) {
    transport.sendPrepared(message, true);
    transport.sendPrepared(message, true);
    transport.sendPrepared(message, false);
    await settle();
    assertEquals(peer.takeHex(), ["1* 0461", "1* 0461", "1 61616161"]);
    assertEquals(agreed.deflater.pushes.all, 2);
  }
});

Deno.test("codec transport: a prepared message is made in turns, for those who can share it", async () => {
  const message = new PreparedMessage("aaaaaaaa");
  const [first, second] = [await setUp(), await setUp()];
  const ended: string[] = [];
  const prepare = ({ transport }: SetUp, name: string) =>
    transport.prepare(message, (error) => ended.push(`${name} ${error}`));
  const [one, two] = [prepare(first, "first"), prepare(second, "second")];
  assert(typeof one === "function" && typeof two === "function");
  two();
  while (ended.length === 0) await settle();
  assertEquals(ended, ["first undefined"]);
  assertEquals([prepare(first, "again"), prepare(second, "again")], ["ready", "ready"]);
  first.transport.sendPrepared(message, true);
  second.transport.sendPrepared(message, true);
  await settle();
  for (const { peer } of [first, second]) assertEquals(peer.takeHex(), ["1* 0861"]);
  assertEquals([first, second].map(({ agreed }) => agreed.deflater.pushes.all), [1, 0]);
  const alone = [await setUp({ role: "client" }), await setUp({ fake: { independent: false } })];
  for (const it of alone) assertEquals(prepare(it, "alone"), "alone");
  await settle();
  assertEquals(ended, ["first undefined"]);
});

Deno.test("codec transport: what was prepared and waits when the peer closes is not compressed", async () => {
  const { transport, recorder, peer, agreed } = await setUp();
  recorder.onLine = (line) => {
    if (line === "closing") transport.sendPrepared(new PreparedMessage("aaaa"), true);
  };
  peer.sendClose(1000);
  await settle();
  assertEquals(recorder.events(), ["closing"]);
  assertEquals(agreed.deflater.pushes.all, 0);
  assertEquals(peer.takeLines(), ["close 1000"]);
});
