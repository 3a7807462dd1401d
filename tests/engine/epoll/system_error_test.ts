import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { systemError } from "../../../lib/engine/epoll/system_error.ts";
import { linuxTest } from "../../support/linux.ts";

linuxTest("system error: the texts are those of the system", () => {
  const libc = Deno.dlopen("libc.so.6", { strerror: { parameters: ["i32"], result: "pointer" } });
  for (const errno of [1, 2, 9, 12, 13, 22, 23, 24, 28, 32, 98, 99, 103, 104, 105, 110, 113]) {
    const text = Deno.UnsafePointerView.getCString(libc.symbols.strerror(errno)!);
    assertEquals(systemError(errno).message, `${text} (os error ${errno})`);
  }
  libc.close();
});

Deno.test("system error: the kinds are those of the runtime, where it has one", () => {
  const kinds = [
    [1, Deno.errors.PermissionDenied],
    [2, Deno.errors.NotFound],
    [9, Deno.errors.BadResource],
    [13, Deno.errors.PermissionDenied],
    [22, TypeError],
    [32, Deno.errors.BrokenPipe],
    [98, Deno.errors.AddrInUse],
    [99, Deno.errors.AddrNotAvailable],
    [103, Deno.errors.ConnectionAborted],
    [104, Deno.errors.ConnectionReset],
    [110, Deno.errors.TimedOut],
  ] as const;
  for (const [errno, kind] of kinds) assertInstanceOf(systemError(errno), kind, String(errno));
  assertEquals(systemError(24).name, "Error");
});

linuxTest("system error: what the runtime says of a missing file is said just so", async () => {
  const error = await assertRejects(() => Deno.lstat("tests/engine/epoll/none"));
  assertInstanceOf(error, Deno.errors.NotFound);
  assertEquals(error.message.split(":")[0], systemError(2).message);
});

Deno.test("system error: of one that is unknown, the number is told", () => {
  assertEquals(String(systemError(4711)), "Error: System call failed (os error 4711)");
});
