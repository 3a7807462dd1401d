/** Pipelines through the client command: 100 MB arrive whole, in memory that does not grow. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { serve, type Server } from "../../../lib/server/serve.ts";
import type { Connection } from "../../../lib/connection/connection.ts";

const ROOT = decodeURIComponent(new URL("../../../", import.meta.url).pathname);
const DENO = Deno.execPath();

/** The memory is measured with calls of Linux. */
const ignore = Deno.build.os !== "linux";

/**
 * The most memory that a client may take, in KiB. The runtime alone takes half of it; with the
 * bytes of the pipeline on top it would be far more.
 */
const MOST_MEMORY = 160 * 1024;

/** Starts the client command such that the memory that it took is told in the end. */
function start(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(DENO, {
    args: ["run", "--no-prompt", "--allow-ffi", "--allow-run"].concat(
      `${ROOT}tests/support/peak_memory.ts`,
      [DENO, "run", "--frozen", "--no-prompt", "--v8-flags=--max-old-space-size=64"],
      ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`, `${ROOT}client.ts`, ...args],
    ),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Whoever connects to /in is heard by whoever has connected to /out. */
function relay(): { server: Server; listener: Promise<Connection> } {
  const listener = Promise.withResolvers<Connection>();
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: {
      "/in": {
        maxMessageBytes: 1 << 24,
        message: async (_, data) => await (await listener.promise).send(data),
        close: async () => void (await listener.promise).close(),
      },
      "/out": { open: listener.resolve },
    },
  });
  return { server, listener: listener.promise };
}

/** Writes pieces to a stream and closes it; gives how much that was, and the hash of it. */
async function feed(
  stream: WritableStream<Uint8Array>,
  pieces: Iterable<Uint8Array>,
): Promise<{ length: number; hash: string }> {
  const writer = stream.getWriter();
  const hash = createHash("sha256");
  let length = 0;
  for (const piece of pieces) {
    hash.update(piece);
    length += piece.length;
    await writer.write(piece);
  }
  await writer.close();
  return { length, hash: hash.digest("hex") };
}

/** Reads a stream to its end, with a rest of a second in which all before it has to wait. */
async function drain(
  stream: ReadableStream<Uint8Array>,
): Promise<{ length: number; hash: string }> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const piece of stream) {
    if (length === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    hash.update(piece);
    length += piece.length;
  }
  return { length, hash: hash.digest("hex") };
}

async function assertFrugal(child: Deno.ChildProcess): Promise<void> {
  const [{ code }, errors] = await Promise.all([
    child.status,
    new Response(child.stderr).text(),
  ]);
  assertEquals(code, 0, errors);
  assertMatch(errors, /peak memory: \d+ KiB\n$/);
  const peak = Number(/peak memory: (\d+)/.exec(errors)?.[1]);
  assert(peak < MOST_MEMORY, `a client took ${peak} KiB`);
}

/** Lines of different lengths, `bytes` of them at least. */
function* lines(bytes: number): Generator<Uint8Array> {
  let index = 0;
  for (let length = 0; length < bytes;) {
    let text = "";
    while (text.length < 65_536) text += `${index} ${"潮汐 tide ".repeat(index++ % 40)}\n`;
    const piece = new TextEncoder().encode(text);
    length += piece.length;
    yield piece;
  }
}

/** Bytes of all values, `bytes` of them at least. */
function* noise(bytes: number): Generator<Uint8Array> {
  for (let length = 0; length < bytes; length += 65_536) {
    yield crypto.getRandomValues(new Uint8Array(65_536));
  }
}

/** What goes through, and with which flag. */
const FLOWS: [flag: string, pieces: () => Iterable<Uint8Array>][] = [
  ["--plain", () => lines(50_000_000)],
  ["--binary", () => noise(100_000_000)],
];

for (const [flag, pieces] of FLOWS) {
  Deno.test({
    name: `client: client ${flag} | server | client ${flag}`,
    ignore,
    fn: async () => {
      const { server, listener } = relay();
      await using _ = server;
      const receiver = start([`${server.url}out`, flag, "--no-exit-on-eof", "--no-compress"]);
      await receiver.stdin.close();
      const received = drain(receiver.stdout);
      await listener;
      const sender = start([`${server.url}in`, flag, "--no-compress"]);
      const sent = feed(sender.stdin, pieces());
      sent.catch(() => {}); // why a client ended early is told below
      const nothing = drain(sender.stdout);
      await Promise.all([assertFrugal(sender), assertFrugal(receiver)]);
      assertEquals(await received, await sent);
      assert((await sent).length >= 50_000_000);
      assertEquals((await nothing).length, 0);
    },
  });
}
