import type { AuthorRole, Entry } from "../../shared/items.ts";
import type { LineChange } from "../../shared/events.ts";
import type { Problem } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";
import { DRAFT, type Writing } from "./writings.ts";

/**
 * `waiting`: for the network, then it goes by itself. `not_confirmed`: it may have arrived. `failed`: it has
 * not.
 */
export type Delivery = "waiting" | "sending" | "sent" | "not_confirmed" | "failed";

export interface ThreadEntry extends Entry {
  /** An internal note's, which only the team sees. */
  noteId?: string;
  /** Of a line that only the team sees, and that nobody wrote: what became of the conversation. */
  change?: LineChange;
  /** Another visitor's, in a room as a visitor sees it. */
  peer?: true;
  /** On the viewer's own entries that were not confirmed when this page was loaded, or were sent since. */
  delivery?: Delivery;
  /** On messages of the viewer's side whose source says how far the other side has come. */
  receipt?: "sent" | "delivered" | "seen";
  problem?: Problem;
}

/** An entry that the source's thread does not show yet. */
export interface Pending {
  entry: ThreadEntry & { clientId: string };
  attempts: number;
  /** Place in order of the first attempt; 0 before it. */
  sentAt: number;
  /** Place in order of the 2xx; 0 before it. */
  acceptedAt: number;
  /** As the source stored it, where the 2xx told. */
  stored?: Entry;
  /** Code of the problem that the page was told of since the viewer sent it. */
  told?: string;
  /** It may have arrived: an attempt was begun, on this page or an earlier one. */
  tried: boolean;
  /** A later one was tried while this one was not confirmed: sent by itself, it would come after that one. */
  overtaken: boolean;
  /** Another page of this browser may be about to send it as well. */
  contested: boolean;
  /** Written on an earlier page. */
  restored: boolean;
}

export interface PendingSetup {
  /** See `OutboxSetup`. */
  goesFor?: number;
  environment: Pick<Environment, "now" | "uuid">;
  /** Who writes. */
  viewer: AuthorRole;
  /** What is kept by now; other pages keep and remove as well. */
  read(): Writing[];
  keep(writing: Writing): boolean;
  /** See `OutboxSetup`. */
  isIdempotent(): boolean;
}

export type PendingEntries = ReturnType<typeof createPending>;

/** The entries of an outbox, in the order of writing. */
export function createPending(setup: PendingSetup, onChange: () => void) {
  const { environment, isIdempotent, goesFor = Infinity } = setup;
  const rows = createRows(setup, onChange);
  const { show, change, find } = rows;

  const queue = (id: string, more: Partial<Pending> = {}) =>
    change(id, { delivery: "sending", problem: undefined }, { attempts: 0, ...more });

  function next(): Pending | undefined {
    const one = rows.all.find(isQueued);
    if (!one || environment.now() - Date.parse(one.entry.createdAt ?? "") <= goesFor) return one;
    const delivery = one.tried ? "not_confirmed" : "failed";
    change(one.entry.clientId, { delivery });
    return next();
  }

  return {
    ...createArrivals(setup, rows),
    get all(): readonly Pending[] {
      return rows.all;
    },
    change,
    move: rows.move,
    add(body: string) {
      const { uuid, now } = environment;
      const entry = { ...written(setup, uuid(), body, now()), delivery: "sending" } as const;
      show([...rows.all, { ...FRESH, entry }]);
    },
    drop: (id: string) => show(rows.all.filter(({ entry }) => entry.clientId !== id)),
    /** What goes out next; what has waited for too long is left to its writer. */
    next,
    /** There is no network: what is queued says so. */
    wait() {
      for (const one of rows.all) {
        if (one.entry.delivery !== "sending") continue;
        change(one.entry.clientId, { delivery: "waiting" }, { contested: !one.tried });
      }
    },
    /** Its writer wants it sent again, as of now. */
    resend(id: string) {
      change(id, { createdAt: new Date(environment.now()).toISOString() });
      queue(id, { told: undefined, contested: false, overtaken: false });
    },
    /** Where that is safe. */
    queueUnconfirmed() {
      for (const { entry, overtaken } of rows.all) {
        if (entry.delivery === "not_confirmed" && !overtaken && isIdempotent()) queue(entry.clientId);
      }
    },
    /** True if no other page has sent the entry; from then on none will, unless that is safe. */
    claim(id: string): boolean {
      const one = find(id);
      if (!one) return false;
      const kept = setup.read().find((writing) => writing.id === id);
      const isFree = kept !== undefined && (!kept.tried || isIdempotent());
      if (isFree) change(id, {}, { tried: true });
      else if (!kept && one.restored) show(rows.all.filter((other) => other !== one));
      else change(id, { delivery: "not_confirmed" }, { tried: true, overtaken: true });
      return isFree;
    },
    /** Marks an attempt that starts then. False if the entry was discarded meanwhile. */
    attempt(id: string, startedAt: number): boolean {
      const current = find(id);
      if (!current) return false;
      const place = rows.all.indexOf(current);
      show(rows.all.map((one, index) => {
        if (one === current) return { ...one, ...attempted(one, startedAt) };
        const isPassed = index < place && one.entry.delivery === "not_confirmed" && !one.overtaken;
        return isPassed ? { ...one, overtaken: true } : one;
      }));
      return true;
    },
    failWaiting(problem: Problem) {
      for (const one of rows.all) {
        if (isQueued(one)) change(one.entry.clientId, { delivery: "failed", problem });
      }
    },
  };
}

