/**
 * How the contract is written down: a sentence and a test, run on every ground.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectError, type RefusalResponse } from "../../lib/client/connect_error.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { ConnectionError } from "../../lib/connection/errors.ts";
import type { CloseEvent } from "../../lib/connection/transport.ts";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import { type Ground, type GroundOptions, GROUNDS, type GroundServer } from "./grounds.ts";

export type { Ground, GroundServer } from "./grounds.ts";

/** Holds every ground to a part of the contract. */
export function contract(what: string, test: (ground: Ground) => Promise<void>): void {
  for (const ground of GROUNDS) Deno.test(`contract, ${ground.name}: ${what}`, () => test(ground));
}

/** Like {@linkcode contract}, where the library itself listens. */
export function contractOfListeners(what: string, test: (ground: Ground) => Promise<void>): void {
  for (const ground of GROUNDS.filter(({ listens }) => listens)) {
    Deno.test(`contract, ${ground.name}: ${what}`, () => test(ground));
  }
}

/** The two ends of a connection, and the server. */
export interface Pair extends AsyncDisposable {
  readonly server: GroundServer;
  /** The server's end. */
  readonly accepted: Connection;
  /** The client's end. */
  readonly client: Connection;
}

/** How a pair is set up. */
export interface PairOptions {
  readonly endpoint?: Endpoint;
  readonly client?: ConnectOptions;
  /** @default {"/"} */
  readonly path?: string;
}

/** Starts a server and opens a connection to it. */
export async function openPair(ground: Ground, options: PairOptions = {}): Promise<Pair> {
  const { endpoint = {}, client: connectOptions, path } = options;
  const opened = Promise.withResolvers<Connection>();
  const server = await ground.serve({
    websocket: {
      ...endpoint,
      open(connection) {
        opened.resolve(connection);
        return endpoint.open?.(connection);
      },
    },
  });
  const client = await server.connect(path, connectOptions);
  const accepted = await opened.promise;
  return {
    server,
    accepted,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** An endpoint that sends back what it gets. */
export const ECHO: Endpoint = { message: (connection, data) => connection.send(data) };

/** The close event without its error, as both ends see it. */
export function plain({ code, reason, wasClean }: CloseEvent): Omit<CloseEvent, "error"> {
  return { code, reason, wasClean };
}

/** The code of the error in a close event. */
export function errorCode({ error }: CloseEvent): string | undefined {
  return error instanceof ConnectionError ? error.code : undefined;
}

/** Asserts that an operation is refused because the engine lacks a capability. */
export async function assertNotSupported(capability: string, operation: () => unknown) {
  // Some throw and some reject.
  const error = await assertRejects(async () => await operation(), ConnectionError, capability);
  assertEquals(error.code, "ERR_NOT_SUPPORTED");
}

/** Asserts that a server does not start with what its engine cannot honour. */
export async function assertRefusesToServe(ground: Ground, options: GroundOptions, name: string) {
  await assertRejects(() => ground.serve(options), TypeError, `it cannot honour ${name};`);
}

/** Asserts that a server refuses the connection, and gives its response. */
export async function assertRefused(
  server: GroundServer,
  path: string,
  options?: ConnectOptions,
): Promise<RefusalResponse> {
  const error = await assertRejects(() => server.connect(path, options), ConnectError);
  assertEquals(error.code, "ERR_REFUSED", error.message);
  assert(error.response !== undefined);
  return error.response;
}

/** The text of a body. */
export function textOf({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

/** Bytes of which each tells its position, more or less. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at * 31 + (at >> 8);
  return bytes;
}
