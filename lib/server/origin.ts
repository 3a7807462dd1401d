/**
 * Which web pages may open a connection: the policy for the `Origin` field of the
 * opening handshake (RFC 6455 §4.2.2 step 4, §10.2; RFC 6454 §7).
 *
 * @module
 */

/**
 * Which web pages may connect. A request without an Origin field does not come from a
 * browser and passes every policy but a function's; a request with two Origin fields
 * passes none (RFC 6454 §7.3).
 *
 * - `"same-origin"`: scheme, host and port of the Origin are those of the request. A server
 *   behind a proxy that ends TLS sees plain HTTP: name the public origin in a list instead.
 * - `"any"`: every page may connect. Then nothing but your own checks keeps a foreign page
 *   from acting with your users' cookies.
 * - a list: an Origin passes when an entry matches. An entry is
 *   - an exact origin as browsers write it, such as `"https://example.org"` or
 *     `"http://localhost:8080"`: lower case, without default port, path or trailing slash,
 *   - `"https://*.example.org"`: every host below `example.org`, at any depth, but not
 *     `example.org` itself; scheme and port must be equal,
 *   - `"same-origin"`, or
 *   - a `RegExp`, which must match the whole Origin, in lower case.
 * - a function of the Origin (`null` where there is none, the string `"null"` where the page
 *   has an opaque origin) and the Host, which returns `true` or `false`, at once.
 *
 * `Origin: null` comes from any sandboxed frame or local file. Only `"any"` and functions
 * let it pass.
 */
export type OriginPolicy =
  | "same-origin"
  | "any"
  | readonly (string | RegExp)[]
  | ((origin: string | null, host: string) => boolean);

/**
 * Says whether a request passes: all its Origin fields, its Host field (`undefined` where there
 * is none), and whether it came over TLS.
 */
export type OriginCheck = (
  origins: readonly string[],
  host: string | undefined,
  secure: boolean,
) => boolean;

/** What one request claims, in lower case. */
interface Claim {
  readonly origin: string;
  readonly host: string | undefined;
  readonly secure: boolean;
}

type Rule = (claim: Claim) => boolean;

/** A host as URLs write it: an IPv6 address in brackets, or dot-separated labels, and a port. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(\d{1,5}))?$/;

/** Labels that may stand where a wildcard entry has its star. */
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** An origin's two parts. Anything behind the host, such as a path, is in the second part. */
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s;

/** No real origin is longer; it bounds the work that a regular expression can be given. */
const MAX_ORIGIN_LENGTH = 512;

/**
 * Checks a policy and makes the function that applies it.
 *
 * The check answers `false` for every Origin that is not plainly allowed. It throws only when
 * the policy is a function: what that function throws, and a `TypeError` when it returns
 * something other than a boolean (a promise would otherwise count as true).
 *
 * ```ts
 * import { assert } from "@std/assert";
 *
 * const check = compileOriginPolicy(["same-origin", "https://*.example.org"]);
 * assert(check(["https://app.example.org"], "api.example.org", true));
 * assert(!check(["https://example.org.evil"], "api.example.org", true));
 * ```
 *
 * @param policy What may connect.
 * @returns The check to run on each opening handshake.
 * @throws {TypeError} When the policy or an entry of its list could never do what it seems to say.
 */
export function compileOriginPolicy(policy: OriginPolicy): OriginCheck {
  if (typeof policy === "function") return compileFunction(policy);
  if (policy === "any") return (origins) => origins.length <= 1;
  if (policy === "same-origin") return compileRules([isSameOrigin]);
  if (Array.isArray(policy)) return compileRules(policy.map(compileEntry));
  throw new TypeError(
    `Cannot use the origin policy ${inspect(policy)}: it must be "same-origin", "any", ` +
      `a list of origins such as ["https://example.org"], or a function`,
  );
}

function compileFunction(allow: (origin: string | null, host: string) => boolean): OriginCheck {
  return (origins, host) => {
    if (origins.length > 1) return false;
    const verdict: unknown = allow(origins[0] ?? null, host ?? "");
    if (typeof verdict !== "boolean") {
      throw new TypeError(
        `Cannot check the origin: the function must return true or false, got ${inspect(verdict)}`,
      );
    }
    return verdict;
  };
}

function compileRules(rules: readonly Rule[]): OriginCheck {
  return (origins, host, secure) => {
    const [origin] = origins;
    if (origin === undefined) return true;
    if (origins.length > 1 || origin.length > MAX_ORIGIN_LENGTH) return false;
    const claim: Claim = { origin: origin.toLowerCase(), host: host?.toLowerCase(), secure };
    return rules.some((rule) => rule(claim));
  };
}

