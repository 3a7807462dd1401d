/**
 * What an error number of the system means, as the runtime's own errors say it.
 *
 * @module
 */

/** Its name among the runtime's errors, or that of one which every runtime has. */
type Kind = keyof typeof Deno.errors | "Error" | "TypeError";

/** Those that a socket of a server can meet (Linux `errno`). */
const ERRORS: Readonly<Record<number, readonly [kind: Kind, text: string]>> = {
  1: ["PermissionDenied", "Operation not permitted"],
  2: ["NotFound", "No such file or directory"],
  9: ["BadResource", "Bad file descriptor"],
  12: ["Error", "Cannot allocate memory"],
  13: ["PermissionDenied", "Permission denied"],
  22: ["TypeError", "Invalid argument"],
  23: ["Error", "Too many open files in system"],
  24: ["Error", "Too many open files"],
  28: ["Error", "No space left on device"],
  32: ["BrokenPipe", "Broken pipe"],
  98: ["AddrInUse", "Address already in use"],
  99: ["AddrNotAvailable", "Cannot assign requested address"],
  103: ["ConnectionAborted", "Software caused connection abort"],
  104: ["ConnectionReset", "Connection reset by peer"],
  105: ["Error", "No buffer space available"],
  110: ["TimedOut", "Connection timed out"],
  113: ["Error", "No route to host"],
};

/** The error for an error number, with a text like the runtime's. */
export function systemError(errno: number): Error {
  const [kind, text] = ERRORS[errno] ?? ["Error", "System call failed"];
  return new (classOf(kind))(`${text} (os error ${errno})`);
}

function classOf(kind: Kind): new (message: string) => Error {
  if (kind === "Error") return Error;
  return kind === "TypeError" ? TypeError : Deno.errors[kind];
}
