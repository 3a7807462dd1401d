/**
 * Tells who can read and who can write. One thread waits for all sockets of a server; what came
 * is handled here, in turn.
 *
 * @module
 */
import { type Libc, PinnedBytes, ReadyList } from "./libc.ts";
import { nextTurn } from "./turns.ts";

/** So many sockets are told of their readiness at a time, before others get a turn. */
const READY_MAX = 256;
/** How much is read of one socket at a time, in bytes: all of them share one buffer. */
const INPUT_BYTES = 262_144;
/**
 * The longest wait, in milliseconds: the runtime cannot end a thread that waits, so at its own
 * end it may have to wait as long.
 */
const WAIT = 500;
/**
 * After a batch, so many turns of the event loop pass without another one before the waiting is
 * left to the other thread, from where the way back takes much longer.
 */
const QUIET_TURNS = 2;
/** The tag of the signal that ends the waiting; those who are told have others. */
const WAKE = 0;

/** Who is told what its descriptor is ready for. Must not throw. */
export interface Pollable {
  /** `events` is a set of EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP. */
  onReady(events: number): void;
}

/** Watches the sockets of one server until all of them have left. */
export class Poller {
  /** The calls of the system. */
  readonly libc: Libc;
  /** Where everyone reads into: what lies there is valid until the next read. */
  readonly input: PinnedBytes = new PinnedBytes(INPUT_BYTES);
  /** Settles when the last socket has left and nothing of this is under way. */
  readonly finished: Promise<void>;
  readonly #epoll: number;
  readonly #wake: number;
  readonly #ready = new ReadyList(READY_MAX);
  /** Who is told, by tag. */
  readonly #members: (Pollable | undefined)[] = [undefined];
  readonly #freeTags: number[] = [];
  /** Tags given back; what was reported to one before must not reach the next. */
  readonly #returnedTags: number[] = [];
  #count = 0;

  /** Begins with its first member; at least one must join at once. */
  constructor(libc: Libc) {
    this.libc = libc;
    this.#epoll = libc.createEpoll();
    this.#wake = libc.createSignal();
    libc.watch(this.#epoll, this.#wake, { events: 1, tag: WAKE });
    this.finished = this.#run();
  }

  /** Takes a member in, and gives its tag. Nothing is watched yet. */
  join(member: Pollable): number {
    this.#count++;
    const tag = this.#freeTags.pop() ?? this.#members.length;
    this.#members[tag] = member;
    return tag;
  }

  /** Has another one told in place of a member. */
  replace(tag: number, member: Pollable): void {
    this.#members[tag] = member;
  }

  /** Lets a member go, whose descriptor is watched no more. */
  leave(tag: number): void {
    this.#members[tag] = undefined;
    this.#returnedTags.push(tag);
    if (--this.#count === 0) this.libc.signal(this.#wake);
  }

  /** Changes what a member's descriptor is watched for; 0 is nothing at all. */
  watch(descriptor: number, tag: number, change: { from: number; to: number }): void {
    const { from, to: events } = change;
    if (events === 0) this.libc.unwatch(this.#epoll, descriptor);
    else if (from === 0) this.libc.watch(this.#epoll, descriptor, { events, tag });
    else this.libc.rewatch(this.#epoll, descriptor, { events, tag });
  }

  async #run(): Promise<void> {
    await undefined; // for the first member
    while (this.#count > 0) {
      this.#tell(await this.libc.wait(this.#epoll, this.#ready, WAIT));
      let quiet = 0;
      while (this.#count > 0 && quiet < QUIET_TURNS) {
        await nextTurn();
        const ready = this.libc.poll(this.#epoll, this.#ready);
        quiet = ready > 0 ? 0 : quiet + 1;
        this.#tell(ready);
      }
    }
    this.libc.close(this.#wake);
    this.libc.close(this.#epoll);
  }

  #tell(ready: number): void {
    for (let index = 0; index < ready; index++) {
      const tag = this.#ready.tagOf(index);
      // It may have left while another one was told.
      this.#members[tag]?.onReady(this.#ready.eventsOf(index));
    }
    if (this.#returnedTags.length > 0) this.#freeTags.push(...this.#returnedTags.splice(0));
  }
}
