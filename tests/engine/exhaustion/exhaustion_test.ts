/**
 * Servers that run short of descriptors, and servers that have had thousands of connections.
 * Each runs in a process of its own, whose limits and memory are its own.
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { closePayload, RawPeer } from "../../support/raw_peer.ts";
import { assertEcho } from "../../support/server_rig.ts";

const FOLDER = decodeURIComponent(new URL(".", import.meta.url).pathname);

/** A script of this folder as a process; the C library is that of Linux. */
class Script implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;

  constructor(name: string, args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--frozen", "--no-prompt", "--no-check", "--v8-flags=--expose-gc"]
        .concat(
          "--v8-flags=--expose-gc",
          "--allow-net=127.0.0.1",
          "--allow-ffi",
          `${FOLDER}${name}`,
          args,
        ),
      env: { DENO_NO_UPDATE_CHECK: "1" }, // which opens descriptors when it likes
      stdout: "piped",
      stdin: "null",
    }).spawn();
    this.#lines = lines(this.#child.stdout);
  }

  /** The next line of its output; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  /** Its exit code. */
  async exitCode(): Promise<number> {
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#lines.return(undefined);
    await this.#child.status;
  }
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const whole = text.split("\n");
    text = whole.pop() ?? "";
    yield* whole;
  }
}

const LINUX = Deno.build.os === "linux";
/** More than enough for the process and a few connections. */
const DESCRIPTORS = 60;

for (const engine of ["codec", "epoll", "native"]) {
  Deno.test({
    name:
      `exhaustion: short of descriptors, the ${engine} engine keeps what is open and comes back`,
    ignore: !LINUX,
    fn: async () => {
      await using server = new Script("scarce_server.ts", [engine, String(DESCRIPTORS)]);
      const port = Number((await server.next())?.replace("port ", ""));
      await using witness = await RawPeer.open(port);
      await using plain = await RawPeer.connect(port);
      await assertPlain(plain);
      const flood = await Promise.all(
        Array.from({ length: 2 * DESCRIPTORS }, () => RawPeer.connect(port).catch(() => undefined)),
      );
      const error = await server.next();
      assert(error?.startsWith("error ") && error.includes("os error 24"), error);
      await assertEcho(witness);
      await assertPlain(plain);
      for (const peer of flood) await peer?.[Symbol.asyncDispose]();
      await assertServesAgain(port);
      await assertEcho(witness);
    },
  });

  Deno.test({
    name: `exhaustion: thousands of connections leave nothing behind on the ${engine} engine`,
    ignore: !LINUX,
    fn: async () => {
      const rounds = 6;
      const ways = engine === "native" ? 11 : 12;
      await using script = new Script("cycles.ts", [engine, String(rounds), "60"]);
      const seen: Round[] = [];
      for (let line = await script.next(); line !== undefined; line = await script.next()) {
        seen.push(JSON.parse(line));
      }
      assertEquals([await script.exitCode(), seen.length], [0, rounds]);
      for (const { places, connections, unexpected } of seen) {
        assertEquals({ places, connections, unexpected }, {
          places: 0,
          connections: 0,
          unexpected: [],
        });
      }
      // The first rounds fill caches and compile.
      const [from, to] = [seen[2]!, seen.at(-1)!];
      const cycles = (rounds - 3) * ways * 60;
      assertLess(to.descriptors - from.descriptors, 10);
      // A connection that stays costs thousands.
      assertLess((to.heap - from.heap) / cycles, 500, "bytes of heap a connection");
    },
  });
}

Deno.test({
  name: "exhaustion: a listener of the epoll engine that cannot be made leaves nothing behind",
  ignore: !LINUX,
  fn: async () => {
    await using script = new Script("scarce_listener.ts", []);
    const seen: unknown[] = [];
    for (let line = await script.next(); line !== undefined; line = await script.next()) {
      seen.push(JSON.parse(line));
    }
    const scarce = { error: "Error: Too many open files (os error 24)", left: 0 };
    // It needs a socket, an epoll set and a signal.
    assertEquals(seen, [scarce, scarce, scarce, { left: 0 }]);
    assertEquals(await script.exitCode(), 0);
  },
});

/** What cycles.ts tells after a round. */
interface Round {
  readonly descriptors: number;
  readonly places: number;
  readonly connections: number;
  readonly heap: number;
  readonly unexpected: readonly string[];
}

/** Asks for plain HTTP on a connection that is kept alive. */
async function assertPlain(peer: RawPeer): Promise<void> {
  await peer.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals((await peer.readHead()).startLine, "HTTP/1.1 200 OK");
  assertEquals(new TextDecoder().decode(await peer.readBytes(5)), "plain");
}

/** New connections are served again, within the time that backing off may take. */
async function assertServesAgain(port: number): Promise<void> {
  for (const deadline = performance.now() + 5000;;) {
    try {
      await using peer = await RawPeer.open(port);
      await assertEcho(peer);
      await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
      await using plain = await RawPeer.connect(port);
      return await assertPlain(plain);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
