type Random = () => number;

const SECOND = 1000;
const LONGEST_RECONNECT = 30 * SECOND;
const LONGEST_POLL = 45 * SECOND;

/** Milliseconds from `low` to `high`, evenly spread. */
export function between(low: number, high: number, random: Random): number {
  return low + random() * (high - low);
}

/**
 * Full jitter: from one second to a limit that doubles with each attempt (0 is the first), up to `longest`.
 */
export function backoff(attempt: number, random: Random, longest: number = LONGEST_RECONNECT): number {
  return between(SECOND, Math.min(longest, 2 * SECOND * 2 ** attempt), random);
}

/** From 10 s for the first poll to at most 60 s, a third of it jitter. */
export function pollDelay(attempt: number, random: Random): number {
  const shortest = Math.min(LONGEST_POLL, 10 * SECOND * 2 ** attempt);
  return between(shortest, shortest * 4 / 3, random);
}
