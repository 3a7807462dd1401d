/**
 * Takes a terminal for its own, and becomes another program: what stands between `fork` and
 * `exec` where there is no `fork`. Called by `terminal_host.ts`.
 *
 * ```sh
 * deno run --allow-ffi tests/support/terminal_starter.ts TERMINAL PROGRAM ARGUMENTS
 * ```
 *
 * @module
 */

/** The number of Linux, the same on every processor that Deno runs on. */
const O_RDWR = 2;

const { symbols: libc } = Deno.dlopen("libc.so.6", {
  setsid: { parameters: [], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  execv: { parameters: ["buffer", "buffer"], result: "i32" },
});

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

function main([terminal = "", ...command]: readonly string[]): void {
  // The first terminal that a session opens controls it.
  libc.setsid();
  const descriptor = libc.open(cString(terminal), O_RDWR);
  if (descriptor < 0) throw new Error(`Cannot open the terminal ${terminal}`);
  for (const standard of [0, 1, 2]) libc.dup2(descriptor, standard);
  const words = command.map(cString);
  const pointers = words.map((word) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(word)));
  libc.execv(cString(command[0] ?? ""), new BigUint64Array([...pointers, 0n]));
  throw new Error(`Cannot run ${command[0]}`);
}

if (import.meta.main) main(Deno.args);
