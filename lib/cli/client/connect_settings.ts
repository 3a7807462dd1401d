/**
 * The options of `connect` that the flags of the command mean.
 *
 * @module
 */
import type { ConnectOptions } from "../../client/connect.ts";
import { PROXY_VARIABLES, proxyFor } from "../../client/proxy_environment.ts";
import type { ConnectionOptions } from "../../connection/options.ts";
import { compressionOf } from "../compression_flags.ts";
import type { HeaderField } from "../option_values.ts";
import { UsageError } from "../usage_error.ts";
import type { ClientFlags, HandshakeFlags } from "./client_flags.ts";
import { environmentOf } from "./permissions.ts";
import { tlsOf } from "./tls_files.ts";

/** The longest message that is taken unless told otherwise, in bytes. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/**
 * How to connect.
 *
 * @throws {UsageError} when a file cannot be read, or flags do not go together.
 */
export function connectSettings(flags: ClientFlags): ConnectOptions {
  const { subprotocol, redirects, timeout, unix } = flags;
  const tls = tlsOf(flags);
  const proxy = unix === undefined ? proxyOf(flags) : undefined;
  return {
    ...connectionSettings(flags),
    headers: headersOf(flags),
    subprotocols: subprotocol ?? [],
    ...(redirects === undefined ? {} : { redirects }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(unix === undefined ? {} : { unix }),
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

/** How a connection behaves, whichever end opened it. */
export function connectionSettings(flags: ClientFlags): ConnectionOptions {
  const { maxMessage, pingInterval } = flags;
  return {
    maxMessageBytes: maxMessage ?? MAX_MESSAGE,
    compression: compressionOf({ ...flags, compress: flags.compress ?? true }) ?? true,
    ...(pingInterval === undefined ? {} : { heartbeat: heartbeatOf(pingInterval) }),
  };
}

function heartbeatOf(interval: number | false): NonNullable<ConnectionOptions["heartbeat"]> {
  return interval === false ? false : { interval };
}

/** The fields that flags stand for, behind those that are written out. */
function headersOf({ header = [], origin, basicAuth, cookie = [] }: HandshakeFlags): HeaderField[] {
  const given = new Set(header.map(([name]) => name.toLowerCase()));
  const fields: HeaderField[] = [...header];
  const add = (flag: string, name: string, value: string | undefined) => {
    if (value === undefined) return;
    if (given.has(name.toLowerCase())) {
      throw new UsageError(`${flag} and --header both give ${name}; leave one of them out`);
    }
    fields.push([name, value]);
  };
  add("--origin", "Origin", origin);
  add("--basic-auth", "Authorization", basicAuth);
  // All cookies stand in one field (RFC 6265 §5.4).
  add("--cookie", "Cookie", cookie.length === 0 ? undefined : cookie.join("; "));
  return fields;
}

function proxyOf({ proxy }: HandshakeFlags): ConnectOptions["proxy"] {
  if (proxy === false) return undefined;
  if (proxy !== undefined) return proxy;
  const environment = Object.fromEntries(
    PROXY_VARIABLES.map((name) => [name, environmentOf(name)]),
  );
  return (url) => proxyFor(url, environment);
}
