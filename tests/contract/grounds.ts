/**
 * What the contract is run against: each engine over each transport that it has, with the
 * client of this library at the other end.
 *
 * @module
 */
import type { Capabilities, EngineName } from "../../lib/connection/transport.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { CODEC_CAPABILITIES } from "../../lib/engine/codec/transport.ts";
import type { FetchHandler } from "../../lib/engine/host.ts";
import { NATIVE_CAPABILITIES } from "../../lib/engine/native/transport.ts";
import type { ShutdownOptions } from "../../lib/server/drain.ts";
import type { UpgradeOptions } from "../../lib/server/options.ts";
import { serve, type ServeOptions } from "../../lib/server/serve.ts";
import { MountedServer } from "./mounted_server.ts";
import { RawClient } from "./raw_client.ts";

/** What a test serves. */
export interface GroundOptions extends UpgradeOptions {
  fetch?: FetchHandler;
}

/** A server that runs on a ground. */
export interface GroundServer extends AsyncDisposable {
  readonly connections: ReadonlySet<Connection>;
  /** Host and port as a client names them. */
  readonly host: string;
  shutdown(options?: ShutdownOptions): Promise<void>;
  /** Opens a connection to a path. */
  connect(path?: string, options?: ConnectOptions): Promise<Connection>;
  /** Opens a stream on which nothing was sent. */
  openRaw(): Promise<RawClient>;
}

/** One engine over one transport. */
export interface Ground {
  readonly name: string;
  readonly engine: EngineName;
  /** What connections are expected to be capable of. */
  readonly capabilities: Capabilities;
  readonly transport: "tcp" | "unix";
  readonly secure: boolean;
  /** Whether the library listens itself, so that plain HTTP is its business too. */
  readonly listens: boolean;
  /** Starts a server; rejects as `serve` throws. */
  serve(options: GroundOptions): Promise<GroundServer>;
}

const fixture = (name: string) =>
  Deno.readTextFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const UNIX_PATH = new URL("../../.cache/test.sock", import.meta.url).pathname;

/** How a client finds a server. */
interface Dialing {
  readonly port: number;
  readonly caCerts?: string[];
  readonly unix?: string;
}

/** What every ground's server shares: a client's way to it. */
function ground(
  server: Omit<GroundServer, "host" | "connect" | "openRaw">,
  { port, caCerts, unix }: Dialing,
): GroundServer {
  const host = unix === undefined ? `127.0.0.1:${port}` : "localhost";
  const scheme = caCerts === undefined ? "ws" : "wss";
  const dial = async (): Promise<Deno.Conn> => {
    if (unix !== undefined) return await Deno.connect({ transport: "unix", path: unix });
    if (caCerts === undefined) return await Deno.connect({ hostname: "127.0.0.1", port });
    return await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  };
  return {
    get connections() {
      return server.connections;
    },
    host,
    shutdown: (options) => server.shutdown(options),
    connect: (path = "/", options = {}) =>
      connect(`${scheme}://${host}${path}`, {
        ...options,
        ...(caCerts === undefined ? {} : { tls: { caCerts } }),
        ...(unix === undefined ? {} : { unix }),
      }),
    openRaw: async () => new RawClient(await dial()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Starts what listens itself. */
function listening(
  listen: Partial<ServeOptions>,
  dialing: Omit<Dialing, "port"> = {},
): (options: GroundOptions) => Promise<GroundServer> {
  return async (options) => {
    if (dialing.unix !== undefined) await Deno.remove(dialing.unix).catch(() => {});
    const server = serve({ ...listen, ...options });
    const port = "port" in server.address ? server.address.port : 0;
    return ground(server, { ...dialing, port });
  };
}

async function mounted(options: GroundOptions): Promise<GroundServer> {
  const server = await MountedServer.start(options);
  return ground(server, { port: server.port });
}

const CODEC = {
  engine: "codec",
  capabilities: CODEC_CAPABILITIES,
  transport: "tcp",
  secure: false,
  listens: true,
} as const;

/** All grounds. */
export const GROUNDS: readonly Ground[] = [
  {
    ...CODEC,
    name: "native over TCP",
    engine: "native",
    capabilities: NATIVE_CAPABILITIES,
    serve: listening({ engine: "native", port: 0 }),
  },
  { ...CODEC, name: "codec over TCP", serve: listening({ engine: "codec", port: 0 }) },
  {
    ...CODEC,
    name: "codec over TLS",
    secure: true,
    serve: listening(
      {
        engine: "codec",
        port: 0,
        tls: { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") },
      },
      { caCerts: [fixture("ca.pem")] },
    ),
  },
  {
    ...CODEC,
    name: "codec over a unix socket",
    transport: "unix",
    serve: listening({ engine: "codec", unix: UNIX_PATH }, { unix: UNIX_PATH }),
  },
  { ...CODEC, name: "codec in node:http", listens: false, serve: mounted },
  {
    ...CODEC,
    name: "epoll over TCP",
    engine: "epoll",
    serve: listening({ engine: "epoll", port: 0 }),
  },
  {
    ...CODEC,
    name: "epoll over a unix socket",
    engine: "epoll",
    transport: "unix",
    serve: listening({ engine: "epoll", unix: UNIX_PATH }, { unix: UNIX_PATH }),
  },
];
