interface Identified {
  id: string;
}

/** Each id once: the first one stays. */
export function withoutDuplicates<Row extends Identified>(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * The rows behind a freshly fetched first page that still join on to it (docs/realtime.md, rule 5): those that followed its
 * last row before. Without that row there may be a gap, so nothing is kept.
 */
export function rowsBehind<Row extends Identified>(page: Row[], before: Row[]): Row[] {
  const last = page.at(-1);
  const seam = before.findIndex(({ id }) => id === last?.id);
  if (seam < 0) return [];
  const fresh = new Set(page.map(({ id }) => id));
  return before.slice(seam + 1).filter(({ id }) => !fresh.has(id));
}
