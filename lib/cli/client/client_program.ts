/**
 * The options of the client, with what `--help` says of them.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { createProgram } from "../command.ts";
import { addCompressionFlags } from "../compression_flags.ts";
import {
  collectHeaders,
  collectSubprotocols,
  parseByteSize,
  parseDuration,
} from "../option_values.ts";
import {
  collectCookies,
  parseBackoff,
  parseBasicAuth,
  parseCloseCode,
  parseCloseReason,
  parseCount,
  parseDelimiter,
  parseListenAddress,
  parsePingInterval,
  parseRedirects,
} from "./flag_values.ts";

/** Where to connect unless told otherwise. */
export const DEFAULT_URL = "ws://localhost:8080/echo";

/** Makes the command line of the client. */
export function clientProgram(): Command {
  const program = createProgram("client", {
    description:
      "Talks to a WebSocket server. On a terminal, type a line and press Enter to send it; " +
      "/help lists what else you can do. In a pipe, each line of input, 16MiB at most, is sent " +
      "as a text message, and each message that comes is a line of output, behind recv: unless " +
      "--plain or one of its kind is given.\n\n" +
      "To measure a server instead, see: client bench --help",
    examples: [
      "deno task client                                  talk to the server of this folder",
      "deno task client wss://example.org/chat -s chat.v1 -H 'X-Team: blue'",
      "echo hello | deno task client --one               one question, one answer",
      "deno task client --count 10 --json wss://example.org/feed < /dev/null",
      "deno task client --binary < photo.jpg > echoed.jpg",
      "deno task client --reconnect --no-exit-on-eof --output log.txt < /dev/null",
      "deno task client --listen 9000                    wait for another client",
      "deno task client bench ws://localhost:8080/echo   measure latencies",
    ],
  }).argument(
    "[url]",
    "where to connect, ws: or wss: (http: and https: for the same)",
    DEFAULT_URL,
  );
  addMessageFlags(program);
  addEndingFlags(program);
  addOutputFlags(program);
  addHandshakeFlags(program);
  addConnectionFlags(program);
  program.optionsGroup("Compression:")
    .option("--compress", "offer permessage-deflate (RFC 7692), which is the default");
  return addCompressionFlags(program, "both").allowExcessArguments(false);
}

function addMessageFlags(program: Command): void {
  program.optionsGroup("Messages:")
    .option("--binary", "send binary messages: the input as it is read, not line by line")
    .addOption(
      new Option("--base64", "each line of input is a binary message in base64; write so too")
        .conflicts("binary"),
    )
    .option(
      "--delimiter <text>",
      "what stands between messages in input and output, such as \\0; with --json in input only " +
        "(default: a line end)",
      parseDelimiter,
    )
    .option(
      "--plain",
      "write messages as they came, without recv: before them; so do --quiet, --one, --count, " +
        "--binary, --base64, --delimiter and --output, unless a flag says how to show messages",
    )
    .addOption(
      new Option("--pretty", "indent messages that are JSON")
        .conflicts(["plain", "json", "base64", "delimiter"]),
    )
    .addOption(
      new Option("--json", "write every event as a line of JSON, in both directions")
        .conflicts(["plain", "quiet"]),
    )
    .addOption(
      new Option(
        "--json-input",
        `each line of input is a command: {"type":"text","data":"hello"}; types are text, ` +
          `binary, ping, pong and close; a message may have "compress":false`,
      ).conflicts(["binary", "base64"]),
    )
    .option("--ticker <time>", "send the time so often, such as 1s or 500ms", parseDuration);
}

function addEndingFlags(program: Command): void {
  program.optionsGroup("When to stop:")
    .addOption(
      new Option(
        "-1, --one",
        "send one message, print one answer, and exit; at once with 8 when there is none to send, " +
          "but for --no-exit-on-eof",
      ).conflicts("count"),
    )
    .option("-n, --count <n>", "exit when so many messages have come", parseCount)
    .option("--wait <time>", "with --one or --count: give up after so long", parseDuration)
    .option(
      "--exit-on-eof [time]",
      "close so long after the end of input, 500ms if no time is given; a word with a colon " +
        "behind it is the URL (default: once nothing has come for 500ms; with --count, --one or " +
        "--ticker not at all)",
      parseDuration,
    )
    .option("--no-exit-on-eof", "go on receiving after the end of input")
    .option("--close-code <code>", "close with this code (default: 1000)", parseCloseCode)
    .option("--close-reason <text>", "and with this reason", parseCloseReason);
}

