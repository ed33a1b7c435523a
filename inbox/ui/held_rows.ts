interface Held {
  id: string;
  activeAt: string;
}

/**
 * `rows`, but those that are held keep the places that they had in `former`, each `shift` further down; also one that is no
 * longer among the rows, unless `mayLeave` says otherwise.
 */
export function withHeld<Row extends Held>(
  rows: readonly Row[],
  former: readonly Row[],
  held: ReadonlySet<string>,
  { shift = 0, mayLeave }: { shift?: number; mayLeave: (id: string) => boolean },
): readonly Row[] {
  if (held.size === 0) return rows;
  const kept: { row: Row; place: number }[] = [];
  for (const [place, row] of former.entries()) {
    if (!held.has(row.id)) continue;
    const now = rows.find(({ id }) => id === row.id) ?? (mayLeave(row.id) ? undefined : row);
    if (now) kept.push({ row: now, place: place + shift });
  }
  const ids = new Set(kept.map(({ row }) => row.id));
  const order = rows.filter(({ id }) => !ids.has(id));
  for (const { row, place } of kept) order.splice(Math.max(0, place), 0, row);
  return order;
}

/**
 * By how many rows what is seen from `first` on has moved down: as far as the first of them of which nothing is new, and that is
 * not held.
 */
export function shiftOf<Row extends Held>(
  rows: readonly Row[],
  former: readonly Row[],
  first: number,
  held: ReadonlySet<string>,
): number {
  const places = new Map(rows.map((row, place) => [row.id, { row, place }]));
  for (let place = first; place < former.length; place++) {
    const row = former[place];
    const now = row && places.get(row.id);
    if (now && !held.has(row.id) && now.row.activeAt === row.activeAt) return now.place - place;
  }
  return 0;
}
