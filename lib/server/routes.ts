/**
 * Which endpoint a path belongs to.
 *
 * @module
 */
import { checkHandlers } from "../connection/handlers.ts";
import type { ConnectionOptions, ResolvedOptions } from "../connection/options.ts";
import { resolveOptions } from "../connection/options.ts";
import { checkedSubprotocol } from "../protocol/handshake/head_writer.ts";
import type { Endpoint } from "./endpoint.ts";
import { compileOriginPolicy, type OriginCheck } from "./origin.ts";

/** An endpoint that was checked. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly options: ResolvedOptions;
  readonly isOriginAllowed: OriginCheck;
  readonly subprotocols: readonly string[];
}

/** A route, and what its pattern found in the path. */
export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The routes of a server: patterns in the order given, then the endpoint for all paths. */
export class Routes {
  readonly #patterns: { readonly pattern: URLPattern; readonly route: Route }[];
  readonly #fallback: Route | undefined;

  /**
   * Checks every endpoint.
   *
   * @throws {TypeError} or {RangeError} when an option or a pattern is wrong, naming it.
   */
  constructor(patterns: Readonly<Record<string, Endpoint>>, fallback: Endpoint | undefined) {
    const entries = Object.entries(patterns);
    if (entries.length > 0) requireUrlPattern();
    this.#patterns = entries.map(([pathname, endpoint]) => {
      if (!pathname.startsWith("/")) {
        throw new TypeError(`routes: a path must begin with "/"; got ${JSON.stringify(pathname)}`);
      }
      return { pattern: new URLPattern({ pathname }), route: routeOf(endpoint) };
    });
    this.#fallback = fallback === undefined ? undefined : routeOf(fallback);
  }

  /** Finds the endpoint for a URL. */
  match(url: URL): RouteMatch | undefined {
    for (const { pattern, route } of this.#patterns) {
      const found = pattern.exec({ pathname: url.pathname });
      if (found === null) continue;
      const groups = Object.entries(found.pathname.groups);
      return {
        route,
        params: Object.fromEntries(groups.map(([key, value]) => [key, value ?? ""])),
      };
    }
    return this.#fallback === undefined ? undefined : { route: this.#fallback, params: {} };
  }
}

/** Under `node:http` the runtime may be one that lacks it. */
function requireUrlPattern(): void {
  if ("URLPattern" in globalThis) return;
  throw new TypeError(
    "routes need URLPattern, which this runtime lacks: use Node.js 24 or later, or one endpoint " +
      'as "websocket"',
  );
}

function routeOf(endpoint: Endpoint): Route {
  const { subprotocols = [], origin = "same-origin" } = endpoint;
  const options: ConnectionOptions = endpoint;
  checkHandlers(endpoint, options);
  return {
    endpoint,
    options: resolveOptions(options),
    isOriginAllowed: compileOriginPolicy(origin),
    subprotocols: checkedSubprotocols(subprotocols),
  };
}

function checkedSubprotocols(subprotocols: readonly string[]): string[] {
  if (!Array.isArray(subprotocols)) {
    throw new TypeError(`subprotocols must be an array of tokens; got ${typeof subprotocols}`);
  }
  return subprotocols.map(checkedSubprotocol);
}
