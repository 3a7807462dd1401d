/**
 * Rounds of writes. The runtime reads from many connections and then tells of each in turn.
 * What is to be written then does not come in between, but in rounds, each behind the
 * handling of several batches of input: so both the handling and the system calls find their
 * code and their memory in the processor's cache. What that gains is in bench/README.md.
 *
 * @module
 */

/** A round has so many writes at most, lest the first waits long for the last. */
const FULL_ROUND = 64;
/** Nor does the first wait longer for the batches behind it, in milliseconds, than this and one. */
const LONG_ROUND = 2;

/** Who has something to write. */
export interface RoundMember {
  /** Begins the write, without waiting for it. */
  beginWrite(): void;
}

const round: RoundMember[] = [];
let begun = 0;

/** Has `member` begin its write behind what is due already, or at the end of a full round. */
export function joinRound(member: RoundMember): void {
  if (round.push(member) > 1) return;
  begun = Date.now();
  queueMicrotask(writeRound);
}

/** To be called behind each batch of input: a round that is full, or has lasted, is written now. */
export function endBatch(): void {
  if (round.length === 0) return;
  if (round.length >= FULL_ROUND || Date.now() - begun >= LONG_ROUND) writeRound();
}

function writeRound(): void {
  for (const member of round.splice(0)) member.beginWrite();
}
