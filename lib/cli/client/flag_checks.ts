/**
 * What each flag alone cannot show: flags that need others, and what the URL leaves no sense to.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import { UsageError } from "../usage_error.ts";
import type { ClientFlags } from "./client_flags.ts";

/** The schemes of URLs that are taken. */
const SCHEMES: readonly string[] = ["ws:", "wss:", "http:", "https:"];

/**
 * Checks what was given together; `url` is `undefined` where none was given.
 *
 * @throws {UsageError} when flags need others, or leave no sense to an argument.
 */
export function checkTogether(flags: ClientFlags, url: string | undefined): void {
  const { wait, one, count, attempts, backoff, reconnect, listen } = flags;
  if (wait !== undefined && !one && count === undefined) {
    throw new UsageError("--wait needs --one or --count beside it");
  }
  if ((attempts !== undefined || backoff !== undefined) && !reconnect) {
    throw new UsageError("--attempts and --backoff need --reconnect beside them");
  }
  if (url === undefined) return;
  if (listen !== undefined) {
    throw new UsageError("--listen takes no URL: the clients connect to it");
  }
  checkUrl(url);
  checkUser(url, flags);
}

/** What else is wrong with a URL, `connect` says. The message repeats no URL with a password. */
function checkUrl(url: string): void {
  if (/\p{Cc}/u.test(url)) return;
  if (/^wss?\+unix:/i.test(url)) {
    throw new UsageError("Cannot take the URL: give --unix the socket, and a URL with ws: or wss:");
  }
  const { protocol } = URL.parse(url) ?? {};
  if (protocol !== undefined && SCHEMES.includes(protocol)) return;
  // "localhost:8080" is a URL too, whose scheme is "localhost:".
  if (!/:\/\/|@/.test(url) && URL.canParse(`ws://${url}`)) {
    const suggestion = printableText(`ws://${url}`);
    throw new UsageError(`Cannot take the URL: it has no scheme; did you mean ${suggestion}?`);
  }
  if (protocol === undefined) return;
  throw new UsageError(
    `Cannot take the URL: its scheme must be ws: or wss:, or http: or https: for the same; ` +
      `got ${protocol}`,
  );
}

/** A user name in the URL becomes `Authorization`, which can stand in a request only once. */
function checkUser(url: string, { basicAuth, header = [] }: ClientFlags): void {
  const { username, password } = URL.parse(url) ?? { username: "", password: "" };
  if (username === "" && password === "") return;
  const byHeader = header.some(([name]) => name.toLowerCase() === "authorization");
  const flag = basicAuth !== undefined ? "--basic-auth" : byHeader ? "--header" : undefined;
  if (flag === undefined) return;
  throw new UsageError(`${flag} and the URL both say who logs in; leave one of them out`);
}
