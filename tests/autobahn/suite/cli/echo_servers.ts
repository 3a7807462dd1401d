/** Servers of the runtime that are tested by the command: good, bad, and none at all. */

/** A server that runs. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * An echo, as the runtime has it.
 *
 * @param echo What is sent back for what came.
 */
export function startEcho(
  echo: (data: string | ArrayBuffer) => string | ArrayBuffer = (data) => data,
): TestServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(echo(data));
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/**
 * Answers the first few requests; all others get no answer until it is disposed of, and no
 * WebSocket then: the runtime may keep one for ever that opens when its client has gone.
 */
export function startStalling(answered: number): TestServer {
  const held = Promise.withResolvers<void>();
  let count = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (++count > answered) {
        await held.promise;
        return new Response(null, { status: 503 });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    },
  );
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: async () => {
      held.resolve();
      await server.shutdown();
    },
  };
}

/** The address of a port where nobody listens. */
export function nobodyAt(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `ws://127.0.0.1:${listener.addr.port}/`;
}
