/**
 * Testees for tests of the runner: a server that echoes, a server that does what a test says, and
 * cases of each form.
 *
 * @module
 */
import type {
  Case,
  CaseBase,
  MeasuredCase,
  RawCase,
  ScriptedCase,
} from "../../../../autobahn/suite/model/case.ts";

/** The runtime's own WebSocket server, which echoes. */
export async function withEchoServer(test: (url: URL) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") === null) return new Response("no", { status: 404 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  try {
    await test(new URL(`ws://127.0.0.1:${server.addr.port}/echo?a=b`));
  } finally {
    await server.shutdown();
  }
}

/** A server that does with each connection what the test says, and then closes it. */
export async function withRawServer(
  serve: (conn: Deno.TcpConn) => Promise<void>,
  test: (url: URL) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = (async () => {
    for await (const conn of listener) {
      serve(conn).catch(() => {}).finally(() => {
        try {
          conn.close();
        } catch {
          // It was closed already.
        }
      });
    }
  })();
  try {
    await test(new URL(`ws://127.0.0.1:${listener.addr.port}/`));
  } finally {
    listener.close();
    await running;
  }
}

/** Reads until the connection ends; what came. */
export async function readAll(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(1024);
  let total = 0;
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    total += read;
  }
  return total;
}

const BASE: Omit<CaseBase, "id"> = {
  description: "A case of a test.",
  expectation: "What the test says.",
  rule: "RFC 6455 §5",
};
const PAYLOAD = new TextEncoder().encode("hello");

/** A case that sends a text, and expects it back. */
export function echoCase(id: string, change: Partial<ScriptedCase> = {}): ScriptedCase {
  return {
    ...BASE,
    id,
    form: "scripted",
    expected: { OK: [{ type: "message", payload: PAYLOAD, binary: false }] },
    expectedClose: { closedByMe: true, closeCodes: [1000], requireClean: true },
    script: (peer) => {
      peer.send({ opcode: 1, payload: PAYLOAD });
      peer.killAfter(10_000);
    },
    ...change,
  };
}

/** A case that exchanges two messages. */
export function measuredCase(id: string, change: Partial<MeasuredCase> = {}): MeasuredCase {
  return {
    ...BASE,
    id,
    form: "measured",
    expectedClose: { closedByMe: true, closeCodes: [1000], requireClean: true },
    measure: async (peer) => {
      for (const binary of [false, true]) {
        peer.sendMessage(PAYLOAD, { binary });
        const message = await peer.nextMessage();
        if (message?.binary !== binary) return { behavior: "FAILED", result: "No echo." };
      }
      peer.sendClose(1000);
      return { behavior: "OK", result: "Both came back." };
    },
    ...change,
  };
}

/** A case without any protocol. */
export function rawCase(id: string, run: RawCase["run"]): RawCase {
  return { ...BASE, id, form: "raw", run };
}

/** The verdict of a raw case that found nothing wrong. */
export const FINE = {
  behavior: "OK",
  result: "Fine.",
  behaviorClose: "OK",
  resultClose: "Fine.",
} as const;

/** Numbers of cases. */
export function idsOf(cases: readonly Case[]): string[] {
  return cases.map(({ id }) => id);
}
