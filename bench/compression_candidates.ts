/**
 * What `compression.ts` measures: each way to deflate and inflate messages, behind one interface.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  deflateRawSync,
  inflateRawSync,
} from "node:zlib";

/** What is measured: whole messages in, whole messages out, without the four bytes of the flush. */
export interface Codec {
  deflate(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
  inflate(payload: Uint8Array): Uint8Array | Promise<Uint8Array>;
  close(): void;
}

export interface Settings {
  readonly level: number;
  readonly windowBits: number;
  readonly memLevel: number;
  /** Whether a message may refer to earlier ones. */
  readonly takeover: boolean;
}

export interface Candidate {
  readonly name: string;
  /** The forms it has; `false` is without takeover. */
  readonly takeover: readonly boolean[];
  create(settings: Settings): Codec;
}

const { Z_SYNC_FLUSH, Z_BLOCK } = constants;
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
/** The tail and one byte more: inflating up to the end of a block must leave exactly that byte. */
const TAIL_AND_PROBE = Uint8Array.of(0, 0, 0xff, 0xff, 0);
const SCRATCH = new Uint8Array(65_536);
const LIMIT = 16 * 1024 * 1024;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

function withoutTail(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length - TAIL.length);
}

const ONE_SHOT: Candidate = {
  name: "one-shot",
  takeover: [false],
  create({ level, windowBits, memLevel }): Codec {
    const options = { level, windowBits, memLevel, finishFlush: Z_SYNC_FLUSH };
    const limits = { windowBits, finishFlush: Z_SYNC_FLUSH, maxOutputLength: LIMIT };
    return {
      deflate: (message) => withoutTail(deflateRawSync(message, options)),
      inflate: (payload) => inflateRawSync(payload, limits),
      close: () => {},
    };
  },
};

type ZlibStream = ReturnType<typeof createDeflateRaw> | ReturnType<typeof createInflateRaw>;

/** One message through a stream of `node:zlib`; the next may come when this one is done. */
function throughStream(stream: ZlibStream, input: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    const collect = (part: Uint8Array): number => parts.push(part);
    stream.on("data", collect).once("error", reject);
    stream.write(input);
    stream.flush(Z_SYNC_FLUSH, () => {
      stream.off("data", collect).off("error", reject);
      resolve(joined(parts));
    });
  });
}

const STREAM: Candidate = {
  name: "stream",
  takeover: [false, true],
  create({ takeover, ...options }): Codec {
    const deflater = createDeflateRaw(options);
    const inflater = createInflateRaw({ windowBits: options.windowBits });
    const run = async (stream: ZlibStream, input: Uint8Array): Promise<Uint8Array> => {
      const output = await throughStream(stream, input);
      if (!takeover) stream.reset();
      return output;
    };
    return {
      deflate: async (message) => withoutTail(await run(deflater, message)),
      inflate: (payload) => run(inflater, joined([payload, TAIL])),
      close: () => {
        deflater.close();
        inflater.close();
      },
    };
  },
};

/** The part of a stream's native handle that works synchronously. It is not documented. */
interface Handle {
  onerror: (message: string) => void;
  writeSync(
    ...write: [
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ]
  ): void;
  reset(): void;
  close(): void;
}

/** A context of zlib, driven piece by piece into one output buffer that all contexts share. */
class HandleContext {
  readonly #handle: Handle;
  /** Bytes of output, then of input, that the last write left over. */
  readonly #left: Uint32Array;
  #failure: string | undefined;

  constructor(stream: ZlibStream) {
    const { _handle, _writeState } = stream as unknown as {
      _handle: Handle;
      _writeState: Uint32Array;
    };
    this.#handle = _handle;
    this.#left = _writeState;
    _handle.onerror = (message): void => {
      this.#failure = message;
    };
  }

