import type { AuthorRole, Entry } from "../../shared/items.ts";
import { isUncertain, type Problem, type Result, type TellProblem } from "../http/problem.ts";
import { backoff } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

export type Delivery = "sending" | "sent" | "not_confirmed" | "failed";

export interface ThreadEntry extends Entry {
  /** On the viewer's own entries since this page was loaded. */
  delivery?: Delivery;
  problem?: Problem;
}

const AUTOMATIC_RESENDS = 4;

interface Pending {
  entry: ThreadEntry & { clientId: string };
  attempts: number;
  /** Place in order of the first attempt; 0 before it. */
  sentAt: number;
  /** Place in order of the 2xx; 0 before it. */
  acceptedAt: number;
  /** As the owner stored it, where the 2xx told. */
  stored?: Entry;
  /** Code of the problem that the page was told of since the viewer sent it. */
  told?: string;
}

/** What a source tells about an entry that it accepted, as far as the outbox uses it. */
export interface Accepted {
  /** As it was stored. */
  entry?: Entry;
  /** Of the conversation, where the entry began one. */
  item?: { id: string };
}

/**
 * The viewer's entries of one conversation that the source's thread does not show yet (docs/realtime.md, rule
 * 7), in the order of writing. It outlives the open thread, so that what was written is sent.
 */
export interface Outbox<Answer extends Accepted> {
  /** `null` until the first entry of a new conversation was accepted. */
  readonly itemId: string | null;
  /** What the open thread wants to know. */
  watch(watcher: OutboxWatcher<Answer> | null): void;
  add(body: string): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** Sends again what was not confirmed, where that is safe. */
  flush(): void;
  /** Drops what `entries`, from a fetch that started then, makes superfluous. */
  reconcile(entries: Entry[], startedAt: number): void;
  entries(): ThreadEntry[];
  /** True for an entry of the thread that was sent from here. */
  sent(entry: Entry): boolean;
}

export interface OutboxWatcher<Answer> {
  onChange(): void;
  onAccepted(answer: Answer): void;
}

export interface OutboxSetup<Answer extends Accepted> {
  environment: Environment;
  /** The viewer's session, not the open thread. */
  scope: Scope;
  /** Who writes. */
  viewer: AuthorRole;
  itemId: string | null;
  /** Hands an entry to the source; without an `itemId` it starts a conversation. */
  send(entry: { itemId: string | null; clientId: string; body: string }): Promise<Result<Answer>>;
  onAccepted(answer: Answer, startedAt: number): void;
  onProblem: TellProblem;
  /** The source echoes `clientId`, so sending twice stores once. */
  isIdempotent(): boolean;
}

export function createOutbox<Answer extends Accepted>(setup: OutboxSetup<Answer>): Outbox<Answer> {
  const { environment, scope, send, isIdempotent } = setup;
  const pending = createPending(() => watcher?.onChange());
  let { itemId } = setup;
  let watcher: OutboxWatcher<Answer> | null = null;
  let busy = false;

  /** One after the other, so that their order is kept. */
  async function pump(): Promise<void> {
    const next = pending.all.find(({ entry }) => entry.delivery === "sending");
    if (busy || !next || scope.ended) return;
    const { clientId, body } = next.entry;
    busy = true;
    const startedAt = environment.nextInOrder();
    if (next.sentAt === 0) pending.change(clientId, {}, { sentAt: startedAt });
    const result = await send({ itemId, clientId, body });
    busy = false;
    if (scope.ended) return;
    if (result.ok) accept(clientId, result.value, startedAt);
    else if (isUncertain(result.problem) && isIdempotent() && next.attempts < AUTOMATIC_RESENDS) {
      return resendLater(next);
    } else fail(next, result.problem);
    return pump();
  }

  function resendLater({ entry, attempts }: Pending) {
    pending.change(entry.clientId, {}, { attempts: attempts + 1 });
    busy = true;
    scope.after(backoff(attempts, environment.random), () => {
      busy = false;
      void pump();
    });
  }

  function fail({ entry, told }: Pending, problem: Problem) {
    const delivery = isUncertain(problem) ? "not_confirmed" : "failed";
    pending.change(entry.clientId, { delivery, problem }, { told: problem.code });
    if (told !== problem.code) setup.onProblem(problem);
    // Without a conversation to go to, the entries behind it would each start one.
    if (itemId === null) pending.failWaiting(problem);
  }

  function accept(clientId: string, answer: Answer, startedAt: number) {
    itemId ??= answer.item?.id ?? null;
    pending.accept(clientId, answer.entry, environment.nextInOrder());
    setup.onAccepted(answer, startedAt);
    watcher?.onAccepted(answer);
  }

  function queue(clientId: string, more: Partial<Pending> = {}) {
    pending.change(clientId, { delivery: "sending", problem: undefined }, { attempts: 0, ...more });
    void pump();
  }

  return {
    get itemId() {
      return itemId;
    },
    watch: (next) => void (watcher = next),
    add(body) {
      pending.keep([...pending.all, written(setup, body)]);
      void pump();
    },
    resend: (clientId) => queue(clientId, { told: undefined }),
    discard: (id) => pending.keep(pending.all.filter(({ entry }) => entry.clientId !== id)),
    flush() {
      if (!isIdempotent()) return;
      for (const { entry } of pending.all) if (entry.delivery === "not_confirmed") queue(entry.clientId);
    },
    reconcile: (entries, startedAt) => pending.reconcile(entries, startedAt, isIdempotent()),
    entries: () => pending.all.map(({ entry }) => entry),
    sent: pending.sent,
  };
}

