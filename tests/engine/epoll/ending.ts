/**
 * A server on the epoll engine whose process, or worker, ends while it serves. It tells when it
 * has echoed, and, of a worker, that the process lives on.
 *
 * Usage: ending.ts <exit | throw | worker>
 *
 * @module
 */
import { serve } from "../../../lib/server/serve.ts";

/** Serves an echo, and gives the port. */
function listen(): number {
  const server = serve({
    port: 0,
    engine: "epoll",
    websocket: { message: (connection, data) => connection.send(data) },
  });
  return (server.address as Deno.NetAddr).port;
}

async function echo(port: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await new Promise((resolve) => socket.onopen = resolve);
  const answer = new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
  socket.send("hello");
  console.log((await answer).data);
  // The other thread waits by the time that this is over.
  await new Promise((resolve) => setTimeout(resolve, 30));
}

async function end(how: string | undefined): Promise<void> {
  if (how === "worker") {
    const worker = new Worker(import.meta.url, { type: "module" });
    const { data } = await new Promise<MessageEvent>((resolve) => worker.onmessage = resolve);
    await echo(data);
    worker.terminate();
    // Longer than the thread of the worker may still wait.
    await new Promise((resolve) => setTimeout(resolve, 700));
    console.log("lives on");
    Deno.exit(0);
  }
  await echo(listen());
  if (how === "exit") Deno.exit(7);
  throw new Error("uncaught");
}

if (import.meta.main && !("postMessage" in globalThis)) await end(Deno.args[0]);
else (globalThis as unknown as Worker).postMessage(listen());
