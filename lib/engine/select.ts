/**
 * Which engine serves: what was asked for decides, and the reason is told.
 *
 * @module
 */
import type { ConnectionHandlers } from "../connection/handlers.ts";
import { CONNECTION_OPTION_NAMES, type ConnectionOptions } from "../connection/options.ts";
import type { EngineName } from "../connection/transport.ts";

/**
 * `"auto"` is native, unless something is asked for that only the codec can do. Epoll is taken
 * only when it is asked for.
 */
export type EngineChoice = EngineName | "auto";

/** The engine that was chosen, and why. */
export interface EngineSelection {
  /** The engine. */
  readonly engine: EngineName;
  /** One clause for people, such as `"maxMessageBytes needs it"`. */
  readonly reason: string;
}

/** The handlers that the native engine could never call. */
const CODEC_HANDLERS = ["drain", "ping", "pong", "stream"] as const;

/** Names what is asked for that only the codec engine can do. */
export function codecDemands(asked: ConnectionOptions & ConnectionHandlers): string[] {
  // That nothing is compressed, every engine can promise.
  const options = CONNECTION_OPTION_NAMES.filter((name) =>
    asked[name] !== undefined && !(name === "compression" && asked[name] === false)
  );
  const handlers = CODEC_HANDLERS.filter((name) => asked[name] !== undefined);
  return [...options, ...handlers];
}

/**
 * Chooses an engine.
 *
 * @throws {TypeError} when the choice is none, or is native and something is asked for that
 * it cannot do; the message names that.
 */
export function selectEngine(choice: EngineChoice, demands: readonly string[]): EngineSelection {
  const [first] = new Set(demands);
  switch (choice) {
    case "codec":
    case "epoll":
      return { engine: choice, reason: "asked for" };
    case "native":
      if (first === undefined) return { engine: "native", reason: "asked for" };
      throw new TypeError(
        `Cannot serve on the native engine: it cannot honour ${list(demands)}; ` +
          `use engine "codec" or "auto", or leave that out`,
      );
    case "auto":
      if (first === undefined) {
        return { engine: "native", reason: "nothing that is asked for is beyond it" };
      }
      return { engine: "codec", reason: `${list(demands)} ${needs(demands)} it` };
    default:
      throw new TypeError(
        `engine must be "auto", "native", "codec" or "epoll"; got ${String(choice)}`,
      );
  }
}

function list(names: readonly string[]): string {
  return [...new Set(names)].join(", ");
}

function needs(names: readonly string[]): string {
  return new Set(names).size === 1 ? "needs" : "need";
}
