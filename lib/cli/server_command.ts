/**
 * The server command: an echo server with a page to try it.
 *
 * @module
 */
import type { Command } from "commander";
import { Option } from "commander";
import type { ConnectionOptions } from "../connection/options.ts";
import type { TlsOptions } from "../engine/host.ts";
import type { EngineChoice } from "../engine/select.ts";
import type { OriginPolicy } from "../server/origin.ts";
import { serve, type ServeOptions, type Server } from "../server/serve.ts";
import { createProgram, parseProgram } from "./command.ts";
import {
  addCompressionFlags,
  type CompressionFlags,
  compressionOf,
  limitCompression,
} from "./compression_flags.ts";
import { echoService } from "./echo_service.ts";
import { EXIT_CODE, type ExitCode, exitCodeForSignal } from "./exit_codes.ts";
import { createLogger, type LogFormat, type Logger } from "./log.ts";
import { collectOrigins, parseByteSize, parsePort } from "./option_values.ts";
import { writeText } from "./output.ts";

/** The longest message that the echo takes, unless told otherwise, in bytes. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** The most fragments of one message: test suites send 4 MiB in pieces of 64 bytes. */
const MAX_FRAGMENTS = 100_000;

interface ServerFlags extends CompressionFlags {
  readonly port: number;
  readonly hostname: string;
  readonly engine: EngineChoice;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly unix?: string;
  readonly maxMessage?: number;
  readonly origin?: OriginPolicy;
  readonly log: LogFormat;
}

/** What is wrong with the command line, or with what it names. */
class UsageError extends Error {}

/** Runs the server command until it is told to stop; gives its exit code. */
export async function runServer(args: readonly string[]): Promise<ExitCode> {
  const program = serverProgram();
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed.code;
  const flags = program.opts<ServerFlags>();
  const log = createLogger(flags.log, (line) => void writeText(Deno.stdout, line));
  const errors = createLogger(flags.log, (line) => void writeText(Deno.stderr, line));
  let server: Server;
  limitCompression(flags);
  try {
    server = start(flags, { log, errors });
  } catch (error) {
    const { message, code } = explain(error, flags);
    errors.error(message);
    return code;
  }
  announce(server, log);
  return await runUntilSignal(server, log);
}

function serverProgram(): Command {
  const program = createProgram("server", {
    description:
      "A WebSocket echo server: what a client sends to /echo comes back. The page at / " +
      "tries it from a browser, and /healthz tells that it runs.",
    exitCodes: [
      EXIT_CODE.OK,
      EXIT_CODE.UNEXPECTED,
      EXIT_CODE.USAGE,
      EXIT_CODE.UNREACHABLE,
      EXIT_CODE.INTERRUPTED,
      EXIT_CODE.TERMINATED,
    ],
    examples: [
      "deno task serve",
      "deno task serve --port 9000 --hostname 0.0.0.0 --origin https://example.org",
      "deno task serve --tls-cert cert.pem --tls-key key.pem",
      "deno task serve:epoll --port 9000",
      "deno run --allow-read --allow-write=/run/echo.sock --allow-net=127.0.0.1,unix:/run/echo.sock \\",
      "  server.ts --unix /run/echo.sock",
    ],
  })
    .option("-p, --port <port>", "the TCP port; 0 for any that is free", parsePort, 8080)
    .option(
      "--hostname <address>",
      "the address to listen on; 0.0.0.0 for all; beyond this machine, one address may have " +
        "20 connections",
      "127.0.0.1",
    )
    .addOption(
      new Option(
        "--engine <engine>",
        "native: the runtime's WebSocket; codec: our own; epoll: our own on sockets of our own, " +
          "the fastest with small messages, for Linux with --allow-ffi; auto: native unless an " +
          "option is beyond it, as the limit on messages and compression are, which are on by " +
          "default",
      ).choices(["auto", "native", "codec", "epoll"]).default("auto"),
    )
    .option("--tls-cert <file>", "serve wss with this certificate chain (PEM)")
    .option("--tls-key <file>", "the certificate's private key (PEM)")
    .addOption(
      new Option("--unix <path>", "listen on a unix socket instead of a port")
        .conflicts(["port", "hostname", "tlsCert", "tlsKey"]),
    )
    .option(
      "--max-message <size>",
      "the longest message, such as 64KiB; not for the native engine (default: 16MiB)",
      parseByteSize,
    )
    .option(
      "--origin <origins>",
      "pages that may connect from a browser: any, same-origin, or origins such as " +
        "https://example.org; repeatable (default: same-origin)",
      collectOrigins,
    )
    .addOption(
      new Option("--log <format>", "how to log").choices(["text", "json"]).default("text"),
    )
    .allowExcessArguments(false);
  return addCompressionFlags(program, "none");
}