function written({ environment, viewer }: OutboxSetup<Accepted>, body: string): Pending {
  const clientId = environment.uuid();
  const createdAt = new Date(environment.now()).toISOString();
  const author = { role: viewer };
  const content = { id: clientId, clientId, author, body, createdAt, attachments: [], fields: {} };
  return { entry: { ...content, delivery: "sending" }, attempts: 0, sentAt: 0, acceptedAt: 0 };
}

/** The entries themselves, oldest first. */
function createPending(onChange: () => void) {
  /** Of every entry that arrived. */
  const sentIds = new Set<string>();
  let all: Pending[] = [];

  function keep(next: Pending[]) {
    all = next;
    onChange();
  }

  function change(id: string, to: Partial<ThreadEntry>, more: Partial<Pending> = {}) {
    keep(
      all.map((one) => one.entry.clientId === id ? { ...one, ...more, entry: { ...one.entry, ...to } } : one),
    );
  }

  return {
    get all(): readonly Pending[] {
      return all;
    },
    keep,
    change,
    accept(id: string, stored: Entry | undefined, acceptedAt: number) {
      sentIds.add(id);
      if (stored) sentIds.add(stored.id);
      change(id, { delivery: "sent", problem: undefined }, { acceptedAt, stored });
    },
    failWaiting(problem: Problem) {
      for (const { entry } of all) {
        if (entry.delivery === "sending") change(entry.clientId, { delivery: "failed", problem });
      }
    },
    sent: ({ id, clientId = id }: Entry) => sentIds.has(id) || sentIds.has(clientId),
    /** Drops what `page`, from a fetch that started then, makes superfluous. Its caller shows the rest. */
    reconcile(page: Entry[], startedAt: number, isIdempotent: boolean) {
      const shown = new Set(page.flatMap(({ id, clientId }) => [id, clientId]));
      for (const { entry } of all) if (shown.has(entry.clientId)) sentIds.add(entry.clientId);
      const isShown = ({ entry, stored }: Pending) =>
        shown.has(entry.clientId) || (stored !== undefined && shown.has(stored.id));
      const newestShown = Math.max(...all.filter(isShown).map(({ sentAt }) => sentAt));
      const isAccepted = ({ acceptedAt }: Pending) => acceptedAt > 0 && acceptedAt < startedAt;
      /** True if an accepted entry can't be newer than the page that does not show it. */
      const isBehind = (one: Pending) =>
        !isIdempotent || one.acceptedAt < newestShown || isOlderThan(page[0], one.stored);
      all = all.filter((one) => !isShown(one) && !(isAccepted(one) && isBehind(one)));
    },
  };
}

/** Others may have filled the newest page meanwhile. */
function isOlderThan(oldest: Entry | undefined, stored: Entry | undefined): boolean {
  return Boolean(
    oldest?.createdAt && stored?.createdAt && Date.parse(stored.createdAt) < Date.parse(oldest.createdAt),
  );
}
