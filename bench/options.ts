/**
 * What each option of `compression` costs: bytes that remain, time, memory. Both directions of a
 * server's connection are measured without a network, with the messages of the other benchmarks.
 *
 * ```sh
 * deno task bench options
 * ```
 *
 * @module
 */

import { createMessageCompression } from "../lib/compression/compression.ts";
import {
  type CompressionOptions,
  resolveCompression,
} from "../lib/connection/compression_options.ts";
import type { InflatedSink, MessageCompression } from "../lib/protocol/permessage_deflate/codec.ts";
import { jsonMessage } from "./load/json_message.ts";
import { median, table } from "./tables.ts";

/** What a server is told; the first one is what the others are compared with. */
const ROWS: readonly CompressionOptions[] = [
  { level: 1 },
  { level: 3 },
  { level: 6 },
  { level: 9 },
  { memoryLevel: 1 },
  { memoryLevel: 9 },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverContextTakeover: "allow" },
  { clientContextTakeover: "allow" },
  { serverContextTakeover: "allow", clientContextTakeover: "allow" },
  { serverContextTakeover: "allow", serverMaxWindowBits: 11, memoryLevel: 4 },
  { level: 6, serverContextTakeover: "allow", clientContextTakeover: "allow" },
];

const MESSAGE_BYTES = 1024;
/** More than twice the largest window, so that no message finds its own last turn in there. */
const MESSAGES = Array.from(
  { length: 96 },
  (_, number) => new TextEncoder().encode(jsonMessage(number, MESSAGE_BYTES)),
);
const ROUNDS = 9;
const ROUND_MILLISECONDS = 100;
/** Connections whose memory is measured, all open until the end. */
const CONNECTIONS = 100;

/** Counts what is inflated. */
class Counter implements InflatedSink {
  readonly inflatedRoom = MESSAGE_BYTES;
  bytes = 0;

  onInflated(_: Uint8Array, start: number, end: number): undefined {
    this.bytes += end - start;
  }
}

/** A connection of a server with `options`, and the other end, a client with the defaults. */
class Pair {
  readonly server: MessageCompression;
  readonly client: MessageCompression;

  constructor(options: CompressionOptions) {
    const resolved = resolveCompression(options, "server");
    if (resolved === false) throw new TypeError("there is nothing to measure");
    const { level, memoryLevel, deflate } = resolved;
    const toClient = {
      windowBits: deflate.serverMaxWindowBits,
      contextTakeover: deflate.serverContextTakeover === "allow",
    };
    const toServer = {
      windowBits: deflate.clientMaxWindowBits,
      contextTakeover: deflate.clientContextTakeover === "allow",
    };
    this.server = createMessageCompression(
      { outgoing: toClient, incoming: toServer },
      { level, memoryLevel },
    );
    this.client = createMessageCompression(
      { outgoing: toServer, incoming: toClient },
      { level: 1, memoryLevel: 8 },
    );
  }
}

interface Result {
  readonly options: CompressionOptions;
  readonly share: number;
  readonly clientShare: number;
  readonly deflating: number[];
  readonly inflating: number[];
  readonly kibibytes: number;
}

/** What `deflate` makes of the messages, one after the other. */
function payloadsOf({ deflater }: MessageCompression): Uint8Array<ArrayBuffer>[] {
  return MESSAGES.map((message) => deflater!.push(message, true).slice());
}

function inflate({ inflater }: MessageCompression, payload: Uint8Array): void {
  const counter = new Counter();
  const fault = inflater.push(payload, 0, payload.length, counter) ?? inflater.finish(counter);
  if (fault !== undefined || counter.bytes !== MESSAGE_BYTES) {
    throw new Error(`a message came back wrong: ${fault ?? `${counter.bytes} bytes`}`);
  }
}

/** The memory that a server's connection takes once it has sent and received. */
function measureMemory(options: CompressionOptions, keep: unknown[]): number {
  const open = (): void => {
    const pair = new Pair(options);
    const payloads = payloadsOf(pair.client);
    pair.client.deflater!.close();
    pair.client.inflater.close();
    payloadsOf(pair.server);
    for (const payload of payloads) inflate(pair.server, payload);
    keep.push(pair.server);
  };
  for (let i = 0; i < 10; i++) open();
  const before = Deno.memoryUsage().rss;
  for (let i = 0; i < CONNECTIONS; i++) open();
  return Math.max(0, Deno.memoryUsage().rss - before) / 1024 / CONNECTIONS;
}

/** How often a second `step` can be done. */
function rate(step: (turn: number) => void): number {
  const start = performance.now();
  let turn = 0;
  let elapsed = 0;
  for (; elapsed < ROUND_MILLISECONDS; elapsed = performance.now() - start) step(turn++);
  return turn * 1000 / elapsed;
}

function measure(keep: unknown[]): Result[] {
  const share = (payloads: readonly Uint8Array[]): number =>
    payloads.reduce((sum, payload) => sum + payload.length, 0) / MESSAGES.length / MESSAGE_BYTES;
  measureMemory(ROWS[0]!, keep); // what the first one takes for all of them
  const rows = ROWS.map((options) => {
    const pair = new Pair(options);
    const payloads = payloadsOf(pair.client);
    const result: Result = {
      options,
      share: share(payloadsOf(pair.server)),
      clientShare: share(payloads),
      deflating: [],
      inflating: [],
      kibibytes: measureMemory(options, keep),
    };
    return { pair, payloads, result };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { pair, payloads, result } of rows) {
      const { deflater } = pair.server;
      const { length } = MESSAGES;
      result.deflating.push(rate((turn) => void deflater!.push(MESSAGES[turn % length]!, true)));
      // Whole turns only: each payload may refer to the one before it, and the first to none.
      result.inflating.push(
        length * rate(() => payloads.forEach((payload) => inflate(pair.server, payload))),
      );
    }
  }
  return rows.map(({ result }) => result);
}

function report(results: readonly Result[]): string {
  const [first] = results;
  const times = (values: readonly number[], base: readonly number[]): string =>
    (median(values.map((value, round) => value / base[round]!)) ?? NaN).toFixed(2);
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return table(
    [
      "`compression`",
      "bytes left, sent",
      "bytes left, received",
      "speed of compressing",
      "speed of decompressing",
      "KiB a connection",
    ],
    results.map(({ options, share, clientShare, deflating, inflating, kibibytes }) => [
      `\`${JSON.stringify(options)}\``,
      percent(share),
      percent(clientShare),
      times(deflating, first!.deflating),
      times(inflating, first!.inflating),
      kibibytes.toFixed(0),
    ]),
  );
}

if (import.meta.main) console.log(report(measure([])));