function start(flags: ServerFlags, { log, errors }: { log: Logger; errors: Logger }): Server {
  const server: Server = serve({
    ...listenFlags(flags),
    engine: flags.engine,
    onError: (error) => errors.error("unexpected", { error: String(error) }),
    ...echoService({
      log,
      origin: flags.origin,
      connection: connectionOptions(flags),
      server: () => server,
    }),
  });
  return server;
}

/** The native engine refuses limits and compression, so there the defaults are not asked for. */
function connectionOptions(flags: ServerFlags): ConnectionOptions {
  const native = flags.engine === "native";
  const maxMessageBytes = flags.maxMessage ?? (native ? undefined : MAX_MESSAGE);
  const compression = compressionOf(flags) ?? (native ? undefined : true);
  return {
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
    ...(native ? {} : { maxFragments: MAX_FRAGMENTS }),
    ...(compression === undefined ? {} : { compression }),
  };
}

function listenFlags(flags: ServerFlags): Pick<ServeOptions, "port" | "hostname" | "tls" | "unix"> {
  const { port, hostname, unix } = flags;
  if (unix !== undefined) return { unix };
  const tls = readTls(flags);
  return tls === undefined ? { port, hostname } : { port, hostname, tls };
}

function readTls({ tlsCert, tlsKey }: ServerFlags): TlsOptions | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined) throw new UsageError("--tls-key needs --tls-cert beside it");
  if (tlsKey === undefined) throw new UsageError("--tls-cert needs --tls-key beside it");
  return { cert: readFile("--tls-cert", tlsCert), key: readFile("--tls-key", tlsKey) };
}

function readFile(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read the file of ${option}: ${detail}`);
  }
}

/** The start-up line: where it listens, on which engine, and why. */
function announce(server: Server, log: Logger): void {
  const { address, url, engine, engineReason } = server;
  const why = { engine, reason: engineReason };
  if (!("port" in address)) return log.info(`listening at ${url}`, why);
  log.info(`listening at ${url}echo`, { ...why, page: url.replace(/^ws/, "http") });
}

async function runUntilSignal(server: Server, log: Logger): Promise<ExitCode> {
  const code = Promise.withResolvers<ExitCode>();
  let stopping = false;
  const stop = (signal: "SIGINT" | "SIGTERM") => {
    // The first signal asks; the second one does not wait for the answer.
    if (stopping) return code.resolve(exitCodeForSignal(signal));
    stopping = true;
    log.info("shutting down", { connections: server.connections.size });
    server.shutdown();
  };
  Deno.addSignalListener("SIGINT", () => stop("SIGINT"));
  Deno.addSignalListener("SIGTERM", () => stop("SIGTERM"));
  server.finished.then(() => code.resolve(EXIT_CODE.OK));
  return await code.promise;
}

function explain(error: unknown, flags: ServerFlags): { message: string; code: ExitCode } {
  const where = flags.unix ?? `${flags.hostname}:${flags.port}`;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError || error instanceof TypeError || error instanceof RangeError) {
    return { message: detail, code: EXIT_CODE.USAGE };
  }
  if (error instanceof URIError) {
    return { message: `Cannot use --hostname: ${detail}`, code: EXIT_CODE.USAGE };
  }
  if (error instanceof Deno.errors.AddrInUse) {
    const remedy = flags.unix === undefined ? "choose another with --port" : "remove it first";
    const message = `Cannot listen at ${where}: it is in use; ${remedy}`;
    return { message, code: EXIT_CODE.UNREACHABLE };
  }
  // The runtime has no class of errors for a key that belongs to another certificate.
  if (error instanceof Deno.errors.InvalidData || detail.includes("KeyMismatch")) {
    return { message: `Cannot serve TLS: ${detail}`, code: EXIT_CODE.USAGE };
  }
  if (flags.engine === "epoll" && error instanceof Deno.errors.NotCapable) {
    const message = `${detail} (deno task serve:epoll grants --allow-ffi, and the usual addresses)`;
    return { message, code: EXIT_CODE.UNREACHABLE };
  }
  const hint = error instanceof Deno.errors.NotCapable ? permissionHint(flags) : "";
  return { message: `Cannot listen at ${where}: ${detail}${hint}`, code: EXIT_CODE.UNREACHABLE };
}

/**
 * The task cannot know every address: how to run the command with the permission for this one.
 * Beside a unix socket the codec engine needs loopback, where the runtime serves plain HTTP.
 */
function permissionHint({ unix }: ServerFlags): string {
  const permissions = unix === undefined
    ? "--allow-net --allow-read"
    : `--allow-read --allow-write=${unix} --allow-net=127.0.0.1,unix:${unix}`;
  return ` (the task grants only the usual addresses: use deno run ${permissions} server.ts)`;
}
