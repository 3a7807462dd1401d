/**
 * A byte stream of `node:stream`, such as the socket of `node:tls`.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { PeerAddress } from "../connection/transport.ts";
import { NodeLink } from "../engine/codec/node_link.ts";
import { plainBytes } from "../engine/codec/node_stream.ts";
import type { Link } from "../engine/link.ts";
import type { ByteStream } from "./byte_stream.ts";

/** A `Duplex` that nobody has read from and that is paused; the stream owns it. */
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
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onClose = () => reject(closed());
    this.#duplex.once("close", onClose);
    this.#duplex.write(bytes, (error) => error ? reject(error) : resolve());
    return promise.finally(() => this.#duplex.off("close", onClose));
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
}

function closed(): Error {
  return new Error("the stream was closed");
}
