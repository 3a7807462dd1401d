/**
 * Runs a program, and writes to standard error how much memory it had at most. It needs Linux and
 * `--allow-ffi`.
 *
 * ```sh
 * deno run --allow-ffi --allow-run tests/support/peak_memory.ts PROGRAM ARGUMENTS
 * ```
 *
 * @module
 */

const RUSAGE_CHILDREN = -1;
/** The size of `struct rusage`, and where in it `ru_maxrss` is: behind two times. */
const RUSAGE_BYTES = 144;
const MAXRSS_OFFSET = 32;

const { symbols: libc } = Deno.dlopen("libc.so.6", {
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
});

/** The most memory that any child which has ended had in use at a time, in KiB. */
function peakOfChildren(): bigint {
  const usage = new Uint8Array(RUSAGE_BYTES);
  if (libc.getrusage(RUSAGE_CHILDREN, usage) !== 0) throw new Error("getrusage failed");
  return new DataView(usage.buffer).getBigInt64(MAXRSS_OFFSET, true);
}

async function main([program = "", ...args]: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(program, {
    args: [...args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  console.error(`peak memory: ${peakOfChildren()} KiB`);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
