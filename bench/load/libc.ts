/**
 * The few calls of Linux's C library that the load generator needs: TCP sockets that never block,
 * and epoll.
 *
 * Calls are synchronous. `errno` is not read, because the runtime may change it between two calls:
 * a read or write that answers -1 counts as "not now", and real errors arrive as epoll events.
 *
 * Linux only: the constants and the layout of `epoll_event` are Linux's.
 *
 * @module
 */

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_MOD = 3;
/** The low bits of the number of a clock that counts the processor time of a whole process. */
const CPU_CLOCK = 2;
/** A closed peer answers -1 instead of raising SIGPIPE. */
const MSG_NOSIGNAL = 0x4000;

/** There is something to read, or the peer has ended the stream. */
export const EPOLLIN = 0x1;
/** There is room to write, or the connection is established. */
export const EPOLLOUT = 0x4;
/** The socket failed; {@linkcode Libc.socketError} says how. */
export const EPOLLERR = 0x8;
/** Both directions are closed. */
export const EPOLLHUP = 0x10;

/** Words of 32 bits that one `epoll_event` takes: it is packed on x86-64 only. */
const EVENT_WORDS = Deno.build.arch === "x86_64" ? 3 : 4;
/** The word of an `epoll_event` in which the tag lies. */
const TAG_WORD = Deno.build.arch === "x86_64" ? 1 : 2;
const READY_MAX = 256;

// Results are declared "i32" although some are wider in C: an "isize" arrives as a bigint, which
// would be allocated on every call, and none of these calls can answer more than 2 GiB.
const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  recv: { parameters: ["i32", "pointer", "u32", "i32"], result: "i32" },
  send: { parameters: ["i32", "pointer", "u32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "pointer", "i32", "i32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** A buffer at an address that stays the same, so that a call need not look the address up. */
export class PinnedBytes {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #address: Deno.PointerObject;

  /** Takes a copy of `bytes`, or `length` zero bytes. At least one byte. */
  constructor(source: Uint8Array | number) {
    this.bytes = typeof source === "number" ? new Uint8Array(source) : new Uint8Array(source);
    const address = Deno.UnsafePointer.of(this.bytes);
    if (address === null) throw new RangeError("Cannot pin bytes: the buffer must not be empty");
    this.#address = address;
  }

  /** The address of the byte at `offset`. */
  pointerAt(offset: number): Deno.PointerValue {
    return offset === 0 ? this.#address : Deno.UnsafePointer.offset(this.#address, offset);
  }
}

/** Nonblocking loopback sockets and one epoll instance that watches them. */
export class Libc {
  readonly #calls = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  readonly #epoll = this.#calls.epoll_create1(0);
  readonly #ready = new PinnedBytes(READY_MAX * EVENT_WORDS * 4);
  readonly #readyWords = new Int32Array(this.#ready.bytes.buffer);
  readonly #readyPointer = this.#ready.pointerAt(0);
  readonly #event = new Int32Array(EVENT_WORDS);

  /**
   * Starts to connect a socket to 127.0.0.1. Answers its descriptor, or -1 when the process may
   * not open another. Watch it for `EPOLLOUT` to learn when it is connected.
   */
  dial(port: number): number {
    const socket = this.#calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (socket < 0) return -1;
    this.#calls.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, new Int32Array([1]), 4);
    const address = new DataView(new ArrayBuffer(16));
    address.setUint16(0, AF_INET, true);
    address.setUint16(2, port);
    address.setUint32(4, 0x7f000001);
    // The answer is -1 ("in progress") by rule; a refusal arrives as an event.
    this.#calls.connect(socket, address.buffer, 16);
    return socket;
  }

  /** Asks for `events` of a socket not yet watched; `tag` comes back with each of them. */
  watch(socket: number, events: number, tag: number): void {
    this.#control(EPOLL_CTL_ADD, { socket, events, tag });
  }

  /** Asks for other `events` of a socket that is watched. */
  rewatch(socket: number, events: number, tag: number): void {
    this.#control(EPOLL_CTL_MOD, { socket, events, tag });
  }

  #control(operation: number, to: { socket: number; events: number; tag: number }): void {
    this.#event[0] = to.events;
    this.#event[TAG_WORD] = to.tag;
    this.#calls.epoll_ctl(this.#epoll, operation, to.socket, this.#event);
  }

  /**
   * Waits until sockets are ready, at most `milliseconds`. Answers how many are; each is then
   * read with {@linkcode tagOf} and {@linkcode eventsOf} until the next call.
   */
  wait(milliseconds: number): number {
    return this.#calls.epoll_wait(this.#epoll, this.#readyPointer, READY_MAX, milliseconds);
  }

  /** The tag of the ready socket at `index`. */
  tagOf(index: number): number {
    return this.#readyWords[index * EVENT_WORDS + TAG_WORD]!;
  }

  /** The events of the ready socket at `index`. */
  eventsOf(index: number): number {
    return this.#readyWords[index * EVENT_WORDS]!;
  }

  /** Reads at most `length` bytes: how many came, 0 at the end of the stream, -1 for "not now". */
  read(socket: number, to: Deno.PointerValue, length: number): number {
    return this.#calls.recv(socket, to, length, 0);
  }

  /** Writes at most `length` bytes: how many went, -1 for "not now". */
  write(socket: number, from: Deno.PointerValue, length: number): number {
    return this.#calls.send(socket, from, length, MSG_NOSIGNAL);
  }

  /** Closes a socket. */
  close(socket: number): void {
    this.#calls.close(socket);
  }

  /** The error of a socket as Linux numbers it (`errno`), 0 for none. */
  socketError(socket: number): number {
    const error = new Int32Array(1);
    this.#calls.getsockopt(socket, SOL_SOCKET, SO_ERROR, error, new Uint32Array([4]));
    return error[0]!;
  }

  /**
   * Processor time that a process has used, all its threads together, in milliseconds. The number
   * 0 means this process.
   */
  processorTime(pid: number): number {
    const time = new BigInt64Array(2);
    // Linux keeps the complement of the process number in the upper bits of the clock's number.
    const clock = pid === 0 ? CPU_CLOCK : (~pid << 3) | CPU_CLOCK;
    if (this.#calls.clock_gettime(clock, time) < 0) return NaN;
    return Number(time[0]!) * 1e3 + Number(time[1]!) / 1e6;
  }
}
