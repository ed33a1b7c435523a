import type { CreateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Entry } from "../../shared/items.ts";
import { isUncertain } from "../http/problem.ts";
import type { Problem } from "../http/problem.ts";
import type { Result } from "../http/problem.ts";
import { backoff } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
import { nextInOrder } from "./request_order.ts";
import type { Scope } from "../platform/scope.ts";

import type { TellProblem } from "./problems.ts";

export type Delivery = "sending" | "sent" | "not_confirmed" | "failed";

export interface ThreadEntry extends Entry {
  /** On the visitor's own entries since this page was loaded. */
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
  /** Code of the problem that the page was told of since the visitor sent it. */
  told?: string;
}

/**
 * The visitor's entries of one conversation that the owner's thread does not show yet (docs/realtime.md, rule 7), in the order of
 * writing. It outlives the open thread, so that what was written is sent.
 */
export interface Outbox {
  /** `null` until the first entry of a new conversation was accepted. */
  readonly itemId: string | null;
  /** What the open thread wants to know. */
  watch(watcher: OutboxWatcher | null): void;
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

export interface OutboxWatcher {
  onChange(): void;
  onAccepted(answer: CreateItemAnswer): void;
}

export interface OutboxSetup {
  environment: Environment;
  /** The visitor's, not the thread's. */
  scope: Scope;
  itemId: string | null;
  /** Hands an entry to the source; without an `itemId` it starts a conversation. */
  send(entry: { itemId: string | null; clientId: string; body: string }): Promise<Result<CreateItemAnswer>>;
  onAccepted(answer: CreateItemAnswer, startedAt: number): void;
  onProblem: TellProblem;
  /** The owner echoes `clientId`, so sending twice stores once. */
  isIdempotent(): boolean;
}

export function createOutbox(setup: OutboxSetup): Outbox {
  const { environment, scope, send, isIdempotent } = setup;
  const sentIds = new Set<string>();
  let { itemId } = setup;
  let watcher: OutboxWatcher | null = null;
  let pending: Pending[] = [];
  let busy = false;

  function change(clientId: string, to: Partial<ThreadEntry>, more: Partial<Pending> = {}) {
    pending = pending.map((one) =>
      one.entry.clientId === clientId ? { ...one, ...more, entry: { ...one.entry, ...to } } : one
    );
    watcher?.onChange();
  }

  /** One after the other, so that their order is kept. */
  async function pump(): Promise<void> {
    const next = pending.find(({ entry }) => entry.delivery === "sending");
    if (busy || !next || scope.ended) return;
    const { clientId, body } = next.entry;
    busy = true;
    const startedAt = nextInOrder();
    if (next.sentAt === 0) change(clientId, {}, { sentAt: startedAt });
    const result = await send({ itemId, clientId, body });
    busy = false;
    if (scope.ended) return;
    if (result.ok) {
      accept(clientId, result.value, startedAt);
      return pump();
    }
    const { problem } = result;
    const uncertain = isUncertain(problem);
    if (uncertain && isIdempotent() && next.attempts < AUTOMATIC_RESENDS) return resendLater(next);
    change(clientId, { delivery: uncertain ? "not_confirmed" : "failed", problem }, { told: problem.code });
    if (next.told !== problem.code) setup.onProblem(problem);
    // Without a conversation to go to, the entries behind it would each start one.
    if (itemId === null) {
      for (const { entry } of pending.filter(({ entry }) => entry.delivery === "sending")) {
        change(entry.clientId, { delivery: "failed", problem });
      }
    }
    return pump();
  }

  function resendLater({ entry, attempts }: Pending) {
    change(entry.clientId, {}, { attempts: attempts + 1 });
    busy = true;
    scope.after(backoff(attempts, environment.random), () => {
      busy = false;
      void pump();
    });
  }

  function accept(clientId: string, answer: CreateItemAnswer, startedAt: number) {
    const stored = answer.entry;
    sentIds.add(clientId);
    if (stored) sentIds.add(stored.id);
    itemId ??= answer.item?.id ?? null;
    change(clientId, { delivery: "sent", problem: undefined }, { acceptedAt: nextInOrder(), stored });
    setup.onAccepted(answer, startedAt);
    watcher?.onAccepted(answer);
  }

  function queue(clientId: string, more: Partial<Pending> = {}) {
    change(clientId, { delivery: "sending", problem: undefined }, { attempts: 0, ...more });
    void pump();
  }

  const isAccepted = ({ acceptedAt }: Pending, before: number) => acceptedAt > 0 && acceptedAt < before;

  /** True if an accepted entry can't be newer than the page that does not show it. */
  function isBehind({ acceptedAt, stored }: Pending, page: Entry[], newestShown: number): boolean {
    if (!isIdempotent() || acceptedAt < newestShown) return true;
    // Others may have filled the newest page meanwhile.
    const oldest = page[0]?.createdAt;
    return Boolean(oldest && stored?.createdAt && Date.parse(stored.createdAt) < Date.parse(oldest));
  }

  return {
    get itemId() {
      return itemId;
    },
    watch(next) {
      watcher = next;
    },
    add(body) {
      const clientId = environment.uuid();
      const createdAt = new Date(environment.now()).toISOString();
      const entry: Pending["entry"] = {
        id: clientId,
        clientId,
        author: { role: "visitor" },
        body,
        createdAt,
        attachments: [],
        fields: {},
        delivery: "sending",
      };
      pending = [...pending, { entry, attempts: 0, sentAt: 0, acceptedAt: 0 }];
      watcher?.onChange();
      void pump();
    },
    resend: (clientId) => queue(clientId, { told: undefined }),
    discard(clientId) {
      pending = pending.filter(({ entry }) => entry.clientId !== clientId);
      watcher?.onChange();
    },
    flush() {
      if (!isIdempotent()) return;
      for (const { entry } of pending) if (entry.delivery === "not_confirmed") queue(entry.clientId);
    },
    reconcile(entries, startedAt) {
      const shown = new Set(entries.flatMap(({ id, clientId }) => [id, clientId]));
      for (const { entry } of pending) if (shown.has(entry.clientId)) sentIds.add(entry.clientId);
      const isShown = ({ entry, stored }: Pending) =>
        shown.has(entry.clientId) || (stored !== undefined && shown.has(stored.id));
      const newestShown = Math.max(...pending.filter(isShown).map(({ sentAt }) => sentAt));
      pending = pending.filter((one) =>
        !isShown(one) && !(isAccepted(one, startedAt) && isBehind(one, entries, newestShown))
      );
    },
    entries: () => pending.map(({ entry }) => entry),
    sent: ({ id, clientId }) => sentIds.has(id) || (clientId !== undefined && sentIds.has(clientId)),
  };
}
