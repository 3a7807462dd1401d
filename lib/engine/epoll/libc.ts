/**
 * The calls of the C library that the epoll engine makes. This is the one file that knows them:
 * their numbers, their structures, and how they report an error. Linux, 64 bits.
 *
 * @module
 */
import { systemError } from "./system_error.ts";

/** There is something to read, or the end of the stream. */
export const EPOLLIN = 0x1;
/** There is room to write. */
export const EPOLLOUT = 0x4;
/** The socket failed. Always reported. */
export const EPOLLERR = 0x8;
/** Both directions have ended. Always reported. */
export const EPOLLHUP = 0x10;

/** What {@linkcode Libc} gives where there is nothing to read or no room to write. */
export const NOT_NOW = -1;

const EINTR = 4;
const EAGAIN = 11;
const NONBLOCK = 0x800;
const CLOEXEC = 0x80000;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
/** As much as the system allows (`net.core.somaxconn`). */
const BACKLOG = 65_535;
/** The longest address of a socket: that of a unix socket, 110 bytes. */
const ADDRESS_BYTES = 128;

/** Whether an `epoll_event` is packed. Other runtimes, which load this module too, do not ask. */
const PACKED = globalThis.Deno?.build.arch === "x86_64";
/** Words of 32 bits in one `epoll_event`. */
const EVENT_WORDS = PACKED ? 3 : 4;
const EVENT_BYTES = 4 * EVENT_WORDS;
/** The word of an `epoll_event` in which our tag lies. */
const TAG_WORD = PACKED ? 1 : 2;

