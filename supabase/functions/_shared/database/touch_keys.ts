const INTERVAL_MS = 60_000;

/** Writes down that a key is in use, at most once a minute for each key. `now` in milliseconds. */
export function createKeyTouches(touch: (keyId: string) => Promise<void>, now: () => number) {
  const touchedAt = new Map<string, number>();

  /** `null` if it was done less than a minute ago. */
  return (keyId: string): Promise<void> | null => {
    const last = touchedAt.get(keyId);
    if (last !== undefined && now() - last < INTERVAL_MS) return null;
    touchedAt.set(keyId, now());
    return touch(keyId);
  };
}
