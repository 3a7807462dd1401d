/**
 * Cookies of a client, as far as opening a WebSocket goes (RFC 6265). Which cookies go where,
 * and for how long, is the store's to know: the library brings none, and any will do.
 *
 * @module
 */
import { wrongType } from "../connection/numbers.ts";
import { asciiLowerCase } from "../protocol/handshake/grammar.ts";
import type { HeaderField, HeaderList } from "../protocol/handshake/header_list.ts";
import { unlessAborted } from "./abort.ts";

/**
 * Where cookies are kept. The URLs are http or https ones, since those are what stores know, and
 * have no credentials. A jar of the npm package tough-cookie is made into one like this:
 *
 * ```ts ignore
 * const cookies: CookieStore = {
 *   get: (url) => jar.getCookieString(url.href),
 *   set: async (url, lines) => {
 *     for (const line of lines) await jar.setCookie(line, url.href, { ignoreError: true });
 *   },
 * };
 * ```
 */
export interface CookieStore {
  /** The value of `Cookie` for a request, such as `a=1; b=2`; empty for none. */
  get(url: URL): string | undefined | Promise<string | undefined>;
  /** Takes the values of all `Set-Cookie` fields of a response, be it 101 or a refusal. */
  set(url: URL, setCookie: readonly string[]): unknown;
}

/** Checks that a store can do what it has to. */
export function checkCookieStore(store: unknown): void {
  if (typeof store !== "object" || store === null) throw wrongType("cookies", "an object", store);
  for (const name of ["get", "set"]) {
    const method: unknown = Reflect.get(store, name);
    if (typeof method !== "function") throw wrongType(`cookies.${name}`, "a function", method);
  }
}

/**
 * The fields of a request with the cookies that a store has for it. There is one `Cookie` field
 * at most (RFC 6265 §5.4): those that were given go first in it.
 */
export async function withCookies(
  fields: readonly HeaderField[],
  { store, url, signal }: { store: CookieStore | undefined; url: URL; signal: AbortSignal },
): Promise<readonly HeaderField[]> {
  if (store === undefined) return fields;
  const stored = await unlessAborted(Promise.resolve(store.get(cookieUrl(url))), signal);
  if (stored === undefined || stored === "") return fields;
  if (typeof stored !== "string") throw wrongType("What cookies.get gives", "a string", stored);
  const isCookie = ([name]: HeaderField) => asciiLowerCase(name) === "cookie";
  const given = fields.filter(isCookie).map(([, value]) => value);
  const value = [...given, stored].join("; ");
  return [...fields.filter((field) => !isCookie(field)), ["Cookie", value]];
}

/** Gives a store the cookies of a response. */
export async function storeCookies(
  headers: HeaderList,
  { store, url, signal }: { store: CookieStore | undefined; url: URL; signal: AbortSignal },
): Promise<void> {
  const lines = headers.getAll("set-cookie");
  if (store === undefined || lines.length === 0) return;
  await unlessAborted(Promise.resolve(store.set(cookieUrl(url), lines)), signal);
}

function cookieUrl(url: URL): URL {
  const plain = new URL(url);
  plain.protocol = url.protocol === "wss:" ? "https:" : "http:";
  plain.username = "";
  plain.password = "";
  return plain;
}