  /** Adds the output to `parts`; returns how many bytes of the input were not used. */
  write(flush: number, input: Uint8Array, parts: Uint8Array[]): number {
    const space = SCRATCH.length;
    for (let unused = input.length;;) {
      this.#handle.writeSync(flush, input, input.length - unused, unused, SCRATCH, 0, space);
      if (this.#failure !== undefined) throw new Error(this.#failure);
      const length = space - this.#left[0]!;
      if (length > 0) parts.push(SCRATCH.slice(0, length));
      unused = this.#left[1]!;
      if (length < space) return unused;
    }
  }

  reset(): void {
    this.#handle.reset();
  }

  close(): void {
    this.#handle.close();
  }
}

const HANDLE: Candidate = {
  name: "handle",
  takeover: [false, true],
  create({ takeover, ...options }): Codec {
    const deflater = new HandleContext(createDeflateRaw({ ...options, chunkSize: 64 }));
    const { windowBits } = options;
    const inflater = new HandleContext(createInflateRaw({ windowBits, chunkSize: 64 }));
    return {
      deflate: (message) => {
        const parts: Uint8Array[] = [];
        deflater.write(Z_SYNC_FLUSH, message, parts);
        if (!takeover) deflater.reset();
        return withoutTail(joined(parts));
      },
      inflate: (payload) => {
        const parts: Uint8Array[] = [];
        inflater.write(Z_SYNC_FLUSH, payload, parts);
        if (inflater.write(Z_BLOCK, TAIL_AND_PROBE, parts) !== 1) throw new Error("truncated");
        if (!takeover) inflater.reset();
        return joined(parts);
      },
      close: () => {
        deflater.close();
        inflater.close();
      },
    };
  },
};

/** `pako.Deflate` and `pako.Inflate`, as far as they are used. */
interface PakoStream {
  onData: (part: Uint8Array) => void;
  push(input: Uint8Array, flush: number): boolean;
}
type PakoClass = new (options: Record<string, unknown>) => PakoStream;

function pako(module: { Deflate: PakoClass; Inflate: PakoClass }): Candidate {
  const through = (stream: PakoStream, input: Uint8Array): Uint8Array => {
    const parts: Uint8Array[] = [];
    stream.onData = (part): number => parts.push(part.slice());
    stream.push(input, Z_SYNC_FLUSH);
    return joined(parts);
  };
  return {
    name: "pako",
    takeover: [false, true],
    create({ takeover, ...options }): Codec {
      const settings = { ...options, raw: true, chunkSize: 4096 };
      const inflating = { windowBits: options.windowBits, raw: true, chunkSize: 4096 };
      const deflater = new module.Deflate(settings);
      const inflater = new module.Inflate(inflating);
      return {
        deflate: (message) =>
          withoutTail(through(takeover ? deflater : new module.Deflate(settings), message)),
        inflate: (payload) =>
          through(takeover ? inflater : new module.Inflate(inflating), joined([payload, TAIL])),
        close: () => {},
      };
    },
  };
}

/** `fflate.Deflate` and `fflate.Inflate`, as far as they are used. */
interface FflateStream {
  ondata: (part: Uint8Array) => void;
  push(input: Uint8Array): void;
  flush(sync: boolean): void;
}
type FflateClass = new (options?: Record<string, unknown>) => FflateStream;

function fflate(module: { Deflate: FflateClass; Inflate: FflateClass }): Candidate {
  const through = (stream: FflateStream, input: Uint8Array, flush: boolean): Uint8Array => {
    const parts: Uint8Array[] = [];
    stream.ondata = (part): number => parts.push(part.slice());
    stream.push(input);
    if (flush) stream.flush(true);
    return joined(parts);
  };
  return {
    name: "fflate",
    takeover: [false, true],
    create({ takeover, level }): Codec {
      const deflater = new module.Deflate({ level });
      const inflater = new module.Inflate();
      return {
        deflate: (message) =>
          withoutTail(through(takeover ? deflater : new module.Deflate({ level }), message, true)),
        inflate: (payload) =>
          through(takeover ? inflater : new module.Inflate(), joined([payload, TAIL]), false),
        close: () => {},
      };
    },
  };
}

/** `DeflateRaw` and `InflateRaw` of fast-zlib, which drives `_processChunk` of `node:zlib`. */
interface FastZlib {
  process(input: Uint8Array): Uint8Array;
  close(): void;
}
type FastZlibClass = new (options: Record<string, unknown>) => FastZlib;

function fastZlib(module: { DeflateRaw: FastZlibClass; InflateRaw: FastZlibClass }): Candidate {
  return {
    name: "fast-zlib",
    takeover: [true],
    create({ level, windowBits, memLevel }): Codec {
      const deflater = new module.DeflateRaw({ level, windowBits, memLevel });
      const inflater = new module.InflateRaw({ windowBits });
      return {
        deflate: (message) => withoutTail(deflater.process(message)),
        inflate: (payload) => inflater.process(joined([payload, TAIL])),
        close: () => {
          deflater.close();
          inflater.close();
        },
      };
    },
  };
}

/** Packages are no dependency of the project, so their names stay out of the import graph. */
async function fromNpm<Module>(specifier: string): Promise<Module> {
  const module: { default?: Module } & Module = await import(`npm:${specifier}`);
  return module.default ?? module;
}

/** The candidates of the runtime, and with `npm` those of packages. */
export async function candidates(npm: boolean): Promise<Candidate[]> {
  const own = [ONE_SHOT, STREAM, HANDLE];
  if (!npm) return own;
  return [
    ...own,
    fastZlib(await fromNpm("fast-zlib@2.0.1")),
    pako(await fromNpm("pako@3.0.3")),
    fflate(await fromNpm("fflate@0.8.3")),
  ];
}
