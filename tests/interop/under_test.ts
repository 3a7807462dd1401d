/** What is tested against the peers: our server command, our client command, our library. */
import { type CompressionOptions, connect, serve } from "../../lib/mod.ts";
import { ECHO_CHECKS } from "./checks.ts";
import type { Client, Target } from "./harness.ts";
import { ROOT } from "./paths.ts";
import { type Connection, exercise, type Row } from "./peers/exerciser.mjs";
import { type Command, Program } from "./program.ts";

/** The engines of the server command. */
export const ENGINES = ["codec", "native", "epoll"] as const;

function script(
  name: string,
  { args = [], permissions: more = [] }: { args?: string[]; permissions?: string[] } = {},
): Command {
  const permissions = [
    "--allow-net=127.0.0.1",
    `--allow-read=${ROOT}`,
    "--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE",
    ...more,
  ];
  return {
    executable: Deno.execPath(),
    args: ["run", "--frozen", "--no-prompt", ...permissions, `${ROOT}/${name}`, ...args],
  };
}

/** Starts our server command on a free port, with further flags. */
export async function startServer(
  engine: typeof ENGINES[number],
  flags: readonly string[] = [],
): Promise<{ program: Program } & Target> {
  const command = script("server.ts", {
    args: ["--hostname", "127.0.0.1", "--port", "0"],
    permissions: engine === "epoll" ? ["--allow-ffi"] : [],
  });
  const program = new Program(command, ["--engine", engine, ...flags]);
  const [url] = await program.line(/ws:\/\/127\.0\.0\.1:\d+\/echo/);
  return { program, url, checks: ECHO_CHECKS };
}

/** Starts an echo server of our library, which takes down what each connection agreed on. */
export function startEcho(
  compression: CompressionOptions | boolean,
): AsyncDisposable & { readonly url: string; readonly extensions: readonly string[] } {
  const extensions: string[] = [];
  const server = serve({
    port: 0,
    routes: {
      "/echo": {
        compression,
        open: (connection) => void extensions.push(connection.extensions),
        message: (connection, data) => connection.send(data),
      },
    },
  });
  return {
    url: `${server.url}echo`,
    extensions,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Starts our client command, with further flags. */
export function startClient(url: string, flags: readonly string[] = []): Program {
  return new Program(script("client.ts"), [url, ...flags]);
}

async function open(
  url: string,
  options: { subprotocols: string[]; compression: CompressionOptions | boolean },
): Promise<Connection> {
  const connection = await connect(url, options);
  const messages = connection[Symbol.asyncIterator]();
  return {
    protocol: connection.subprotocol,
    extensions: connection.extensions,
    send: (message) => connection.send(message),
    sendPlain: (message) => connection.send(message, { compress: false }),
    receive: async () => {
      const { value } = await messages.next();
      if (value === undefined) throw new Error("closed instead of a message");
      return value;
    },
    close: (code, reason) => connection.close(code, reason),
    closed: connection.closed,
    sendFragments: async (pieces, between) => {
      const writer = connection.sendStream(typeof pieces[0] === "string" ? "text" : "binary")
        .getWriter();
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await between();
        await writer.write(piece);
      }
      await writer.close();
    },
    ping: (payload) => connection.ping(new TextEncoder().encode(payload)),
  };
}

/** Our library as a client of the peers. */
export function libraryClient(compression: CompressionOptions | boolean): Client {
  return async (url, checks) => {
    const rows: Row[] = [];
    const task = { url, checks: [...checks] };
    await exercise(
      (url, subprotocols) => open(url, { subprotocols, compression }),
      task,
      (row) => rows.push(row),
    );
    return rows;
  };
}
