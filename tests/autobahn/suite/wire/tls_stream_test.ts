/**
 * Byte streams over TLS on loopback.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { hex, unhex } from "../../../support/hex.ts";
import { fillUp, lengthOf, listenTo, readBytes, withTlsPair } from "../stream_rig.ts";

Deno.test("TLS stream: bytes go both ways, and the testee's end is the end", async () => {
  await withTlsPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    assertEquals(await stream.write(unhex("0102")), true);
    assertEquals(hex(await readBytes(testee, 2)), "0102");
    await testee.write(unhex("0304"));
    await testee.closeWrite();
    assertEquals(await end, undefined);
    assertEquals(bytes.map(hex).join(""), "0304");
    assertEquals(await stream.write(unhex("05")), true);
    assertEquals(hex(await readBytes(testee, 1)), "05");
  });
});

Deno.test("TLS stream: what comes before anybody listens is kept, and so is the end", async () => {
  await withTlsPair(async ({ stream, testee }) => {
    await testee.write(unhex("05"));
    await testee.closeWrite();
    stream.endWriting();
    await stream.closed;
    const { bytes, end } = listenTo(stream);
    assertEquals(await end, undefined);
    assertEquals(bytes.map(hex), ["05"]);
  });
});

Deno.test("TLS stream: writes that do not wait for each other keep their order", async () => {
  await withTlsPair(async ({ stream, testee }) => {
    const sent = Uint8Array.from({ length: 300_000 }, (_, at) => at * 31 % 253);
    const cuts = [0, 1, 100, 100_000, 100_001, sent.length];
    const writes = cuts.slice(1).map((to, index) => stream.write(sent.subarray(cuts[index], to)));
    stream.endWriting();
    assertEquals(hex(await readBytes(testee, sent.length)) === hex(sent), true);
    assertEquals(await testee.read(new Uint8Array(1)), null);
    assertEquals(await Promise.all(writes), writes.map(() => true));
    assertEquals(await stream.write(unhex("01")), false);
  });
});

Deno.test("TLS stream: paused, it lets the testee wait, and loses nothing", async () => {
  await withTlsPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    stream.pause(true);
    const filled = await fillUp(testee);
    assertEquals(filled.blocked, true);
    assertEquals(bytes, []);
    stream.pause(false);
    const sent = await filled.sent;
    await testee.closeWrite();
    assertEquals(await end, undefined);
    assertEquals(lengthOf(bytes), sent);
  });
});

Deno.test("TLS stream: ended while paused, nothing is told any more", async () => {
  await withTlsPair(async ({ stream, testee }) => {
    const { bytes, end } = listenTo(stream);
    stream.pause(true);
    await testee.write(unhex("0102"));
    stream.drop("fin");
    stream.pause(true);
    assertEquals(await testee.read(new Uint8Array(1)), null);
    await testee.closeWrite();
    await stream.closed;
    assertEquals([await end, bytes], [undefined, []]);
  });
});

Deno.test("TLS stream: dropped, it is gone at once or after a moment, and writes no more", async () => {
  for (const how of ["fin", "reset"] as const) {
    await withTlsPair(async ({ stream }) => {
      const { end } = listenTo(stream);
      const begun = performance.now();
      stream.drop(how);
      assertEquals(await stream.write(unhex("01")), false);
      await stream.closed;
      assertEquals(await end, undefined);
      assertEquals(performance.now() - begun < 2000, true);
    });
  }
});
