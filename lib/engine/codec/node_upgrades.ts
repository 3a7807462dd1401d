/**
 * The codec engine within someone else's HTTP server: the upgrades of `node:http`.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { EngineServer, Host } from "../host.ts";
import { NodeOpening, refuse } from "./node_opening.ts";
import { infoOf, takeOver } from "./node_stream.ts";

/** So many upgrades at a time are told why there is no place; a flood beyond is cut. */
const MAX_REFUSALS = 256;

/** What comes with the event `upgrade`. */
export interface UpgradeEvent {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  /** What was read behind the request. */
  readonly first: Uint8Array;
}

/** The upgrades of one or more HTTP servers that share a host. */
export class NodeUpgrades implements Pick<EngineServer, "stop" | "abort"> {
  readonly #host: Host;
  /** What is being done for each connection, with the way to cut it. */
  readonly #work = new Map<Promise<void>, () => void>();
  #refusals = 0;

  /** Takes who decides. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Takes over the stream of an upgrade. Never throws: what fails here is one connection. */
  handle({ request, stream: duplex, first }: UpgradeEvent): void {
    const info = infoOf(duplex);
    const stream = takeOver(duplex, info.remoteAddress);
    const upgrade = { request, stream, info, first };
    const place = this.#host.admit(info.remoteAddress);
    if (place.kind === "refused") {
      if (this.#refusals >= MAX_REFUSALS) return stream.close();
      this.#refusals++;
      const refused = refuse(upgrade, place).finally(() => this.#refusals--);
      return this.#track(refused, () => stream.close());
    }
    const opening = new NodeOpening(upgrade, this.#host);
    this.#track(opening.run().finally(() => place.release()), () => opening.abort());
  }

  /** Does nothing: connections are the HTTP server's to accept. */
  async stop(): Promise<void> {}

  /** Cuts what is left, and gives when it is gone. */
  async abort(): Promise<void> {
    for (const cut of this.#work.values()) cut();
    await Promise.all(this.#work.keys());
  }

  #track(work: Promise<void>, cut: () => void): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.set(tracked, cut);
  }
}
