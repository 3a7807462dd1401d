/**
 * Shutting down without harm: every connection is closed with 1001, not all at the same
 * moment, and the whole takes no longer than it may.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import { delay } from "../connection/numbers.ts";
import type { EngineServer } from "../engine/host.ts";
import { CloseCode, encodeClose } from "../protocol/close_codes.ts";
import type { Gate } from "./gate.ts";

/** One batch of connections is closed every so many milliseconds. */
const BATCH_INTERVAL = 20;
/** The part of the time allowed over which the closing is spread. */
const SPREAD = 1 / 6;
/** Fewer connections than this are closed at once. */
const SMALL_BATCH = 100;

/** How a server is shut down. */
export interface ShutdownOptions {
  /** Milliseconds after which whatever is left is cut. @default 30000 */
  deadline?: number;
  /** The reason in the close frames. @default "the server is shutting down" */
  reason?: string;
}

/** What is shut down. */
export interface ShutdownParts {
  readonly gate: Pick<Gate, "drain" | "connections">;
  readonly server: Pick<EngineServer, "stop" | "abort">;
}

/**
 * Lets nobody in any more, waits for what is under way, and cuts what is left.
 *
 * @throws {TypeError} or {RangeError} at once, with nothing begun, when an option is wrong.
 */
export function shutDown(parts: ShutdownParts, options: ShutdownOptions): Promise<void> {
  const deadline = delay("deadline", options.deadline, { default: 30_000, from: 0 });
  const { reason = "the server is shutting down" } = options;
  encodeClose(CloseCode.GOING_AWAY, reason); // for its errors
  return finish(parts, { deadline, reason });
}

async function finish({ gate, server }: ShutdownParts, options: DrainOptions): Promise<void> {
  gate.drain();
  const drained = drainConnections(gate.connections, options);
  const stopped = server.stop(drained);
  const timer = setTimeout(() => void server.abort(), options.deadline);
  await drained;
  await stopped;
  clearTimeout(timer);
  await server.abort();
}

/** How a drain is done. */
export interface DrainOptions {
  /** Milliseconds until whatever is left is cut. */
  readonly deadline: number;
  /** The reason in the close frames. */
  readonly reason: string;
}

/** Closes all connections and waits for their ends, until the deadline. */
export async function drainConnections(
  connections: ReadonlySet<Connection>,
  { deadline, reason }: DrainOptions,
): Promise<void> {
  const all = [...connections];
  const expired = Promise.withResolvers<void>();
  const timer = setTimeout(expired.resolve, deadline);
  try {
    await Promise.race([closeAll(all, { deadline, reason }), expired.promise]);
  } finally {
    clearTimeout(timer);
  }
  for (const connection of connections) {
    if (connection.capabilities.destroy) connection.destroy();
  }
}

async function closeAll(all: readonly Connection[], options: DrainOptions): Promise<void> {
  const batches = Math.max(1, Math.floor(options.deadline * SPREAD / BATCH_INTERVAL));
  const size = Math.max(SMALL_BATCH, Math.ceil(all.length / batches));
  for (let first = 0; first < all.length; first += size) {
    if (first > 0) await new Promise((resolve) => setTimeout(resolve, BATCH_INTERVAL));
    for (const connection of all.slice(first, first + size)) {
      connection.close(CloseCode.GOING_AWAY, options.reason);
    }
  }
  await Promise.all(all.map((connection) => connection.closed));
}
