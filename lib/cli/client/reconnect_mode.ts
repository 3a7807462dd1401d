/**
 * `--reconnect`: one conversation across connections.
 *
 * @module
 */
import type { ConnectOptions } from "../../client/connect.ts";
import { describeCause } from "../../client/reconnecting/cause.ts";
import type { ReconnectingEnd } from "../../client/reconnecting/end.ts";
import {
  reconnecting,
  type ReconnectingConnection,
} from "../../client/reconnecting/reconnecting.ts";
import type { StateChange } from "../../client/reconnecting/state_watch.ts";
import type { ClientFlags } from "./client_flags.ts";
import type { Conversation } from "./conversation.ts";
import type { Presenter } from "./events.ts";
import { inFlagWords } from "./flag_words.ts";
import { ReconnectingRemote, type Remote, type RemoteEnd } from "./remote.ts";

/** The most that waits for a connection, in bytes: more than the longest line of input. */
const QUEUE_BYTES = 64 * 1024 * 1024;

/** What is needed to keep a conversation going. */
export interface ReconnectParts {
  readonly url: string;
  readonly settings: Omit<ConnectOptions, "handlers" | "signal" | "streaming">;
  readonly flags: ClientFlags;
  readonly conversation: Conversation;
  readonly presenter: Presenter;
}

/**
 * Begins to connect, and hands what comes to the conversation.
 *
 * @throws {TypeError} or {RangeError} when the URL or an option is wrong.
 */
export function keepConnecting(parts: ReconnectParts): Remote {
  const { url, settings, flags: { attempts, backoff }, conversation, presenter } = parts;
  const connection = reconnecting(url, {
    ...settings,
    handlers: { ...conversation.handlers, close: () => conversation.onLost() },
    // A message waits for the connection; the next is not read before it has left.
    queue: { maxBytes: QUEUE_BYTES },
    ...(attempts === undefined ? {} : { maxAttempts: attempts }),
    ...(backoff === undefined ? {} : { backoff }),
    onStateChange: (change) => tellWaiting(change, presenter),
  });
  pump(connection, conversation);
  return new ReconnectingRemote(connection);
}

function tellWaiting({ state, delay = 0, cause }: StateChange, presenter: Presenter): void {
  if (state !== "waiting" || cause === undefined) return;
  presenter.show({ type: "waiting", delay, cause: inFlagWords(describeCause(cause)) });
}

async function pump(
  connection: ReconnectingConnection,
  conversation: Conversation,
): Promise<void> {
  try {
    for await (const data of connection) {
      const waiting = conversation.take(data);
      if (waiting !== undefined) await waiting;
    }
  } catch {
    // Why it ended is told by `closed`.
  }
  conversation.end(endOf(await connection.closed));
}

/** Whoever ends it while there is no connection is told why there is none. */
function endOf({ cause }: ReconnectingEnd): RemoteEnd {
  if (cause === undefined) return { kind: "ended" };
  if (cause.kind === "closed") return { kind: "closed", event: cause.event };
  return { kind: "failed", error: cause.error };
}
