/**
 * What tests need of the C library: the limit on descriptors, and which of them are open.
 *
 * @module
 */

/** Linux on every processor that Deno runs on. */
const RLIMIT_NOFILE = 7;
const F_GETFD = 1;

const libc = Deno.dlopen("libc.so.6", {
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  fcntl: { parameters: ["i32", "i32"], result: "i32" },
});

/** Allows descriptors below `limit` only, from now on; it can be changed up to `highest`. */
export function limitDescriptors(limit: number, highest = limit): void {
  const limits = new BigUint64Array([BigInt(limit), BigInt(highest)]);
  if (libc.symbols.setrlimit(RLIMIT_NOFILE, limits) !== 0) throw new Error("setrlimit failed");
}

/** How many descriptors below `limit` are open. */
export function openDescriptors(limit: number): number {
  let count = 0;
  for (let descriptor = 0; descriptor < limit; descriptor++) {
    if (libc.symbols.fcntl(descriptor, F_GETFD) !== -1) count++;
  }
  return count;
}
