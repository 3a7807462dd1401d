/**
 * A byte stream of `node:stream`, such as the socket of `node:tls` or of an upgrade in
 * `node:http`.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../../connection/transport.ts";
import type { RequestInfo } from "../host.ts";
import type { Link } from "../link.ts";
import type { ByteStream } from "./byte_stream.ts";
import { NodeLink, plainBytes } from "./node_link.ts";

/** A `Duplex` that is paused, which the stream owns. */
export class NodeStream implements ByteStream {
  readonly remoteAddress: PeerAddress;
  readonly #duplex: Duplex;

  constructor(duplex: Duplex, remoteAddress: PeerAddress) {
    this.#duplex = duplex;
    this.remoteAddress = remoteAddress;
    // An error without a listener would end the process; who reads or writes is told of it.
    duplex.on("error", () => {});
  }

  read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const duplex = this.#duplex;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer> | null>();
    if (duplex.readableEnded) return Promise.resolve(null);
    if (duplex.destroyed) return Promise.reject(closed());
    const onData = (chunk: Uint8Array) => {
      duplex.pause();
      resolve(plainBytes(chunk).slice());
    };
    const onEnd = () => resolve(null);
    const onClose = () => reject(closed());
    duplex.on("data", onData).on("end", onEnd).on("error", reject).on("close", onClose);
    duplex.resume();
    return promise.finally(() => {
      duplex.off("data", onData).off("end", onEnd).off("error", reject).off("close", onClose);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#settled((done) => this.#duplex.write(bytes, done));
  }

  end(): Promise<void> {
    return this.#settled((done) => this.#duplex.end(done));
  }

  close(): void {
    this.#duplex.destroy();
  }

  toLink(): Link {
    return new NodeLink(this.#duplex);
  }

  toDuplex(): Duplex {
    return this.#duplex;
  }

  /** Begins something; rejects when it fails or the stream is closed before it is done. */
  #settled(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onClose = () => reject(closed());
    this.#duplex.once("close", onClose);
    begin((error) => error ? reject(error) : resolve());
    return promise.finally(() => this.#duplex.off("close", onClose));
  }
}

/**
 * Takes a stream over from an HTTP server: it is not cut for being idle, and frames do not
 * wait for each other.
 */
export function takeOver(duplex: Duplex, remoteAddress: PeerAddress): NodeStream {
  const stream = new NodeStream(duplex, remoteAddress);
  if ("setTimeout" in duplex) (duplex as Socket).setTimeout(0);
  if ("setNoDelay" in duplex) (duplex as Socket).setNoDelay(true);
  return stream;
}

/** Where a stream comes from. What has no IP address counts as a unix socket. */
export function infoOf(duplex: Duplex): RequestInfo {
  const { remoteAddress, remotePort = 0 } = duplex as Partial<Socket>;
  return {
    remoteAddress: remoteAddress === undefined
      ? { transport: "unix", hostname: "", port: 0 }
      : { transport: "tcp", hostname: remoteAddress, port: remotePort },
    secure: "encrypted" in duplex && duplex.encrypted === true,
  };
}

function closed(): Error {
  return new Error("the stream was closed");
}
