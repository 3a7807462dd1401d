/**
 * The client command as a process, with someone at the other end.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { serve, type ServeOptions, type Server } from "../../../lib/server/serve.ts";
import {
  type HeadChanges,
  type RawHead,
  RawListener,
  type RawPeer,
} from "../../support/raw_peer.ts";
import { CommandProcess, type ProcessOptions } from "../command_process.ts";

/** What a run of the client command leaves behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How it is run. */
export interface RunOptions extends ProcessOptions {
  /** What is on standard input, up to its end. @default nothing */
  readonly input?: string | Uint8Array;
}

/** Runs the client command to its end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { input = "", ...rest } = options;
  await using client = new CommandProcess("client.ts", args, rest);
  // A client that has ended reads no more.
  if (input.length > 0) await client.write(input).catch(() => {});
  await client.end().catch(() => {});
  const code = await client.exitCode();
  return { code, stdout: client.stdout, stderr: client.stderr };
}

/** The client command with an open connection, and a server by hand. */
export interface Pair extends AsyncDisposable {
  readonly client: CommandProcess;
  readonly peer: RawPeer;
  readonly port: number;
  /** The request of the client. */
  readonly request: RawHead;
}

/** Starts the client command against a server by hand, and opens the WebSocket. */
export async function converse(
  args: readonly string[] = [],
  { changes, ...options }: ProcessOptions & { changes?: HeadChanges } = {},
): Promise<Pair> {
  const listener = await RawListener.listen();
  const { port } = listener;
  const client = new CommandProcess("client.ts", [`ws://127.0.0.1:${port}/`, ...args], options);
  const gone = client.exitCode().then(() => {
    throw new Error(`The client did not connect: ${client.stderr}`);
  });
  gone.catch(() => {});
  const peer = await Promise.race([listener.accept(), gone]);
  const request = await peer.acceptUpgrade(changes);
  return {
    client,
    peer,
    port,
    request,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** Reads the next data or close frame, answering pings; gives its opcode and payload. */
export async function nextFrame(
  peer: RawPeer,
): Promise<{ opcode: number; payload: Uint8Array; text: string }> {
  for (;;) {
    const { opcode, payload } = await peer.readFrame();
    if (opcode === 10) continue;
    if (opcode !== 9) return { opcode, payload, text: new TextDecoder().decode(payload) };
    await peer.send({ opcode: 10, payload });
  }
}

/** Reads text messages. */
export async function readTexts(peer: RawPeer, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { opcode, text } = await nextFrame(peer);
    assertEquals(opcode, 1);
    texts.push(text);
  }
  return texts;
}

/** Reads up to the close frame and answers it; gives its code and reason. */
export async function answerClose(peer: RawPeer): Promise<{ code: number; reason: string }> {
  let frame = await nextFrame(peer);
  while (frame.opcode !== 8) frame = await nextFrame(peer);
  const { payload } = frame;
  await peer.send({ opcode: 8, payload });
  await peer.halfClose();
  const code = (payload[0] ?? 0) << 8 | (payload[1] ?? 0);
  return { code, reason: new TextDecoder().decode(payload.subarray(2)) };
}

/** An echo server on loopback. */
export function echoServer(options: ServeOptions = {}): Server {
  return serve({
    hostname: "127.0.0.1",
    port: 0,
    engine: "codec",
    websocket: {
      maxMessageBytes: 16 * 1024 * 1024,
      message: (connection, data) => connection.send(data),
    },
    ...options,
  });
}

/** A new folder within reach of the tests, and the permission for the client to write there. */
export function scratchFolder(): { path: string; grant: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return {
    path,
    grant: `--allow-write=${path}`,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}