const FRESH: Omit<Pending, "entry"> = {
  attempts: 0,
  sentAt: 0,
  acceptedAt: 0,
  tried: false,
  overtaken: false,
  contested: false,
  restored: false,
};

function attempted(one: Pending, startedAt: number): Partial<Pending> {
  const entry = { ...one.entry, delivery: "sending" as const };
  return { entry, tried: true, contested: false, sentAt: one.sentAt || startedAt };
}

function isQueued({ entry: { delivery } }: Pending): boolean {
  return delivery === "sending" || delivery === "waiting";
}

function written({ viewer }: PendingSetup, clientId: string, body: string, at: number): Pending["entry"] {
  const createdAt = new Date(at).toISOString();
  return { id: clientId, clientId, author: { role: viewer }, body, createdAt, attachments: [], fields: {} };
}

type Rows = ReturnType<typeof createRows>;

/** The entries themselves, oldest first; whatever changes is kept beyond the page. */
function createRows(setup: PendingSetup, onChange: () => void) {
  const { keep, isIdempotent } = setup;
  let all = setup.read().filter(({ id }) => id !== DRAFT).map(restore);

  function restore({ id, text, at, tried, due, problem }: Writing): Pending {
    const isDue = due && (!tried || isIdempotent());
    const delivery = isDue ? "sending" : tried && !problem ? "not_confirmed" : "failed";
    const entry = { ...written(setup, id, text, at), delivery, problem } as const;
    return { ...FRESH, entry, tried: Boolean(tried), overtaken: !isDue, contested: true, restored: true };
  }

  function write({ entry, tried, overtaken }: Pending, isGone = false) {
    const failed = entry.delivery === "failed";
    const isDue = !failed && !overtaken && (!tried || isIdempotent());
    keep({
      id: entry.clientId,
      text: isGone || entry.delivery === "sent" ? "" : entry.body,
      at: Date.parse(entry.createdAt ?? ""),
      tried: tried || undefined,
      due: isDue || undefined,
      problem: failed ? entry.problem : undefined,
    });
  }

  /** Whoever calls it shows what is left. */
  function replace(next: Pending[]) {
    const former = all;
    all = next;
    const left = new Set(next.map(({ entry }) => entry.clientId));
    for (const one of former) if (!left.has(one.entry.clientId)) write(one, true);
    for (const one of next) if (!former.includes(one)) write(one);
  }

  function show(next: Pending[]) {
    replace(next);
    onChange();
  }

  return {
    get all(): readonly Pending[] {
      return all;
    },
    replace,
    show,
    find: (id: string) => all.find(({ entry }) => entry.clientId === id),
    change(id: string, to: Partial<ThreadEntry>, more: Partial<Pending> = {}) {
      show(
        all.map((one) =>
          one.entry.clientId === id ? { ...one, ...more, entry: { ...one.entry, ...to } } : one
        ),
      );
    },
    /** `run` changes the conversation under which they are kept. */
    move(run: () => void) {
      for (const one of all) write(one, true);
      run();
      for (const one of all) write(one);
    },
  };
}

/** What is known of entries that the source has. */
function createArrivals({ read, isIdempotent }: PendingSetup, rows: Rows) {
  const sentIds = new Set<string>();
  return {
    accept(id: string, stored: Entry | undefined, acceptedAt: number) {
      sentIds.add(id);
      if (stored) sentIds.add(stored.id);
      rows.change(id, { delivery: "sent", problem: undefined }, { acceptedAt, stored });
    },
    sent: ({ id, clientId = id }: Entry) => sentIds.has(id) || sentIds.has(clientId),
    /** Drops what `page`, from a fetch that started then, makes superfluous. Its caller shows the rest. */
    reconcile(page: Entry[], startedAt: number) {
      const { all } = rows;
      const shown = new Set(page.flatMap(({ id, clientId }) => [id, clientId]));
      for (const { entry } of all) if (shown.has(entry.clientId)) sentIds.add(entry.clientId);
      const isShown = ({ entry, stored }: Pending) =>
        shown.has(entry.clientId) || (stored !== undefined && shown.has(stored.id));
      const newestShown = Math.max(...all.filter(isShown).map(({ sentAt }) => sentAt));
      const isAccepted = ({ acceptedAt }: Pending) => acceptedAt > 0 && acceptedAt < startedAt;
      /** True if an accepted entry can't be newer than the page that does not show it. */
      const isBehind = (one: Pending) =>
        !isIdempotent() || one.acceptedAt < newestShown || isOlderThan(page[0], one.stored);
      const kept = new Set(read().map(({ id }) => id));
      /** True if another page has sent or discarded it. */
      const isSettled = ({ entry, restored, sentAt }: Pending) =>
        restored && sentAt === 0 && !kept.has(entry.clientId);
      rows.replace(
        all.filter((one) => !isShown(one) && !isSettled(one) && !(isAccepted(one) && isBehind(one))),
      );
    },
  };
}

/** Others may have filled the newest page meanwhile. */
function isOlderThan(oldest: Entry | undefined, stored: Entry | undefined): boolean {
  return Boolean(
    oldest?.createdAt && stored?.createdAt && Date.parse(stored.createdAt) < Date.parse(oldest.createdAt),
  );
}
