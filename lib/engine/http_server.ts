/**
 * `Deno.serve` as both engines need it: it listens again when the runtime gave up for want of
 * descriptors, and stopping it takes no longer than it may.
 *
 * @module
 */
import type { Refusal } from "../protocol/handshake/response.ts";
import { Backoff } from "./backoff.ts";
import { type ListenOptions, SERVER_ERROR, SHUTTING_DOWN } from "./host.ts";

/** How long connections may take to be gone once they were cut, in milliseconds. */
const GRACE = 500;

/** What an {@linkcode HttpServer} depends on. */
export interface HttpServerParts {
  /** Answers a request that came from `address`. */
  readonly answer: (request: Request, address: Deno.Addr) => Response | Promise<Response>;
  /** Told of what fails; must not throw. */
  readonly onError: (error: unknown) => void;
  /**
   * Whether an upgrade was answered that has not opened. If its client is gone, which nobody
   * tells, the runtime's own shutdown would wait for it for ever.
   * @default () => false
   */
  readonly isOpening?: () => boolean;
}

/** One `Deno.serve`. */
interface Run {
  readonly server: Deno.HttpServer<Deno.Addr>;
  readonly controller: AbortController;
  /** It has answered something, so connections may be open. */
  used: boolean;
  /** It accepts no more connections; those that are open live on. */
  failed: boolean;
}

/** Serves HTTP until it is stopped. */
export class HttpServer {
  /** Where it listens. */
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #parts: HttpServerParts;
  readonly #listen: ListenOptions;
  readonly #runs = new Set<Run>();
  /** The requests under way; each function answers one in place of its handler. */
  readonly #requests = new Set<() => void>();
  readonly #backoff = new Backoff();
  readonly #aborted = Promise.withResolvers<void>();
  #isAborted = false;
  #stopping = false;
  #shuttingDown = false;
  /** Settles when no request is under way. */
  #quiet: PromiseWithResolvers<void> | undefined;

  /** Listens at once. */
  constructor(listen: ListenOptions, parts: HttpServerParts) {
    this.#parts = parts;
    const { server } = this.#run(listen);
    this.address = server.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#listen = "port" in this.address && "port" in listen
      ? { ...listen, port: this.address.port }
      : listen;
  }

  /**
   * Lets the requests that are under way finish and answers new ones with 503. Once `drained`
   * has settled, it accepts no more connections: the runtime would close WebSockets first.
   */
  async stop(drained: Promise<unknown> = Promise.resolve()): Promise<void> {
    this.#stopping = true;
    this.#backoff.stop();
    await drained;
    await Promise.race([this.#whenQuiet(), this.#aborted.promise]);
    if (this.#parts.isOpening?.() === true) this.abort();
    if (this.#isAborted) {
      await Promise.allSettled([...this.#runs].map(({ server }) => server.finished));
      return;
    }
    // Not earlier: from now on the runtime lets nobody cut what is left.
    this.#shuttingDown = true;
    const down = Promise.allSettled([...this.#runs].map(({ server }) => server.shutdown()));
    await Promise.race([down, this.#aborted.promise]);
    await settled(down, GRACE);
  }

  /** Cuts what is left, as far as the runtime can; `stop` settles soon. */
  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    for (const cut of this.#requests) cut();
    if (!this.#shuttingDown) {
      for (const run of this.#runs) cutRun(run);
    }
    this.#aborted.resolve();
  }

  #run(listen: ListenOptions): Run {
    const controller = new AbortController();
    const common = {
      signal: controller.signal,
      onListen: () => {},
      onError: (error: unknown) => {
        this.#parts.onError(error);
        return responseOf(SERVER_ERROR);
      },
    };
    const answer = (request: Request, info: Deno.ServeHandlerInfo<Deno.Addr>) => {
      run.used = true;
      return this.#answer(request, info);
    };
    const server = "path" in listen
      ? Deno.serve({ ...common, path: listen.path }, answer)
      : Deno.serve({ ...common, ...address(listen) }, answer);
    const run: Run = { server, controller, used: false, failed: false };
    this.#runs.add(run);
    server.finished.catch((error) => this.#onFailed(run, error));
    return run;
  }

  /** The runtime stopped accepting, for want of descriptors: it has to listen anew. */
  async #onFailed(run: Run, error: unknown): Promise<void> {
    run.failed = true;
    // Where nothing was answered, no WebSocket is open that shutting down would close.
    if (!run.used && this.#runs.delete(run)) void run.server.shutdown();
    this.#parts.onError(error);
    while (await this.#backoff.wait()) {
      try {
        return void this.#run(this.#listen);
      } catch (error) {
        this.#parts.onError(error);
      }
    }
  }

  async #answer(request: Request, info: Deno.ServeHandlerInfo<Deno.Addr>): Promise<Response> {
    if (this.#stopping) return lastResponse();
    this.#backoff.reset();
    const { promise, resolve } = Promise.withResolvers<Response>();
    const cut = () => resolve(lastResponse());
    this.#requests.add(cut);
    const end = () => this.#end(cut);
    info.completed.then(end, end);
    return await Promise.race([this.#parts.answer(request, info.remoteAddr), promise]);
  }

  #end(request: () => void): void {
    this.#requests.delete(request);
    if (this.#requests.size === 0) this.#quiet?.resolve();
  }

  #whenQuiet(): Promise<void> {
    this.#quiet ??= Promise.withResolvers();
    if (this.#requests.size === 0) this.#quiet.resolve();
    return this.#quiet.promise;
  }
}

function address(listen: Extract<ListenOptions, { port: number }>) {
  const { hostname, port, tls = {} } = listen;
  return { hostname, port, ...tls };
}

function cutRun({ server, controller, failed }: Run): void {
  // The runtime cannot abort a server that has failed.
  if (failed) void server.shutdown();
  else controller.abort();
}

/** Whoever still asks is to ask elsewhere. */
function lastResponse(): Response {
  const response = responseOf(SHUTTING_DOWN);
  response.headers.set("Connection", "close");
  return response;
}

function responseOf({ status, message, headers = [] }: Refusal): Response {
  return new Response(message, {
    status,
    headers: [...headers].map(([name, value]) => [name, value]),
  });
}

async function settled(promise: Promise<unknown>, time: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, time);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
