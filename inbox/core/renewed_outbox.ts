import type { Accepted, Outbox } from "../../client/sync/outbox.ts";

export interface Renewed extends Outbox<Accepted> {
  /** Looks again for what other pages have left, once nothing of this one's is on its way. */
  takeUp(): void;
}

/** An outbox in whose place a new one comes, which finds what was left since. All have the same draft. */
export function renewed(make: () => Outbox<Accepted>): Renewed {
  const first = make();
  const former = [first];
  let current = first;
  let watcher: Parameters<typeof first.watch>[0] = null;
  return {
    ...first,
    watch(next) {
      watcher = next;
      current.watch(next);
    },
    add: (body) => current.add(body),
    resend: (clientId) => current.resend(clientId),
    discard: (clientId) => current.discard(clientId),
    edit: (clientId) => current.edit(clientId),
    flush: () => current.flush(),
    reconcile: (entries, startedAt) => current.reconcile(entries, startedAt),
    entries: () => current.entries(),
    sent: (entry) => former.some((each) => each.sent(entry)),
    takeUp() {
      if (current.entries().length > 0) return;
      const next = make();
      if (next.entries().length === 0) return;
      former.push(next);
      current = next;
      if (watcher) current.watch(watcher);
    },
  };
}