/** RFC 6454 §5: the same scheme, host and port. The strings are compared, never parsed apart. */
function isSameOrigin({ origin, host, secure }: Claim): boolean {
  if (host === undefined || !HOST.test(host)) return false;
  const scheme = secure ? "https" : "http";
  const port = defaultPort(scheme);
  return withoutPort(origin, port) === `${scheme}://${withoutPort(host, port)}`;
}

/** The port that browsers leave out of origins of this scheme. */
function defaultPort(scheme: string): string {
  if (scheme === "https") return ":443";
  return scheme === "http" ? ":80" : "";
}

/** Takes `port` off the end. The colons within a bracketed IPv6 address stay. */
function withoutPort(value: string, port: string): string {
  return value.endsWith(port) ? value.slice(0, value.length - port.length) : value;
}

function compileEntry(entry: string | RegExp): Rule {
  if (entry instanceof RegExp) return compileRegExp(entry);
  if (typeof entry !== "string") {
    throw new TypeError(
      `Cannot use the origin ${inspect(entry)}: an entry must be a string or a RegExp`,
    );
  }
  if (entry === "same-origin") return isSameOrigin;
  if (entry === "any" || entry === "*") {
    throw new TypeError(
      `Cannot use the origin ${inspect(entry)} in a list: the policy "any", alone, allows all`,
    );
  }
  if (entry === "null") {
    throw new TypeError(
      `Cannot use the origin "null": every sandboxed page sends it; a function can allow it`,
    );
  }
  return compileString(entry);
}

/** Anchors the expression: one that matches only a part would let `https://good.com.evil` pass. */
function compileRegExp(entry: RegExp): Rule {
  const whole = new RegExp(`^(?:${entry.source})$`, entry.flags.replace(/[dgmy]/g, ""));
  return ({ origin }) => ORIGIN.test(origin) && whole.test(origin);
}

function compileString(entry: string): Rule {
  const [, scheme, rest] = ORIGIN.exec(entry.toLowerCase()) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw badEntry(entry, `it must start with a scheme, such as "https://${bareHost(entry)}"`);
  }
  if (scheme === "ws" || scheme === "wss") {
    const page = `${scheme === "wss" ? "https" : "http"}://${bareHost(rest)}`;
    throw badEntry(entry, `an origin is that of the page, such as "${page}"`);
  }
  const wildcard = rest.startsWith("*.");
  const host = wildcard ? rest.slice(2) : rest;
  const match = HOST.exec(host);
  const isName = LABELS.test(host.replace(/:\d+$/, "")) || host.startsWith("[");
  if (match === null || !isName || Number(match[1] ?? 0) > 65535) {
    const right = `${scheme}://${wildcard ? "*." : ""}${bareHost(host)}`;
    throw badEntry(entry, `it must be a scheme, a host and perhaps a port, such as "${right}"`);
  }
  const canonical = serialise(`${scheme}://${rest}`, scheme);
  if (canonical !== entry) throw badEntry(entry, `browsers write it "${canonical}"`);
  if (!wildcard) return ({ origin }) => withoutPort(origin, defaultPort(scheme)) === canonical;
  return compileWildcard(entry, { scheme, base: host });
}

function compileWildcard(entry: string, parts: { scheme: string; base: string }): Rule {
  const { scheme, base } = parts;
  const name = base.replace(/:\d+$/, "");
  // A star below a top-level domain would hand the server to everybody who can buy a name.
  if (!/^[a-z0-9_-].*\.[a-z_-][a-z0-9_-]*$/.test(name) && name !== "localhost") {
    throw badEntry(
      entry,
      `a star must stand for hosts below a domain, as in "https://*.example.org"`,
    );
  }
  const prefix = `${scheme}://`;
  const suffix = `.${base}`;
  return ({ origin }) => {
    const claimed = withoutPort(origin, defaultPort(scheme));
    return claimed.startsWith(prefix) && claimed.endsWith(suffix) &&
      LABELS.test(claimed.slice(prefix.length, -suffix.length));
  };
}

/** The one form in which browsers write an origin (RFC 6454 §6.1), so that strings can be compared. */
function serialise(origin: string, scheme: string): string {
  const port = defaultPort(scheme);
  if (port === "" || !URL.canParse(origin)) return withoutPort(origin, port);
  return new URL(origin).origin;
}

/** What is left of an entry when everything is taken away that an origin cannot have. */
function bareHost(value: string): string {
  const authority = value.replace(/^[^/]*:?\/\//, "").split(/[/?#\\]/, 1)[0] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1).replace(/^\*\./, "")
    .replace(/\.(?=$|:)/, "");
  const url = `http://${host}`;
  return URL.canParse(url) && HOST.test(new URL(url).host) ? new URL(url).host : "example.org";
}

function badEntry(entry: string, right: string): TypeError {
  return new TypeError(`Cannot use the origin ${inspect(entry)}: ${right}`);
}

function inspect(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return String(value);
}
