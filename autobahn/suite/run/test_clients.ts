/**
 * Testing clients: the suite listens, and plays the server of each case that a client asks for.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Case } from "../model/case.ts";
import type { CaseResult } from "../model/result.ts";
import { Peer } from "../peer/peer.ts";
import { utf8 } from "../wire/bytes.ts";
import { parseHead, refusal, requestFault } from "../wire/handshake.ts";
import { field, latin1Text } from "../wire/head.ts";
import { SocketStream } from "../wire/stream.ts";
import { StreamReader } from "../wire/stream_reader.ts";
import { WireLog } from "../wire/wire_log.ts";
import { ClientResults } from "./client_results.ts";
import { type ClientRequest, readClientRequest } from "./client_request.ts";
import { openAsServer, OPENING_LIMIT } from "./opening.ts";
import { within } from "./play.ts";
import type { AcceptedClient } from "./raw_stage.ts";
import { runCase } from "./run_case.ts";

/** How long errands may take still when the suite is to stop, in milliseconds. */
const FAREWELL = 1000;

/** Where to listen, and for what. */
export interface TestClientsOptions {
  readonly hostname: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Those for servers only are left out. */
  readonly cases: readonly Case[];
  /** Ends it, and the cases that run, without results. */
  readonly signal: AbortSignal;
  /** Tells where it listens. */
  readonly onListen: (address: Deno.NetAddr) => void;
  /** Takes results as they come. */
  readonly onResult: (result: CaseResult) => void;
  /** A client wants its report to be written; it waits for that. */
  readonly onUpdateReports: (agent: string) => Promise<void>;
}

/**
 * Serves clients, any number at a time, until the signal fires or a client asks to stop.
 *
 * @throws {Error} when the address cannot be listened on.
 */
export async function testClients(options: TestClientsOptions): Promise<void> {
  const { hostname, port, signal } = options;
  if (signal.aborted) return;
  const server = createServer({ allowHalfOpen: true });
  const address = await listen(server, { hostname, port });
  const suite = new ClientSuite(options, address);
  server.on("connection", (socket) => suite.accept(socket));
  options.onListen(address);
  await suite.stopped;
  const closed = new Promise((resolve) => server.close(resolve));
  await suite.end();
  await closed;
}

function listen(
  server: Server,
  { hostname, port }: { hostname: string; port: number },
): Promise<Deno.NetAddr> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`Cannot listen on ${hostname}:${port}: ${cause.message}`, { cause }));
    });
    server.listen({ host: hostname, port }, () => {
      const address = server.address();
      if (address === null || typeof address === "string") {
        return reject(new Error("The server has no address"));
      }
      resolve({ transport: "tcp", hostname: address.address, port: address.port });
    });
  });
}

/** What is asked of the suite without a case. */
type Errand = Exclude<ClientRequest, { kind: "none" | "run" }>;

class ClientSuite {
  readonly stopped: Promise<void>;
  readonly #options: TestClientsOptions;
  readonly #address: Deno.NetAddr;
  readonly #cases: readonly Case[];
  readonly #results = new ClientResults();
  readonly #streams = new Set<SocketStream>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #stop: () => void = () => {};

  constructor(options: TestClientsOptions, address: Deno.NetAddr) {
    this.#options = options;
    this.#address = address;
    this.#cases = options.cases.filter(({ testees }) => testees?.includes("client") ?? true);
    this.stopped = new Promise((resolve) => this.#stop = resolve);
    options.signal.addEventListener("abort", this.#stop);
  }

  /** Takes a connection. */
  accept(socket: Socket): void {
    const stream = new SocketStream(socket);
    this.#streams.add(stream);
    const running = this.#serve(stream).finally(() => {
      this.#streams.delete(stream);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Ends all that goes on. */
  async end(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#stop);
    this.#abort.abort();
    // Whoever waits for an answer that is on its way is to have it.
    await within(Promise.all(this.#running), FAREWELL);
    for (const stream of this.#streams) stream.drop("reset");
    await Promise.all(this.#running);
  }

  async #serve(stream: SocketStream): Promise<void> {
    const log = new WireLog();
    const reader = new StreamReader(stream, log);
    const bytes = await reader.readHead(OPENING_LIMIT);
    if (typeof bytes === "string") {
      if (bytes === "too long") await refuse(reader, "431 Request Header Fields Too Large", "");
      stream.drop("fin");
      return await stream.closed;
    }
    const head = parseHead(bytes)!;
    const path = head.start.split(" ")[1] ?? "/";
    // The port is the one where the client has come, whatever it says of that in Host.
    const { hostname, port } = this.#address;
    const target = { path, host: field(head, "host") ?? hostname, port };
    const text = latin1Text(bytes);
    const client: AcceptedClient = { stream, reader, log, request: head, text, target };
    const request = readClientRequest(head.start, this.#cases);
    if (request.kind === "run") return await this.#run(client, request);
    const fault = requestFault(head);
    if (request.kind === "none" || fault !== undefined) {
      const { status, words } = request.kind === "none" ? request : fault!;
      await refuse(reader, status, words);
      stream.drop("fin");
      return await stream.closed;
    }
    await this.#doErrand(client, request);
  }

  async #run(
    client: AcceptedClient,
    { agent, position }: { agent: string; position: number },
  ): Promise<void> {
    const testCase = this.#cases[position - 1]!;
    const { signal } = this.#abort;
    this.#results.begin(agent, testCase.id);
    const result = await runCase(client, { testCase, agent, position, signal });
    if (result !== undefined) this.#options.onResult(result);
    this.#results.finish(agent, testCase.id, result);
  }

  /** Answers with a message, and closes. */
  async #doErrand(client: AcceptedClient, errand: Errand): Promise<void> {
    const { stream, reader, log, request, text } = client;
    await openAsServer(reader, { head: request, text }, { deflate: [] });
    const peer = new Peer(stream, { isServer: true, log });
    peer.start(reader.takeRest());
    const answer = await Promise.race([this.#answer(errand), peer.ended]);
    if (answer !== undefined) {
      peer.sendMessage(utf8(JSON.stringify(answer)), { binary: false });
    }
    peer.sendClose();
    await peer.ended;
    await stream.closed;
    if (errand.kind === "stop") this.#stop();
  }

  /** What the message says; `undefined` where there is none. */
  async #answer(errand: Errand): Promise<unknown> {
    switch (errand.kind) {
      case "count":
        return this.#cases.length;
      case "info": {
        const { id, description } = this.#cases[errand.position - 1]!;
        return { id, description };
      }
      case "status": {
        const { id } = this.#cases[errand.position - 1]!;
        const { behavior, behaviorClose } = await this.#results.of(errand.agent, id);
        return { behavior, behaviorClose };
      }
      case "report":
        await this.#options.onUpdateReports(errand.agent);
        return undefined;
      case "stop":
        return undefined;
    }
  }
}

async function refuse(reader: StreamReader, status: string, words: string): Promise<void> {
  await reader.write(utf8(refusal(status, words || status)));
}
