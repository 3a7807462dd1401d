/**
 * What our commands use of `jsr:@std/http`, with the same names and signatures.
 *
 * `deno.json` maps `@std/http` to this file. Where JSR can be reached, that one line can name
 * the JSR package instead; nothing else changes.
 *
 * @module
 */
import { STATUS_CODES } from "node:http";

/** Status codes by name (RFC 9110 §15, RFC 6585): those that our commands send. */
export const STATUS_CODE = {
  /** RFC 9110 §15.2.2 */
  SwitchingProtocols: 101,
  /** RFC 9110 §15.3.1 */
  OK: 200,
  /** RFC 9110 §15.4.5 */
  NotModified: 304,
  /** RFC 9110 §15.5.1 */
  BadRequest: 400,
  /** RFC 9110 §15.5.4 */
  Forbidden: 403,
  /** RFC 9110 §15.5.5 */
  NotFound: 404,
  /** RFC 9110 §15.5.6 */
  MethodNotAllowed: 405,
  /** RFC 9110 §15.5.22 */
  UpgradeRequired: 426,
  /** RFC 6585 §4 */
  TooManyRequests: 429,
  /** RFC 9110 §15.6.1 */
  InternalServerError: 500,
  /** RFC 9110 §15.6.4 */
  ServiceUnavailable: 503,
} as const;

/** One of the codes in {@linkcode STATUS_CODE}. */
export type StatusCode = typeof STATUS_CODE[keyof typeof STATUS_CODE];

/** The reason phrase of each code, for example `STATUS_TEXT[404]` is `"Not Found"`. */
export const STATUS_TEXT: Readonly<Record<StatusCode, string>> = Object.fromEntries(
  Object.values(STATUS_CODE).map((code) => [code, STATUS_CODES[code]]),
) as Record<StatusCode, string>;

/** Options of {@linkcode serveFile}. */
export interface ServeFileOptions {
  /** What `Deno.stat` has said about the file, where the caller knows already. */
  fileInfo?: Deno.FileInfo;
}

/** Content types of the files that a page is made of. Others are sent without a type. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ["css", "text/css; charset=UTF-8"],
  ["html", "text/html; charset=UTF-8"],
  ["ico", "image/vnd.microsoft.icon"],
  ["js", "text/javascript; charset=UTF-8"],
  ["json", "application/json; charset=UTF-8"],
  ["png", "image/png"],
  ["svg", "image/svg+xml"],
  ["txt", "text/plain; charset=UTF-8"],
  ["webp", "image/webp"],
]);

/**
 * Makes a response from a file: 200 with its bytes; 304 when the request's `If-None-Match` or
 * `If-Modified-Since` says that they are known; 404 when there is no such file; 405 for methods
 * other than GET and HEAD. Ranges are not offered.
 *
 * @param req The request; its method and conditions are read.
 * @param filePath The file. It is opened as it stands: nothing of the request may be in it unchecked.
 * @throws {Deno.errors.NotCapable} When there is no permission to read the file.
 */
export async function serveFile(
  req: Request,
  filePath: string,
  options?: ServeFileOptions,
): Promise<Response> {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return plainResponse(STATUS_CODE.MethodNotAllowed, { allow: "GET, HEAD" });
  }
  const info = options?.fileInfo ?? await statFile(filePath);
  if (info === undefined || !info.isFile) return plainResponse(STATUS_CODE.NotFound);

  const headers = new Headers();
  const type = CONTENT_TYPES.get(filePath.slice(filePath.lastIndexOf(".") + 1).toLowerCase());
  if (type !== undefined) headers.set("content-type", type);
  if (info.mtime !== null) {
    // Weak, because two changes within a tick of the file system's clock cannot be told apart.
    headers.set("etag", `W/"${info.size.toString(16)}-${info.mtime.getTime().toString(16)}"`);
    headers.set("last-modified", info.mtime.toUTCString());
  }
  if (isKnown(req.headers, headers)) {
    headers.delete("content-type");
    return new Response(null, { status: STATUS_CODE.NotModified, headers });
  }
  headers.set("content-length", String(info.size));
  if (req.method === "HEAD") return new Response(null, { headers });
  const file = await Deno.open(filePath);
  return new Response(file.readable, { headers });
}

async function statFile(filePath: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(filePath);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** RFC 9110 §13.2.2: `If-Modified-Since` counts only without `If-None-Match`. */
function isKnown(request: Headers, response: Headers): boolean {
  const etag = response.get("etag");
  const modified = response.get("last-modified");
  if (etag === null || modified === null) return false;
  const ifNoneMatch = request.get("if-none-match");
  if (ifNoneMatch !== null) {
    // RFC 9110 §13.1.2: the comparison is weak, so the prefix does not count.
    const opaque = etag.slice("W/".length);
    return ifNoneMatch.split(",").some((tag) => {
      const trimmed = tag.trim();
      return trimmed === "*" || trimmed.replace(/^W\//, "") === opaque;
    });
  }
  // A date that cannot be read is NaN, and no comparison with it holds (RFC 9110 §13.1.3).
  return Date.parse(modified) <= Date.parse(request.get("if-modified-since") ?? "");
}

function plainResponse(status: StatusCode, headers: HeadersInit = {}): Response {
  const statusText = STATUS_TEXT[status];
  return new Response(statusText, { status, statusText, headers });
}
