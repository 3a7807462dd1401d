import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { openLibc } from "../../../lib/engine/epoll/open_libc.ts";
import { serve } from "../../../lib/server/serve.ts";
import { LINUX, linuxTest } from "../../support/linux.ts";

// The first two of this file: what is open already needs neither permission nor library.
Deno.test({
  name: "open libc: without --allow-ffi, serve says that the engine needs it",
  ignore: !LINUX,
  permissions: { ffi: false, net: ["127.0.0.1"] },
  fn: () => {
    const error = assertThrows(
      () => serve({ port: 0, engine: "epoll" }),
      Deno.errors.NotCapable,
      "Cannot serve on the epoll engine: it needs --allow-ffi; grant that, or " +
        'use engine "codec" or "auto"',
    );
    assert(error.cause instanceof Deno.errors.NotCapable);
  },
});

linuxTest("open libc: without the library, that is what is said", () => {
  const none = () => {
    throw new Error("Could not open library");
  };
  assertThrows(() => openLibc("linux", none), Error, "Could not open library");
});

Deno.test("open libc: elsewhere than on Linux the engine says so", () => {
  for (const os of ["darwin", "windows"]) {
    assertThrows(
      () => openLibc(os),
      TypeError,
      `Cannot serve on the epoll engine: it needs Linux, and this is ${os}; ` +
        'use engine "codec" or "auto"',
    );
  }
});

linuxTest("open libc: it is opened once", () => {
  const libc = openLibc();
  assertStrictEquals(openLibc(), libc);
  const epoll = libc.createEpoll();
  assertEquals(epoll > 2, true);
  libc.close(epoll);
});
