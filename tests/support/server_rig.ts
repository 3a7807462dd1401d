/**
 * A server whose books lie open, for tests: who holds a place, what failed, what opened, and
 * how it ended.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import type { CloseEvent, EngineName } from "../../lib/connection/transport.ts";
import { openEngine } from "../../lib/engine/open.ts";
import type {
  EngineServer,
  FetchHandler,
  ListenOptions,
  TlsOptions,
} from "../../lib/engine/host.ts";
import { type Admission, AdmissionControl } from "../../lib/server/admission.ts";
import { shutDown } from "../../lib/server/drain.ts";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import type { Gate } from "../../lib/server/gate.ts";
import { createGate } from "../../lib/server/options.ts";
import { closePayload, RawPeer } from "./raw_peer.ts";

/** How long anything may take that should come at once, in milliseconds. */
const PATIENCE = 20_000;

/** How a {@linkcode ServerRig} is set up. */
export interface RigOptions {
  /** @default {"codec"} */
  readonly engine?: EngineName;
  /** What is served at every path that no route has. @default an echo */
  readonly endpoint?: Endpoint;
  /** @default {{}} */
  readonly routes?: Readonly<Record<string, Endpoint>>;
  readonly fetch?: FetchHandler;
  readonly tls?: TlsOptions;
  /** @default {10_000} */
  readonly handshakeTimeout?: number;
  readonly maxConnections?: number;
  readonly perIp?: number;
  /** Takes the errors in place of `errors`. */
  readonly onError?: (error: unknown) => void;
}

/** Answers every message with itself. */
export const ECHO: Endpoint = { message: (connection, data) => connection.send(data) };

/** A server on a free port of the loopback address. */
export class ServerRig implements AsyncDisposable {
  readonly gate: Gate;
  readonly server: EngineServer;
  /** What the server was told of as an error. */
  readonly errors: unknown[] = [];
  /** Connections that have opened, all of them. */
  readonly opened: Connection[] = [];
  readonly #admission: AdmissionControl;
  readonly #closes: CloseEvent[] = [];
  #changed = Promise.withResolvers<void>();
  #down: Promise<void> | undefined;

  constructor(options: RigOptions = {}) {
    const { engine = "codec", endpoint = ECHO, fetch, tls, maxConnections, perIp = 0 } = options;
    const { routes = {}, handshakeTimeout, onError } = options;
    this.#admission = new AdmissionControl({ maxConnections, perIp });
    const watched = Object.entries(routes).map(([path, route]) => [path, this.#watch(route)]);
    this.gate = createGate({
      websocket: this.#watch(endpoint),
      routes: Object.fromEntries(watched),
      onError: onError ?? ((error) => this.errors.push(error)),
      ...(handshakeTimeout === undefined ? {} : { handshakeTimeout }),
    }, { admission: { admit: (address) => this.#admit(address) }, fetch });
    const listen: ListenOptions = {
      hostname: "127.0.0.1",
      port: 0,
      ...(tls === undefined ? {} : { tls }),
    };
    this.server = openEngine(engine, listen, this.gate);
  }

  /** The port that was given. */
  get port(): number {
    return (this.server.address as Deno.NetAddr).port;
  }

  /** How many connections hold a place. */
  get places(): number {
    return this.#admission.connections;
  }

  /** Waits until so many connections hold a place, and as many addresses as may be remembered. */
  async untilPlaces(count: number): Promise<void> {
    await this.#until(() => this.places === count, () => `${this.places} places, not ${count}`);
    assertEquals(this.gate.connections.size <= count, true);
    if (count === 0) assertEquals(this.#admission.addresses, 0);
  }

  /** Waits until so many connections have opened. */
  async untilOpened(count: number): Promise<void> {
    await this.#until(() => this.opened.length >= count, () => `${this.opened.length} opened`);
  }

  /** The next close event, in the order they came, without what cannot be compared. */
  async nextClose(): Promise<{ code: number; wasClean: boolean; error: string | undefined }> {
    await this.#until(() => this.#closes.length > 0, () => "no connection has closed");
    const { code, wasClean, error } = this.#closes.shift()!;
    const id = error !== undefined && "code" in error ? String(error.code) : error?.message;
    return { code, wasClean, error: id };
  }

  /** Forgets what has opened, closed and failed. */
  forget(): void {
    this.opened.length = 0;
    this.errors.length = 0;
    this.#closes.length = 0;
  }

  /** Fails unless a new connection opens, echoes and closes, all at once. */
  async assertEchoes(): Promise<void> {
    const before = this.places;
    await using peer = await RawPeer.open(this.port);
    await assertEcho(peer);
    await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
    assertEquals((await peer.readFrame()).opcode, 8);
    await peer.readToEnd();
    await peer[Symbol.asyncDispose]();
    await this.untilPlaces(before);
    assertEquals(await this.nextClose(), { code: 1000, wasClean: true, error: undefined });
  }

  /** Shuts the server down, once. */
  shutdown(deadline: number): Promise<void> {
    this.#down ??= shutDown(this, { deadline });
    return this.#down;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown(100);
  }

  #admit(address: string | undefined): Admission {
    const admission = this.#admission.admit(address);
    if (admission.kind === "refused") return admission;
    this.#notify();
    const release = () => {
      admission.release();
      this.#notify();
    };
    return { kind: "admitted", release };
  }

  #watch(endpoint: Endpoint): Endpoint {
    return {
      ...endpoint,
      open: (connection) => {
        this.opened.push(connection);
        this.#notify();
        return endpoint.open?.(connection);
      },
      close: (connection, event) => {
        this.#closes.push(event);
        this.#notify();
        return endpoint.close?.(connection, event);
      },
    };
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #until(holds: () => boolean, describe: () => string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`Too late: ${describe()}`)), PATIENCE);
    try {
      while (!holds()) await Promise.race([this.#changed.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Fails unless what is sent comes back at once. */
export async function assertEcho(peer: RawPeer, text = "echo?"): Promise<void> {
  await peer.sendMasked({ opcode: 1, payload: text });
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, new TextDecoder().decode(payload)], [1, text]);
}