// Lengths and results are declared with 32 bits although some are wider in C: wider ones pass
// as bigints, which would be allocated on every call, and none here comes near 2 GiB.
const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  recv: { parameters: ["i32", "pointer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "pointer", "i32", "i32"], result: "i32" },
  epoll_wait_elsewhere: {
    name: "epoll_wait",
    parameters: ["i32", "pointer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  malloc: { parameters: ["u32"], result: "pointer" },
  free: { parameters: ["pointer"], result: "void" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Memory at an address that stays the same, as long as this object is held. */
export class PinnedBytes {
  /** The bytes; a plain array. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where they begin. */
  readonly address: Deno.PointerObject;

  /** Takes `length` bytes, at least one. */
  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.address = Deno.UnsafePointer.of(this.bytes)!;
  }
}

/** The descriptors that {@linkcode Libc.wait} found ready. */
export class ReadyList {
  /** So many at most. */
  readonly capacity: number;
  /** Where the system writes them. */
  readonly address: Deno.PointerObject;
  readonly #words: Int32Array;

  /** `address` has room for `capacity` of them, see {@linkcode Libc.createReadyList}. */
  constructor(capacity: number, address: Deno.PointerObject) {
    this.capacity = capacity;
    this.address = address;
    this.#words = new Int32Array(
      Deno.UnsafePointerView.getArrayBuffer(address, capacity * EVENT_BYTES),
    );
  }

  /** The tag of the one at `index`. */
  tagOf(index: number): number {
    return this.#words[index * EVENT_WORDS + TAG_WORD]!;
  }

  /** What the one at `index` is ready for. */
  eventsOf(index: number): number {
    return this.#words[index * EVENT_WORDS]!;
  }
}

/** A new socket: its descriptor and an encoded address, our own or its peer's. */
export interface NewSocket {
  readonly descriptor: number;
  readonly address: Uint8Array<ArrayBuffer>;
}

/** What a descriptor is watched for, and the tag of its reports. */
export interface Interest {
  readonly events: number;
  readonly tag: number;
}

/**
 * Calls on nonblocking stream sockets and epoll. What fails throws the error of
 * {@linkcode systemError}; what would have to wait gives {@linkcode NOT_NOW}.
 */
export class Libc {
  readonly #calls = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  /** The error of the last call on this thread, as the system numbers it. */
  readonly #errno = new Int32Array(
    Deno.UnsafePointerView.getArrayBuffer(this.#calls.__errno_location()!, 4),
  );
  readonly #event = new Int32Array(EVENT_WORDS);
  readonly #address = new Uint8Array(ADDRESS_BYTES);
  readonly #addressLength = new Uint32Array(1);

  /** Listens at the encoded `address`; gives where, with the port if the system chose it. */
  listen(address: Uint8Array<ArrayBuffer>): NewSocket {
    const family = address[0]! | address[1]! << 8;
    const descriptor = this.#checked(
      this.#calls.socket(family, SOCK_STREAM | NONBLOCK | CLOEXEC, 0),
    );
    return this.orClose(descriptor, () => {
      this.#setFlag(descriptor, SOL_SOCKET, SO_REUSEADDR);
      this.#checked(this.#calls.bind(descriptor, address, address.length));
      this.#checked(this.#calls.listen(descriptor, BACKLOG));
      this.#addressLength[0] = ADDRESS_BYTES;
      this.#checked(this.#calls.getsockname(descriptor, this.#address, this.#addressLength));
      return { descriptor, address: this.#address.slice(0, this.#addressLength[0]) };
    });
  }

  /** The next connection that waits; `undefined` when there is none. */
  accept(socket: number): NewSocket | undefined {
    this.#addressLength[0] = ADDRESS_BYTES;
    const descriptor = this.#orNotNow(
      this.#calls.accept4(socket, this.#address, this.#addressLength, NONBLOCK | CLOEXEC),
    );
    if (descriptor === NOT_NOW) return undefined;
    return { descriptor, address: this.#address.slice(0, this.#addressLength[0]) };
  }

  /** Has small writes leave without waiting for each other; of no use on a unix socket. */
  sendAtOnce(socket: number): void {
    this.#setFlag(socket, IPPROTO_TCP, TCP_NODELAY);
  }

  /** Reads into `to`: how many bytes came, 0 at the end of the stream. */
  receive(socket: number, to: PinnedBytes): number {
    const count = this.#calls.recv(socket, to.address, to.bytes.length, 0);
    return count >= 0 ? count : this.#orNotNow(count);
  }

  /** Writes `bytes`: how many went. */
  send(socket: number, bytes: Uint8Array): number {
    const count = this.#calls.send(
      socket,
      bytes as Uint8Array<ArrayBuffer>,
      bytes.length,
      MSG_NOSIGNAL,
    );
    return count >= 0 ? count : this.#orNotNow(count);
  }

  /** Ends the outgoing direction. That it is over already is no fault. */
  endOutput(socket: number): void {
    this.#calls.shutdown(socket, SHUT_WR);
  }

  /** Gives a descriptor back. */
  close(descriptor: number): void {
    this.#calls.close(descriptor);
  }

  /** Gives a new descriptor back if what follows fails. */
  orClose<T>(descriptor: number, next: () => T): T {
    try {
      return next();
    } catch (error) {
      this.close(descriptor);
      throw error;
    }
  }

  /** A new set of watched descriptors. */
  createEpoll(): number {
    return this.#checked(this.#calls.epoll_create1(CLOEXEC));
  }

  /** Watches a descriptor for `events`; each report of it bears `tag`. */
  watch(epoll: number, descriptor: number, { events, tag }: Interest): void {
    this.#control(epoll, { operation: EPOLL_CTL_ADD, descriptor, events, tag });
  }

  /** Watches a watched descriptor for other `events`. */
  rewatch(epoll: number, descriptor: number, { events, tag }: Interest): void {
    this.#control(epoll, { operation: EPOLL_CTL_MOD, descriptor, events, tag });
  }

  /** Watches a descriptor no more. That it was not watched is no fault. */
  unwatch(epoll: number, descriptor: number): void {
    this.#calls.epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, this.#event);
  }

  /**
   * Takes memory for a list of ready descriptors; {@linkcode Libc.free} gives it back. It is not
   * of the heap: a worker that is terminated takes that along while {@linkcode Libc.wait} is
   * still writing.
   */
  createReadyList(capacity: number): ReadyList {
    return new ReadyList(capacity, this.#calls.malloc(capacity * EVENT_BYTES)!);
  }

  /** Gives the memory of a list back, which is not to be used any more. */
  free(ready: ReadyList): void {
    this.#calls.free(ready.address);
  }

  /** How many watched descriptors are ready now. */
  poll(epoll: number, ready: ReadyList): number {
    const count = this.#calls.epoll_wait(epoll, ready.address, ready.capacity, 0);
    return Math.max(0, this.#orNotNow(count));
  }

  /**
   * Waits on another thread until descriptors are ready, at most `milliseconds`. That it fails
   * shows in the next {@linkcode Libc.poll}: the error stays on that thread.
   */
  async wait(epoll: number, ready: ReadyList, milliseconds: number): Promise<number> {
    const { epoll_wait_elsewhere: wait } = this.#calls;
    return Math.max(0, await wait(epoll, ready.address, ready.capacity, milliseconds));
  }

  /** A descriptor that is reported with `tag`, again and again, once it is signalled. */
  createSignal(epoll: number, tag: number): number {
    const descriptor = this.#checked(this.#calls.eventfd(0, NONBLOCK | CLOEXEC));
    return this.orClose(descriptor, () => {
      this.watch(epoll, descriptor, { events: EPOLLIN, tag });
      return descriptor;
    });
  }

  /** Ends all waiting for a signal. */
  signal(descriptor: number): void {
    this.#calls.write(descriptor, new BigUint64Array([1n]), 8);
  }

  #control(
    epoll: number,
    { operation, descriptor, events, tag }: Interest & { operation: number; descriptor: number },
  ): void {
    this.#event[0] = events;
    this.#event[TAG_WORD] = tag;
    this.#checked(this.#calls.epoll_ctl(epoll, operation, descriptor, this.#event));
  }

  #setFlag(socket: number, level: number, option: number): void {
    this.#calls.setsockopt(socket, level, option, new Int32Array([1]), 4);
  }

  #checked(result: number): number {
    if (result < 0) throw systemError(this.#errno[0]!);
    return result;
  }

  #orNotNow(result: number): number {
    if (result >= 0) return result;
    const errno = this.#errno[0]!;
    if (errno === EAGAIN || errno === EINTR) return NOT_NOW;
    throw systemError(errno);
  }
}
