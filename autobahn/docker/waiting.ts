/**
 * Waiting for the programs of a run: never longer than they live, or than the run may take.
 *
 * @module
 */
import type { ProgramProcess } from "./program_process.ts";

/** A program of the run failed; the message says which, and where its output is. */
export class RunError extends Error {
  override readonly name: string = "RunError";
}

/** A port that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Resolves when something accepts connections at the port, while the programs run. */
export async function accepts(
  port: number,
  programs: readonly ProgramProcess[],
  options: WaitOptions,
): Promise<void> {
  const given = new AbortController();
  try {
    await firstOf(tryToConnect(port, given.signal), programs, options);
  } finally {
    given.abort();
  }
}

async function tryToConnect(port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What ends a wait. */
export interface WaitOptions {
  /** The file to name when something goes wrong. */
  readonly log: string;
  readonly signal: AbortSignal;
}

/** Waits for `promise`, unless one of the programs ends before, or `signal` fires. */
export async function firstOf<T>(
  promise: Promise<T>,
  programs: readonly ProgramProcess[],
  { log, signal }: WaitOptions,
): Promise<T> {
  const given = Promise.withResolvers<never>();
  const onAbort = () => given.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", onAbort);
  try {
    const ends = programs.map(async ({ name, ended }) => {
      const code = await ended;
      throw new RunError(`${name} ended too early, with ${code}: see ${log}`);
    });
    return await Promise.race([promise, given.promise, ...ends]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits until `program` has ended with 0, while the others go on. */
export async function succeeds(
  program: ProgramProcess,
  others: readonly ProgramProcess[],
  options: WaitOptions,
): Promise<void> {
  const code = await firstOf(program.ended, others, options);
  if (code !== 0) throw new RunError(`${program.name} failed with ${code}: see ${options.log}`);
}
