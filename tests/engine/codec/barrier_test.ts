/**
 * The barrier: its answer is found in what the server says, and nothing else is.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Barrier } from "../../../lib/engine/codec/barrier.ts";
import { concat } from "../../support/hex.ts";
import { RawPeer } from "../../support/raw_peer.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the runtime makes of the answer. */
async function answerOf(barrier: Barrier): Promise<Uint8Array> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => barrier.answer(request) ?? new Response("another"),
  );
  await using peer = await RawPeer.connect(server.addr.port);
  await peer.write(barrier.request);
  return encode((await peer.readHead()).text);
}

Deno.test("barrier: the runtime's answer is found behind whatever comes before", async () => {
  const barrier = new Barrier();
  const answer = await answerOf(barrier);
  for (
    const before of ["", "H", "HTTP/1.1 204 No Content\r\nbarrier: ", "\r\n\r\n", "HHTTP/HTTP"]
  ) {
    const bytes = concat(encode(before), answer);
    assertEquals(barrier.find(bytes), before.length);
    assertEquals(barrier.isWhole(bytes.subarray(before.length)), true);
  }
});

Deno.test("barrier: an answer that is cut off is one that may be whole later", async () => {
  const barrier = new Barrier();
  const answer = await answerOf(barrier);
  const before = encode("before");
  let whole = 0;
  for (let length = 1; length <= answer.length; length++) {
    const bytes = concat(before, answer.subarray(0, length));
    assertEquals(barrier.find(bytes), before.length);
    if (barrier.isWhole(bytes.subarray(before.length))) whole ||= length;
  }
  // Up to its secret at least, and without what is not known beforehand.
  assertEquals(new TextDecoder().decode(answer.subarray(0, whole)).split("\r\n").length, 3);
});

Deno.test("barrier: what is not the answer is left alone", async () => {
  const barrier = new Barrier();
  const other = await answerOf(new Barrier());
  for (const bytes of [new Uint8Array(0), encode("HTTP/1.1 200 OK\r\n"), other]) {
    assertEquals(barrier.find(bytes), bytes.length);
  }
  assertEquals([0, 1, 10].map((length) => barrier.isWhole(other.slice(0, length))), [
    false,
    false,
    false,
  ]);
});

Deno.test("barrier: no other request is answered", () => {
  const barrier = new Barrier();
  const [target = ""] = /\/\S+/.exec(new TextDecoder().decode(barrier.request)) ?? [];
  assert(target.length > 36);
  assertNotEquals(barrier.answer(new Request(`http://barrier${target}`)), undefined);
  for (const url of [`http://barrier/`, `http://other${target}`, `http://barrier${target}/`]) {
    assertEquals(barrier.answer(new Request(url)), undefined);
  }
});
