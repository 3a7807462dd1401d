/**
 * One measurement: a fresh server process, load generators beside it, and an end to both.
 *
 * @module
 */

import { EXIT } from "./load/errors.ts";
import type { IdleResult } from "./load/load.ts";
import type { EchoResult } from "./load/measurement.ts";
import { denoCommand, type Row } from "./peers.ts";
import type { Processes, Started } from "./processes.ts";
import type { Scenario, Traffic } from "./scenarios.ts";

/** A measurement that came to nothing. */
export class MeasurementError extends Error {
  /** Whether the server sent back other bytes than it should have. */
  readonly wrongEcho: boolean;

  /** Takes what happened, and the exit code of the load generator. */
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.wrongEcho = exitCode === EXIT.wrongEcho;
  }
}

/** Memory of a server process, in bytes. */
export interface IdleMemory {
  /** Resident memory for each connection of the second group. */
  bytesPerConnection: number;
  /** Resident memory with only the first group of connections open. */
  before: number;
  /** Resident memory with all connections open. */
  after: number;
}

const SETTLE_MILLISECONDS = 1500;

/** Measures the echo throughput of a server. */
export async function measureEcho(
  processes: Processes,
  row: Row,
  { scenario, seconds }: { scenario: Scenario; seconds: number },
): Promise<EchoResult> {
  return await withServer(processes, row, async ({ port, pid }) => {
    const { connections, deflate } = scenario;
    const load = await processes.run([
      ...loadCommand("echo", port, connections),
      ...messageFlags(scenario),
      ...(deflate ? ["--deflate"] : []),
      ...["--seconds", `${seconds}`, "--server-pid", `${pid}`],
    ]);
    if (load.code !== 0) throw new MeasurementError(load.stderr.trim(), load.code);
    return JSON.parse(load.stdout) as EchoResult;
  });
}

/** How many connections, and what happened on them. */
export interface IdleOptions {
  connections: number;
  /** Compressed messages that were sent and received. @default undefined: none */
  traffic?: Traffic;
  /** Whether they may be compressed with context takeover. @default false */
  takeover?: boolean;
}

/**
 * Measures the resident memory that idle connections cost a server. The first fifth of the
 * connections is opened before the first look, so that one-off costs are not counted.
 */
export async function measureIdle(
  processes: Processes,
  row: Row,
  { connections, traffic, takeover }: IdleOptions,
): Promise<IdleMemory> {
  return await withServer(processes, row, async ({ port, pid }) => {
    const first = Math.ceil(connections / 5);
    const second = connections - first;
    const groups: { count: number; load: Started }[] = [];
    const memory: number[] = [];
    try {
      for (const count of [first, second]) {
        // As many messages in either group: a heap that grows with them has grown at the first look.
        const repeats = Math.ceil((traffic?.batches ?? 0) * second / count);
        const flags = traffic === undefined ? [] : [
          ...messageFlags(traffic),
          ...["--batches", `${repeats}`, "--deflate"],
          ...(takeover ? ["--takeover"] : []),
        ];
        const load = await processes.start([...loadCommand("idle", port, count), ...flags]);
        groups.push({ count, load });
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));
        memory.push(await residentBytes(processes, pid));
      }
      for (const { count, load } of groups) {
        const { open } = JSON.parse(await load.finish()) as IdleResult;
        if (open !== count) throw new MeasurementError(`${count - open} connections were closed`);
      }
    } finally {
      for (const { load } of groups) await load.stop();
    }
    const [before = 0, after = 0] = memory;
    return { bytesPerConnection: (after - before) / second, before, after };
  });
}

function loadCommand(mode: "echo" | "idle", port: string, connections: number): string[] {
  const program = denoCommand(["--no-config", "--allow-ffi"], "load/load.ts");
  return [...program, mode, "--port", port, "--connections", `${connections}`];
}

function messageFlags({ inFlight, bytes }: Pick<Scenario, "inFlight" | "bytes">): string[] {
  return ["--in-flight", `${inFlight}`, "--bytes", `${bytes}`];
}

/** The number of files that a process started from here may open. */
export async function openFilesLimit(processes: Processes): Promise<number> {
  const limits = await readProc(processes, "self/limits");
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  return soft === undefined || soft === "unlimited" ? Infinity : Number(soft);
}

/** The load average of the last minute. */
export async function loadAverage(processes: Processes): Promise<number> {
  return parseFloat(await readProc(processes, "loadavg"));
}

/** Deno gives /proc only to a process with all permissions; `cat` needs no more than itself. */
async function readProc(processes: Processes, path: string): Promise<string> {
  return (await processes.run(["cat", `/proc/${path}`])).stdout;
}

async function residentBytes(processes: Processes, pid: number): Promise<number> {
  // "status" counts in kB; "statm" would count in pages, whose size differs between machines.
  const status = await readProc(processes, `${pid}/status`);
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new MeasurementError("the server ended");
  return Number(kilobytes) * 1024;
}

async function withServer<Result>(
  processes: Processes,
  row: Row,
  measure: (server: { port: string; pid: number }) => Promise<Result>,
): Promise<Result> {
  const server = await processes.start(row.command);
  try {
    const port = /^listening (\d+)$/.exec(server.line)?.[1];
    if (port === undefined) throw new MeasurementError(`the server printed "${server.line}"`);
    return await measure({ port, pid: server.pid });
  } finally {
    await server.stop();
  }
}
