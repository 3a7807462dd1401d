/**
 * The page at the root of the server command, from which a browser can try the echo.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { serveFile, STATUS_CODE } from "@std/http";

/** The files of the page, by the path at which each is served. Nothing else is ever opened. */
const FILES: ReadonlyMap<string, string> = new Map([
  ["/", "index.html"],
  ...[
    "app.js",
    "close_codes.js",
    "controls.css",
    "icon.svg",
    "message_log.js",
    "payload.js",
    "plot.js",
    "results.css",
    "round_trips.js",
    "session.js",
    "style.css",
  ].map((name) => [`/page/${name}`, name] as const),
]);

const FOLDER = new URL("./page/", import.meta.url);

/** A host that can stand in a security policy, where a semicolon would start a new directive. */
const PLAIN_HOST = /^[a-z0-9.\-_:[\]]+$/;

/**
 * Makes the handler that serves the page: `/` and what lies under `/page/`. Other paths are
 * answered with 404, other methods than GET and HEAD with 405.
 *
 * It needs permission to read the folder `lib/cli/page`, and nothing else. Without it, the
 * answer is 500 with a sentence that says so.
 */
export function createPageHandler(): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const name = FILES.get(url.pathname);
    const response = name === undefined
      ? new Response("Not Found", { status: STATUS_CODE.NotFound })
      : await servePageFile(request, name);
    for (const [field, value] of securityHeaders(url.host)) response.headers.set(field, value);
    return response;
  };
}

async function servePageFile(request: Request, name: string): Promise<Response> {
  try {
    return await serveFile(request, fileURLToPath(new URL(name, FOLDER)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return new Response(
      "The page cannot be shown: the server was started without --allow-read for lib/cli/page. " +
        "WebSocket connections work all the same.",
      { status: STATUS_CODE.InternalServerError },
    );
  }
}

/** The page may load its own files and talk to its own server; nothing else, and nobody may frame it. */
function securityHeaders(host: string): [field: string, value: string][] {
  // Not every browser takes 'self' to include the ws: and wss: forms of the page's own address.
  const own = PLAIN_HOST.test(host) ? ` ws://${host} wss://${host}` : "";
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${own}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return [
    ["cache-control", "no-cache"],
    ["content-security-policy", policy.join("; ")],
    // An isolated page is given a clock of 5 µs instead of 100 µs, which round trips on one
    // machine need.
    ["cross-origin-embedder-policy", "require-corp"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
  ];
}
