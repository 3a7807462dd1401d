/**
 * Tells who can read and who can write. One thread waits for all sockets of a server; what came
 * is handled here, in turn.
 *
 * @module
 */
import { type Libc, PinnedBytes, type ReadyList } from "./libc.ts";
import { nextTurn } from "./turns.ts";

/** So many sockets are told of their readiness at a time, before timers and others get a turn. */
const READY_MAX = 256;
/** And for so long, in milliseconds. */
const LONG_BATCH = 5;
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

/** Who is told what its descriptor is ready for. */
export interface Pollable {
  /**
   * `events` is a set of EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP. It may be outdated: what is
   * tried may find nothing.
   */
  onReady(events: number): void;
}

/** Watches the sockets of one server until all of them have left. */
export class Poller {
  /** The calls of the system. */
  readonly libc: Libc;
  /** Where everyone reads into: what lies there is valid until the next read. */
  readonly input: PinnedBytes = new PinnedBytes(INPUT_BYTES);
  /**
   * Settles when the last socket has left and nothing of this is under way. Rejects, which nobody
   * expects, when epoll itself fails.
   */
  readonly finished: Promise<void>;
  readonly #epoll: number;
  readonly #wake: number;
  readonly #ready: ReadyList;
  /** Who is told, by tag. */
  readonly #members: (Pollable | undefined)[] = [undefined];
  readonly #freeTags: number[] = [];
  /** Tags given back; what was reported to one before must not reach the next. */
  readonly #returnedTags: number[] = [];
  #count = 0;

  /** Begins with its first member; if none joins at once, it ends. */
  constructor(libc: Libc) {
    this.libc = libc;
    this.#epoll = libc.createEpoll();
    this.#wake = libc.orClose(this.#epoll, () => libc.createSignal(this.#epoll, WAKE));
    this.#ready = libc.createReadyList(READY_MAX);
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
    const { libc } = this;
    while (this.#count > 0) {
      await this.#tell(await libc.wait(this.#epoll, this.#ready, WAIT));
      let quiet = 0;
      while (this.#count > 0 && quiet < QUIET_TURNS) {
        await nextTurn();
        const ready = libc.poll(this.#epoll, this.#ready);
        quiet = ready > 0 ? 0 : quiet + 1;
        await this.#tell(ready);
      }
    }
    libc.free(this.#ready);
    libc.close(this.#wake);
    libc.close(this.#epoll);
  }

  async #tell(ready: number): Promise<void> {
    let begun = Date.now();
    for (let index = 0; index < ready; index++) {
      this.#tellOne(this.#ready.tagOf(index), this.#ready.eventsOf(index));
      if (Date.now() - begun < LONG_BATCH) continue;
      await nextTurn();
      begun = Date.now();
    }
    while (this.#returnedTags.length > 0) this.#freeTags.push(this.#returnedTags.pop()!);
  }

  /** What one member does wrong must harm no other, but it is no secret either. */
  #tellOne(tag: number, events: number): void {
    try {
      // It may have left while another one was told.
      this.#members[tag]?.onReady(events);
    } catch (error) {
      reportError(error);
    }
  }
}
