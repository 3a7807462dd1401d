/** A process or a worker ends while a server on the epoll engine waits on another thread. */
import { assertEquals } from "@std/assert";
import { linuxTest } from "../../support/linux.ts";

const SCRIPT = decodeURIComponent(new URL("ending.ts", import.meta.url).pathname);
const ROOT = decodeURIComponent(new URL("../../../", import.meta.url).pathname);

/** Ends a server, and tells how the process ended and what it said. */
async function end(how: string): Promise<{ code: number; said: string[]; error: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "--no-prompt", "--no-check", "--allow-net=127.0.0.1"]
      .concat("--allow-ffi", `--allow-read=${ROOT}`, SCRIPT, how),
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code: output.code,
    said: text(output.stdout).trim().split("\n"),
    error: text(output.stderr),
  };
}

linuxTest("epoll ending: Deno.exit ends the process", async () => {
  assertEquals(await end("exit"), { code: 7, said: ["hello"], error: "" });
});

linuxTest(
  "epoll ending: an uncaught error ends the process",
  async () => {
    const { code, said, error } = await end("throw");
    assertEquals([code, said, error.split("\n")[0]], [
      1,
      ["hello"],
      "error: Uncaught (in promise) Error: uncaught",
    ]);
  },
);

linuxTest("epoll ending: a worker that is terminated leaves the process unharmed", async () => {
  assertEquals(await end("worker"), { code: 0, said: ["hello", "lives on"], error: "" });
});
