/**
 * What an error number of the system means, as the runtime's own errors say it.
 *
 * @module
 */

/** Those that a socket of a server can meet (Linux `errno`). */
const ERRORS: Readonly<Record<number, readonly [new (message: string) => Error, string]>> = {
  9: [Deno.errors.BadResource, "Bad file descriptor"],
  13: [Deno.errors.PermissionDenied, "Permission denied"],
  23: [Error, "Too many open files in system"],
  24: [Error, "Too many open files"],
  32: [Deno.errors.BrokenPipe, "Broken pipe"],
  98: [Deno.errors.AddrInUse, "Address already in use"],
  99: [Deno.errors.AddrNotAvailable, "Cannot assign requested address"],
  103: [Deno.errors.ConnectionAborted, "Software caused connection abort"],
  104: [Deno.errors.ConnectionReset, "Connection reset by peer"],
  110: [Deno.errors.TimedOut, "Connection timed out"],
  113: [Error, "No route to host"],
};

/** The error for an error number, with a text like the runtime's. */
export function systemError(errno: number): Error {
  const [Kind, text] = ERRORS[errno] ?? [Error, "System call failed"];
  return new Kind(`${text} (os error ${errno})`);
}
