/** The client command at a prompt in a pseudo-terminal, with `--listen` and `--reconnect`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TerminalProcess } from "./terminal_process.ts";

/** The pseudo-terminal is made with calls of Linux. */
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "prompt: --listen waits for the next client",
  ignore,
  fn: async () => {
    await using terminal = new TerminalProcess(["--listen", "0"]);
    await terminal.see("where it listens", (rows) => rows[0]!.startsWith("listening at "));
    const port = Number(/:(\d+)\//.exec(terminal.rows[0]!)?.[1]);
    await terminal.type("too early\r");
    await terminal.seeRow("no client is there; not sent");
    for (const name of ["first", "second"]) {
      const client = new WebSocket(`ws://127.0.0.1:${port}/`);
      const received = Promise.withResolvers<string>();
      client.onmessage = ({ data }) => received.resolve(data);
      await new Promise((resolve) => client.onopen = resolve);
      client.send(`I am the ${name}`);
      await terminal.seeRow(`recv: I am the ${name}`);
      await terminal.type(`welcome, ${name}\r`);
      assertEquals(await received.promise, `welcome, ${name}`);
      const closed = new Promise((resolve) => client.onclose = resolve);
      client.close(1000, name);
      await closed;
      await terminal.seeRow(`closed with 1000: ${name}`);
    }
    await terminal.type("\x03");
    assertEquals(await terminal.exitCode(), 130);
    assertStringIncludes(terminal.rows[0]!, "ws://127.0.0.1:");
  },
});

Deno.test({
  name: "prompt: what could not be sent is told, and why there is no connection",
  ignore,
  fn: async () => {
    const args = ["ws://127.0.0.1:1/", "--reconnect", "--backoff", "1h,1h"];
    await using terminal = new TerminalProcess(args);
    await terminal.see("the attempt", (rows) => rows.join("").includes("; next attempt in "));
    await terminal.type("hello\r/info\r");
    await terminal.seeRow("there is no connection");
    await terminal.type("\x04");
    assertEquals(await terminal.exitCode(), 6);
    const rows = terminal.rows.filter((row) => row.startsWith("client: "));
    assertEquals(rows.toSorted(), [
      "client: Cannot open the connection: 127.0.0.1:1 cannot be reached: Connection re",
      "client: not sent: the connection is closed",
    ]);
  },
});
