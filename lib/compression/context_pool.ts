/**
 * Contexts that wait for work. Without takeover a connection borrows one for as long as a
 * message lasts, so that a process needs as many as it has messages under way, and for most
 * of the time one.
 *
 * @module
 */
import {
  type DeflateSettings,
  openDeflateContext,
  openInflateContext,
  type ZlibContext,
} from "./zlib_context.ts";

/** How many contexts of one kind wait at most. */
export const MAX_IDLE = 4;

/** Lends contexts of one kind. */
export class ContextPool {
  readonly #open: () => ZlibContext;
  readonly #idle: ZlibContext[] = [];

  /** Takes what opens a context. */
  constructor(open: () => ZlibContext) {
    this.#open = open;
  }

  /** How many contexts wait. */
  get idle(): number {
    return this.#idle.length;
  }

  /** A context without a history. */
  take(): ZlibContext {
    return this.#idle.pop() ?? this.#open();
  }

  /** Takes a context back, which must be neither closed nor used again. */
  give(context: ZlibContext): void {
    if (this.#idle.length === MAX_IDLE) return context.close();
    context.reset();
    this.#idle.push(context);
  }
}

const deflatePools = new Map<string, ContextPool>();
const inflatePools = new Map<number, ContextPool>();

/** What tells settings from others; the same settings make the same of a message. */
export function settingsKey({ level, windowBits, memoryLevel }: DeflateSettings): string {
  return `${level}/${windowBits}/${memoryLevel}`;
}

/** The process's contexts that deflate with `settings`. */
export function deflatePool(settings: DeflateSettings): ContextPool {
  const key = settingsKey(settings);
  let pool = deflatePools.get(key);
  if (pool === undefined) {
    pool = new ContextPool(() => openDeflateContext(settings));
    deflatePools.set(key, pool);
  }
  return pool;
}

/** The process's contexts that inflate with a window of 2 to the power of `windowBits`. */
export function inflatePool(windowBits: number): ContextPool {
  let pool = inflatePools.get(windowBits);
  if (pool === undefined) {
    pool = new ContextPool(() => openInflateContext(windowBits));
    inflatePools.set(windowBits, pool);
  }
  return pool;
}
