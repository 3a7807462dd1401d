/**
 * Several addresses of one host, tried as RFC 8305 has it: both families in turn, the next one
 * a moment after the one before or as soon as one fails, and the first that works wins.
 *
 * The runtime does something like it by itself. It waits also when an address has failed
 * already, tells only of the last failure, and keeps the addresses to itself; so it is left the
 * task only where the permissions name a host and not its addresses.
 *
 * @module
 */

/** How long an attempt is alone before the next one begins, in milliseconds (RFC 8305 §5). */
export const ATTEMPT_DELAY = 250;

/** An address that did not work. */
export interface AddressFailure {
  /** The IP address. */
  readonly address: string;
  /** What went wrong. */
  readonly error: unknown;
}

/** How the race is run. */
export interface RaceOptions<T> {
  /**
   * Connects to one address. Once `signal` fires it rejects soon, and gives up what comes all
   * the same.
   */
  readonly connect: (address: string, signal: AbortSignal) => Promise<T>;
  /** Gives up what comes second. */
  readonly dispose: (value: T) => void;
  /** Ends the race; it then rejects with the reason of the signal. */
  readonly signal: AbortSignal;
  /** Milliseconds from one attempt to the next. @default 250 */
  readonly delay?: number;
}

/** How the race ended. */
export interface RaceResult<T> {
  /** What connected first. */
  readonly winner: T;
  /** What had failed until then, in that order. */
  readonly failures: readonly AddressFailure[];
}

/** No address worked. */
export class RaceError extends Error {
  /** `"RaceError"`. */
  override readonly name = "RaceError";
  /** What went wrong with each address, in the order in which they failed. */
  readonly failures: readonly AddressFailure[];

  constructor(failures: readonly AddressFailure[]) {
    super("No address could be connected to");
    this.failures = failures;
  }
}

/** The addresses with the two families in turn, beginning with that of the first (RFC 8305 §4). */
export function interleaveFamilies(addresses: readonly string[]): string[] {
  const isV6 = (address: string) => address.includes(":");
  const [first = ""] = addresses;
  const preferred = addresses.filter((address) => isV6(address) === isV6(first));
  const others = addresses.filter((address) => isV6(address) !== isV6(first));
  const longer = Math.max(preferred.length, others.length);
  return Array.from({ length: longer }, (_, i) => [preferred[i], others[i]]).flat()
    .filter((address) => address !== undefined);
}

/**
 * Tries the addresses in their order.
 *
 * @throws {RaceError} when none works.
 * @throws the reason of the signal, when that fired.
 */
export async function raceAddresses<T>(
  addresses: readonly string[],
  options: RaceOptions<T>,
): Promise<RaceResult<T>> {
  const race = new Race(addresses, options);
  const onAbort = () => race.abort(options.signal.reason);
  if (options.signal.aborted) throw options.signal.reason;
  options.signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await race.run();
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}

class Race<T> {
  readonly #waiting: string[];
  readonly #options: RaceOptions<T>;
  readonly #failures: AddressFailure[] = [];
  readonly #result = Promise.withResolvers<RaceResult<T>>();
  /** Tells the attempts that it is over. */
  readonly #end = new AbortController();
  #running = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(addresses: readonly string[], options: RaceOptions<T>) {
    this.#waiting = [...addresses];
    this.#options = options;
  }

  run(): Promise<RaceResult<T>> {
    this.#startNext();
    return this.#result.promise;
  }

  abort(reason: unknown): void {
    this.#finish();
    this.#result.reject(reason);
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    const address = this.#waiting.shift();
    if (address !== undefined) this.#attempt(address);
    else if (this.#running === 0) this.abort(new RaceError(this.#failures));
    if (this.#waiting.length > 0) {
      const { delay = ATTEMPT_DELAY } = this.#options;
      this.#timer = setTimeout(() => this.#startNext(), delay);
    }
  }

  #attempt(address: string): void {
    this.#running++;
    this.#options.connect(address, this.#end.signal).then(
      (winner) => this.#win(winner),
      (error) => this.#lose(address, error),
    );
  }

  #win(winner: T): void {
    if (this.#end.signal.aborted) return this.#options.dispose(winner);
    this.#finish();
    this.#result.resolve({ winner, failures: this.#failures });
  }

  #lose(address: string, error: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#running--;
    this.#failures.push({ address, error });
    this.#startNext();
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.#end.abort();
  }
}