function addOutputFlags(program: Command): void {
  program.optionsGroup("Output:")
    .option("-o, --output <file>", "write messages to a file")
    .addOption(
      new Option(
        "--save-binary <folder>",
        "save each binary message as a file of its own; the folder is made where it is missing",
      ).conflicts(["json", "plain", "output", "binary", "base64", "delimiter", "quiet"]),
    )
    .addOption(
      new Option("-t, --timestamps", "show when each message came; --json always does")
        .conflicts(["plain", "json", "base64", "delimiter"]),
    )
    .addOption(
      new Option(
        "--round-trips",
        "show how long each answer took, for servers that answer each message with one, in order",
      ).conflicts(["plain", "base64", "delimiter"]),
    )
    .addOption(
      new Option("-q, --quiet", "tell of nothing but errors").conflicts("verbose"),
    )
    .option("-v, --verbose", "tell of every step, both handshakes, pings and pongs");
}

/** Adds the options that say how a connection is opened. */
export function addHandshakeFlags(program: Command): void {
  program.optionsGroup("Opening handshake:")
    .option(
      "-H, --header <field>",
      'add a header field, such as "X-Team: blue"; repeatable',
      collectHeaders,
    )
    .option("--origin <origin>", "say which page this comes from, as a browser does")
    .option(
      "-s, --subprotocol <names>",
      "offer subprotocols, most preferred first; repeatable",
      collectSubprotocols,
    )
    .option(
      "-u, --basic-auth <user:password>",
      "log in (RFC 7617); so does user:password@ in the URL",
      parseBasicAuth,
    )
    .option("-b, --cookie <name=value>", "send a cookie; repeatable", collectCookies)
    .option("-L, --redirects <n>", "follow so many redirects (default: 0)", parseRedirects)
    .option(
      "-x, --proxy <url>",
      "go through an HTTP proxy (default: what https_proxy, http_proxy, all_proxy and " +
        "no_proxy in the environment say)",
    )
    .option("--no-proxy", "use no proxy, whatever the environment says")
    .option("--ca <file>", "trust these authorities, not the usual ones (PEM)")
    .option("--cert <file>", "show the server this certificate (PEM); needs --key")
    .option("--key <file>", "the certificate's private key (PEM)")
    .addOption(
      new Option("-k, --insecure", "DANGEROUS: take any certificate, so that anyone may listen in")
        .conflicts("ca"),
    )
    .addOption(
      new Option("--unix <path>", "connect to a unix socket; the URL gives host and path")
        .conflicts("proxy"),
    )
    .option("--timeout <time>", "give up opening after so long (default: 10s)", parseDuration);
}

function addConnectionFlags(program: Command): void {
  program.optionsGroup("Connection:")
    .option(
      "--ping-interval <time>",
      "ping so often; a server that does not answer within 20s is given up; off sends no pings " +
        "(default: 20s)",
      parsePingInterval,
    )
    .option("--max-message <size>", "the longest message taken (default: 16MiB)", parseByteSize)
    .addOption(
      new Option("-r, --reconnect", "connect again when the connection is lost").conflicts([
        "one",
        "listen",
      ]),
    )
    .option("--attempts <n>", "with --reconnect: at most so many in a row", parseCount)
    .option(
      "--backoff <first,longest>",
      "with --reconnect: wait between attempts, twice as long each time, and by chance less " +
        "(default: 500ms,30s)",
      parseBackoff,
    )
    .addOption(
      new Option(
        "-l, --listen <port>",
        "be the server, for one client at a time; --origin then says from which pages browsers " +
          "may connect",
      ).argParser(parseListenAddress).conflicts([
        "header",
        "basicAuth",
        "cookie",
        "redirects",
        "proxy",
        "ca",
        "cert",
        "key",
        "insecure",
        "unix",
        "timeout",
      ]),
    );
}
