/**
 * The link over a real TCP connection of the runtime.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { DenoLink } from "../../../lib/engine/codec/deno_link.ts";
import { type LinkKind, testLink, withLink } from "../../support/link_over_tcp.ts";

const DENO_LINK: LinkKind = {
  name: "deno link",
  connect: async (dial) => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    const peer = await dial(listener.addr.port);
    return { link: new DenoLink(await accepted), peer, release: () => {} };
  },
};

testLink(DENO_LINK);

Deno.test("deno link: nothing leaves from within write", async () => {
  await withLink(DENO_LINK, async ({ link, collector }) => {
    assertEquals(link.write(new Uint8Array(3)), 0);
    await collector.until(() => collector.written === 3);
  });
});

Deno.test("deno link: whoever has much to say is read by larger pieces", async () => {
  await withLink(DENO_LINK, async ({ collector, peer }) => {
    const size = 1_000_000;
    for (let sent = 0; sent < size;) sent += await peer.write(new Uint8Array(size - sent));
    await collector.until(() => collector.received === size);
    assert(collector.chunks.some(({ length }) => length > 4096), "the buffer has grown");
  });
});
