/**
 * Whether the epoll engine can serve here, and the C library if it can.
 *
 * @module
 */
import { Libc } from "./libc.ts";

const INSTEAD = 'use engine "codec" or "auto"';

let opened: Libc | undefined;

/** The C library, which is opened once; see {@linkcode loadLibc} for what is thrown. */
export function openLibc(): Libc {
  return opened ??= loadLibc();
}

/**
 * Opens the C library.
 *
 * @throws {TypeError} when the system `os` is not Linux.
 * @throws {Deno.errors.NotCapable} without `--allow-ffi`.
 * @throws {Error} when there is no such library (it is that of GNU).
 */
export function loadLibc(os: string = Deno.build.os, load = (): Libc => new Libc()): Libc {
  if (os !== "linux") {
    throw new TypeError(
      `Cannot serve on the epoll engine: it needs Linux, and this is ${os}; ${INSTEAD}`,
    );
  }
  try {
    return load();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    const message =
      `Cannot serve on the epoll engine: it needs --allow-ffi; grant that, or ${INSTEAD}`;
    throw Object.assign(new Deno.errors.NotCapable(message), { cause });
  }
}
