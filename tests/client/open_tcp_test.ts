import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import { openTcp } from "../../lib/client/open_tcp.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import { RawListener } from "../support/raw_peer.ts";
import { StalledPort } from "./stalled_port.ts";

/** A port at which IPv4 is served, while over IPv6 connecting takes for ever. */
async function blackHole(): Promise<AsyncDisposable & { listener: RawListener }> {
  while (true) {
    const listener = await RawListener.listen();
    try {
      const stalled = await StalledPort.create({ hostname: "::1", port: listener.port });
      return {
        listener,
        [Symbol.asyncDispose]: async () => {
          await stalled[Symbol.asyncDispose]();
          await listener[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await listener[Symbol.asyncDispose]();
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

Deno.test("tcp: where IPv6 leads nowhere, IPv4 is there a quarter of a second later", async () => {
  await using hole = await blackHole();
  const { listener } = hole;
  const phases: ConnectPhase[] = [];
  const opening = connect(`ws://localhost:${listener.port}/`, {
    onPhase: (phase) => phases.push(phase),
  });
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  const connection = await opening;
  const connected = phases.find(({ phase }) => phase === "connect");
  const resolved = phases.find(({ phase }) => phase === "resolve");
  const duration = (connected?.time ?? 0) - (resolved?.time ?? 0);
  assert(duration >= 245 && duration < 2000, `${duration} ms`);
  assertEquals(connection.remoteAddress.hostname, "127.0.0.1");
  connection.destroy();
  await connection.closed;
});

Deno.test("tcp: the signal and the timeout end all attempts at once", async () => {
  await using hole = await blackHole();
  await using stalled = await StalledPort.create({ port: 0 });
  for (const { port } of [hole.listener, stalled]) {
    const controller = new AbortController();
    const opening = connect(`ws://localhost:${port}/`, { signal: controller.signal });
    const caught = opening.catch((error) => error);
    setTimeout(() => controller.abort("enough"), 30);
    assertEquals(await caught, "enough");
  }
  const slow = () => connect(`ws://127.0.0.1:${stalled.port}/`, { timeout: 50 });
  assertEquals((await assertRejects(slow, ConnectError)).code, "ERR_TIMEOUT");
});

Deno.test("tcp: the error tells all addresses that were tried", async () => {
  let port: number;
  {
    await using listener = await RawListener.listen();
    port = listener.port;
  }
  const error = await assertRejects(() => connect(`wss://localhost:${port}/`), ConnectError);
  assertEquals(error.code, "ERR_UNREACHABLE");
  assertEquals(
    error.message,
    `Cannot open the connection: localhost:${port} cannot be reached: [::1]:${port}: ` +
      `Connection refused; 127.0.0.1:${port}: Connection refused`,
  );
  assertEquals(error.failures.map(({ address }) => address), ["::1", "127.0.0.1"]);
  for (const { error: below } of error.failures) {
    assert(below instanceof Deno.errors.ConnectionRefused);
  }
  assert(Array.isArray(error.cause));
});

Deno.test({
  name: "tcp: with a permission for the name alone, the runtime looks the name up",
  permissions: { net: ["localhost", "127.0.0.1:0"] },
  fn: async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const phases: ConnectPhase[] = [];
    const opening = connect(`ws://localhost:${port}/`, {
      onPhase: (phase) => phases.push(phase),
    });
    const caught = opening.catch((error) => error);
    const peer = await listener.accept();
    peer.close();
    listener.close();
    assertEquals((await caught).code, "ERR_STREAM");
    const [first] = phases;
    assert(first?.phase === "connect");
    assertEquals(first.address, { transport: "tcp", hostname: "127.0.0.1", port });

    const error = await assertRejects(() => connect(`ws://localhost:${port}/`), ConnectError);
    assertEquals(
      error.message,
      `Cannot open the connection: localhost:${port} cannot be reached: Connection refused`,
    );
  },
});

Deno.test({
  name: "tcp: a name without a permission is refused in the runtime's own words",
  permissions: { net: ["127.0.0.1", "[::1]"] },
  fn: async () => {
    for (const host of ["localhost", "host.example"]) {
      const error = await assertRejects(
        () => connect(`ws://${host}:9/`),
        Deno.errors.NotCapable,
      );
      assertStringIncludes(error.message, `"${host}:9"`);
    }
  },
});

Deno.test("tcp: a name that does not resolve is told apart from an address that is not there", async () => {
  const rows: [code: string | undefined, message: string][] = [
    ["ENOTFOUND", "the name does not resolve"],
    ["EAI_AGAIN", "the name cannot be looked up at present"],
    [undefined, "what the system says"],
  ];
  for (const [code, message] of rows) {
    const fault = Object.assign(new Error("what the system says"), code && { code });
    const opening = openTcp({ hostname: "host.example", port: 80 }, {
      host: "host.example:80",
      to: "server",
      signal: new AbortController().signal,
      report: () => {},
      addresses: { lookUp: () => Promise.reject(fault), isGranted: () => true },
    });
    const error = await assertRejects(() => opening, ConnectError);
    assertEquals([error.code, error.cause, error.failures], ["ERR_UNREACHABLE", fault, []]);
    assertEquals(
      error.message,
      `Cannot open the connection: host.example:80 cannot be reached: ${message}`,
    );
  }
});
