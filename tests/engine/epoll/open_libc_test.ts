import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { loadLibc, openLibc } from "../../../lib/engine/epoll/open_libc.ts";
import { LINUX, linuxTest } from "../../support/linux.ts";

Deno.test({
  name: "open libc: without --allow-ffi, it is said that the engine needs it",
  ignore: !LINUX,
  permissions: { ffi: false },
  fn: () => {
    const error = assertThrows(
      () => loadLibc(),
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
  assertThrows(() => loadLibc("linux", none), Error, "Could not open library");
});

Deno.test("open libc: elsewhere than on Linux the engine says so", () => {
  for (const os of ["darwin", "windows"]) {
    assertThrows(
      () => loadLibc(os),
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
