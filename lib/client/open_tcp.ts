/**
 * Opens a TCP connection to a host by whichever of its addresses works first.
 *
 * @module
 */
import { closeQuietly, sendAtOnce } from "../engine/codec/byte_stream.ts";
import { closingOnThrow, unlessAborted } from "./abort.ts";
import { addressesOf, type AddressSource, authority, type HostPort } from "./addresses.ts";
import { ConnectError, errorText } from "./connect_error.ts";
import {
  type AddressFailure,
  raceAddresses,
  RaceError,
  type RaceResult,
} from "./happy_eyeballs.ts";
import type { PhaseReporter } from "./phases.ts";
import { RuntimeStream } from "../engine/codec/runtime_stream.ts";

/** How a TCP connection is opened. */
export interface TcpOptions {
  /** Who is at the other end, for messages. */
  readonly host: string;
  readonly to: "server" | "proxy";
  /** Cuts it short. */
  readonly signal: AbortSignal;
  readonly report: PhaseReporter;
  /** Who knows the addresses. @default the system */
  readonly addresses?: AddressSource;
}

/**
 * Connects to a host.
 *
 * @throws {ConnectError} with `ERR_UNREACHABLE` and what was tried.
 * @throws {Deno.errors.NotCapable} when a permission is missing.
 */
export async function openTcp(
  target: HostPort,
  options: TcpOptions,
): Promise<RuntimeStream<Deno.TcpConn>> {
  const { host, to, signal, report } = options;
  const addresses = await addressesFor(target, options);
  if (addresses !== undefined && addresses[0] !== target.hostname) {
    report({ phase: "resolve", host: target.hostname, addresses });
  }
  const { winner, failures } = await raced(target, addresses ?? [target.hostname], {
    host,
    signal,
  });
  sendAtOnce(winner);
  const stream = new RuntimeStream(winner);
  closingOnThrow(stream, () => {
    report({ phase: "connect", to, address: stream.remoteAddress, failures });
  });
  return stream;
}

async function addressesFor(
  target: HostPort,
  { host, signal, addresses }: TcpOptions,
): Promise<readonly string[] | undefined> {
  try {
    return await unlessAborted(addressesOf(target, addresses), signal);
  } catch (error) {
    throw unreachable(`${host} cannot be reached: ${lookUpFault(error)}`, { cause: error });
  }
}

/** What is wrong with the name, without the names of system calls. */
function lookUpFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return "the name does not resolve";
  if (code === "EAI_AGAIN") return "the name cannot be looked up at present";
  return errorText(error);
}

/** Connects to the first that works of `names`: IP addresses, or the host itself. */
async function raced(
  { hostname, port }: HostPort,
  names: readonly string[],
  { host, signal }: { host: string; signal: AbortSignal },
): Promise<RaceResult<Deno.TcpConn>> {
  try {
    return await raceAddresses(names, {
      connect: (address, signal) => connect({ hostname: address, port }, signal),
      dispose: closeQuietly,
      signal,
    });
  } catch (error) {
    if (!(error instanceof RaceError)) throw error;
    const { failures } = error;
    // A missing permission is the caller's to mend, and its own message says how.
    const denied = failures.find(({ error }) => error instanceof Deno.errors.NotCapable);
    if (denied !== undefined) throw denied.error;
    const [first] = failures;
    const alone = failures.length === 1 && first?.address === hostname;
    const reason = alone ? errorText(first.error) : describe(failures, port);
    const cause = failures.length === 1 ? first?.error : failures.map(({ error }) => error);
    throw unreachable(`${host} cannot be reached: ${reason}`, { cause, failures });
  }
}

/** Connects over TCP, and stops connecting when `signal` fires. */
async function connect(target: HostPort, signal: AbortSignal): Promise<Deno.TcpConn> {
  const stop = new AbortController();
  const connecting = Deno.connect({ ...target, signal: stop.signal });
  return await unlessAborted(connecting, signal, {
    stop: () => stop.abort(),
    dispose: closeQuietly,
  });
}

function describe(failures: readonly AddressFailure[], port: number): string {
  return failures.map(({ address, error }) =>
    `${authority({ hostname: address, port })}: ${errorText(error)}`
  ).join("; ");
}

/** The error when nothing answers at `target`, whatever that is. */
export function unreachable(
  reason: string,
  options: { cause: unknown; failures?: readonly AddressFailure[] },
): ConnectError {
  return new ConnectError("ERR_UNREACHABLE", `Cannot open the connection: ${reason}`, options);
}
