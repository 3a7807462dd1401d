/**
 * Byte streams over loopback sockets.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { hex, unhex } from "../../../support/hex.ts";
import { fillUp, lengthOf, listenTo, readBytes, withTcpPair } from "../stream_rig.ts";

Deno.test("stream: bytes go both ways, and the testee's FIN is the end", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    assertEquals(await stream.write(unhex("0102")), true);
    assertEquals(hex(await readBytes(testee, 2)), "0102");
    await testee.write(unhex("0304"));
    testee.closeWrite();
    assertEquals(await end, undefined);
    assertEquals(bytes.map(hex).join(""), "0304");
  });
});

Deno.test("stream: what comes before anybody listens is kept, and so is the end", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    await testee.write(unhex("05"));
    testee.close();
    // The other direction ends by itself, so that both events have passed.
    stream.endWriting();
    await stream.closed;
    const { bytes, end } = listenTo(stream);
    assertEquals(await end, undefined);
    assertEquals(bytes.map(hex), ["05"]);
  });
});

Deno.test("stream: pieces that are kept are not overwritten", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    const sent = Uint8Array.from({ length: 300_000 }, (_, at) => at * 31 % 253);
    for (let at = 0; at < sent.length;) at += await testee.write(sent.subarray(at));
    testee.closeWrite();
    await end;
    assertEquals(lengthOf(bytes), sent.length);
    let at = 0;
    for (const piece of bytes) {
      assertEquals(hex(piece) === hex(sent.subarray(at, at + piece.length)), true);
      at += piece.length;
    }
  });
});

Deno.test("stream: ended by the suite, the testee sees a FIN, or a reset", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    void stream.write(unhex("01"));
    stream.drop("fin");
    assertEquals(hex(await readBytes(testee, 1)), "01");
    assertEquals(await testee.read(new Uint8Array(1)), null);
  });
  await withTcpPair(async ({ stream, testee }) => {
    stream.drop("reset");
    await assertRejects(() => testee.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
    assertEquals(await stream.write(unhex("01")), false);
  });
});

Deno.test("stream: its closing takes no longer than a moment when the testee does nothing", async () => {
  await withTcpPair(async ({ stream }) => {
    const begun = performance.now();
    stream.drop("fin");
    await stream.closed;
    assertEquals(performance.now() - begun < 2000, true);
  });
});

Deno.test("stream: what came before a write failed can still be read", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    await stream.write(new Uint8Array(10));
    await testee.write(unhex("880203ea"));
    // With bytes that were not read, the closing is a reset.
    testee.close();
    while (await stream.write(new Uint8Array(10)));
    await end;
    assertEquals(bytes.map(hex).join(""), "880203ea");
  });
});

Deno.test("stream: paused, it lets the testee wait", async () => {
  await withTcpPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    stream.pause(true);
    const filled = await fillUp(testee);
    assertEquals(filled.blocked, true);
    stream.pause(false);
    const sent = await filled.sent;
    testee.closeWrite();
    assertEquals(await end, undefined);
    assertEquals(lengthOf(bytes), sent);
  });
});
