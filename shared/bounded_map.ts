export interface BoundedMapOptions {
  /** How many entries it holds; the oldest make room for new ones. */
  maxSize: number;
  /** Milliseconds for which an entry counts; for ever if not given. */
  ttlMs?: number;
  /**
   * Milliseconds for which an entry makes room for no other, so that there may be more than `maxSize`. Only where
   * nobody else chooses the keys.
   */
  keepMs?: number;
  /** Milliseconds. */
  now(): number;
}

export interface BoundedMap<Key, Value> {
  /** `undefined` for an entry that is missing, or older than `ttlMs`. */
  get(key: Key): Value | undefined;
  /** `since`: when the entry's time begins to count, in milliseconds; now if not given. */
  set(key: Key, value: Value, since?: number): void;
  delete(key: Key): void;
  /** Entries held, those included whose time is over. */
  readonly size: number;
}

/** A map for caches in memory, which whoever may choose the keys can't fill. */
export function createBoundedMap<Key, Value>(
  { maxSize, ttlMs = Infinity, keepMs = 0, now }: BoundedMapOptions,
): BoundedMap<Key, Value> {
  // In the order in which they were set: the first is the oldest.
  const entries = new Map<Key, { value: Value; since: number }>();

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (now() - entry.since < ttlMs) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, since = now()) {
      entries.delete(key);
      entries.set(key, { value, since });
      for (const [oldest, { since }] of entries) {
        if (entries.size <= maxSize || now() - since < keepMs) break;
        entries.delete(oldest);
      }
    },
    delete(key) {
      entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}
