import type { AuthorRole, Entry } from "../../shared/items.ts";
import { isUncertain, type Problem, type Result, type TellProblem } from "../http/problem.ts";
import { backoff } from "../platform/delays.ts";
import { type ReadonlySignal, signal } from "../platform/emitter.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import {
  createPending,
  type Pending,
  type PendingEntries,
  type PendingSetup,
  type ThreadEntry,
} from "./pending.ts";
import { DRAFT, type Writing } from "./writings.ts";

/** What is being written. */
export interface Draft {
  text: string;
  /** Why the source refused this text, until it is changed. */
  problem?: Problem;
}

const AUTOMATIC_RESENDS = 4;

/** What a source tells about an entry that it accepted, as far as the outbox uses it. */
export interface Accepted {
  /** As it was stored. */
  entry?: Entry;
  /** Of the conversation, where the entry began one. */
  item?: { id: string };
}

/**
 * The viewer's entries of one conversation that the source's thread does not show yet (docs/realtime.md, rule
 * 7), in the order of writing, and the draft of the next one. It outlives the open thread, so that what was
 * written is sent, and what is kept outlives the page.
 */
export interface Outbox<Answer extends Accepted> {
  /** `null` until the first entry of a new conversation was accepted. */
  readonly itemId: string | null;
  readonly draft: ReadonlySignal<Draft>;
  /** What the open thread wants to know. */
  watch(watcher: OutboxWatcher<Answer> | null): void;
  setDraft(text: string): void;
  /** Takes the place of the draft. */
  add(body: string): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** Discards it too, and makes its text the draft. */
  edit(clientId: string): void;
  /** Sends what waits, and again what was not confirmed, where that is safe. */
  flush(): void;
  /**
   * Drops what `entries`, from a fetch that started then, makes superfluous. If another page of this browser has sent the
   * draft that both show, it is none here either.
   */
  reconcile(entries: Entry[], startedAt: number): void;
  entries(): ThreadEntry[];
  /** True for an entry of the thread that was sent from here. */
  sent(entry: Entry): boolean;
  /** Shows no draft any more: the viewer left. */
  clear(): void;
}

export interface OutboxWatcher<Answer> {
  onChange(): void;
  onAccepted(answer: Answer): void;
}

/** Keeps the writings of a conversation, or of the one that is yet to begin, beyond this page. */
export interface WritingKeeper {
  read(itemId: string | null): Writing[];
  /** Returns whether it is kept now; an empty text removes it. */
  keep(itemId: string | null, writing: Writing): boolean;
  /** Runs it while no other page of this browser does the same with the entry. */
  alone<Value>(clientId: string, run: () => Promise<Value>): Promise<Value>;
}

export interface OutboxSetup<Answer extends Accepted> {
  environment: Environment;
  /** The viewer's session, not the open thread. */
  scope: Scope;
  /** Who writes. */
  viewer: AuthorRole;
  itemId: string | null;
  keeper: WritingKeeper;
  /** Hands an entry to the source; without an `itemId` it starts a conversation. */
  send(entry: { itemId: string | null; clientId: string; body: string }): Promise<Result<Answer>>;
  onAccepted(answer: Answer, startedAt: number): void;
  /** An entry came, went, or fares otherwise; or the thread was opened or closed, so that the draft may be another. */
  onChange(): void;
  onProblem: TellProblem;
  /** For so many milliseconds an entry goes out by itself; later its writer decides. Absent: always. */
  goesFor?: number;
  /** The source echoes `clientId`, so sending twice stores once. */
  isIdempotent(): boolean;
}

/** The draft of an outbox. */
export interface KeptDraft {
  readonly signal: ReadonlySignal<Draft>;
  set(text: string, problem?: Problem): void;
  /** Another page may have sent the draft that both show, or one that it had kept in the place of this. */
  look(heard: readonly Entry[]): void;
  /** `run` changes the conversation under which it is kept. */
  move(run: () => void): void;
}

/** `makeDraft` makes its draft, by default one that is kept whenever it changes. */
export function createOutbox<Answer extends Accepted>(
  setup: OutboxSetup<Answer>,
  makeDraft: (kept: Kept, environment: Environment) => KeptDraft = createDraft,
): Outbox<Answer> {
  const { keeper } = setup;
  let { itemId } = setup;
  let watcher: OutboxWatcher<Answer> | null = null;
  const kept: Kept = {
    read: () => keeper.read(itemId),
    keep: (writing) => keeper.keep(itemId, writing),
  };
  const draft = makeDraft(kept, setup.environment);
  const pending = createPending({ ...setup, ...kept }, () => {
    watcher?.onChange();
    setup.onChange();
  });
  const sender = createSender(setup, pending, {
    itemId: () => itemId,
    onAccepted({ item }) {
      if (itemId !== null || !item) return;
      const begin = () => (itemId = item.id);
      draft.move(() => pending.move(begin));
    },
    onSettled: (answer) => watcher?.onAccepted(answer),
    onFailed({ entry }, problem) {
      if (problem.code !== "source_rejected" || !watcher || draft.signal.value.text) return;
      pending.drop(entry.clientId);
      draft.set(entry.body, problem);
    },
  });
  void sender.pump();

  return {
    get itemId() {
      return itemId;
    },
    draft: draft.signal,
    watch(next) {
      watcher = next;
      // While it is open nobody else needs to know what is being written.
      setup.onChange();
    },
    setDraft: draft.set,
    add(body) {
      draft.set("");
      // What was not confirmed goes first, or this one would overtake it.
      pending.queueUnconfirmed();
      pending.add(body);
      void sender.pump();
    },
    resend(clientId) {
      pending.resend(clientId);
      void sender.pump();
    },
    discard: pending.drop,
    edit(clientId) {
      const edited = pending.all.find(({ entry }) => entry.clientId === clientId);
      if (!edited) return;
      pending.drop(clientId);
      const { text } = draft.signal.value;
      draft.set(text ? `${edited.entry.body}\n${text}` : edited.entry.body);
    },
    flush() {
      pending.queueUnconfirmed();
      void sender.pump();
    },
    reconcile(entries, startedAt) {
      pending.reconcile(entries, startedAt);
      draft.look(entries);
      setup.onChange();
    },
    entries: () => pending.all.map(({ entry }) => entry),
    sent: pending.sent,
    clear: () => draft.set(""),
  };
}

type Kept = Pick<PendingSetup, "read" | "keep">;

/** The draft, kept whenever it changes. Other pages of this browser may have one at the same place. */
function createDraft({ read, keep }: Kept, environment: Environment): KeptDraft {
  const found = (): Draft => read().find(({ id }) => id === DRAFT) ?? { text: "" };
  const { text, problem } = found();
  const current = signal<Draft>({ text, problem });
  /** What this page has kept, or found. */
  let own = text;

  function keepOwn({ text, problem }: Draft) {
    // An empty field takes nothing away that another page has written meanwhile.
    const isKept = (text !== "" || found().text === own) &&
      keep({ id: DRAFT, text, at: environment.now(), problem });
    own = isKept ? text : "";
  }

  function set(text: string, problem?: Problem) {
    current.value = { text, problem };
    keepOwn(current.value);
  }

  return {
    signal: current,
    set,
    look(heard) {
      if (own && !found().text && heard.some(({ body }) => body === own)) set("");
    },
    move(run) {
      keepOwn({ text: "" });
      run();
      keepOwn(current.value);
    },
  };
}

interface SenderHooks<Answer> {
  itemId(): string | null;
  /** Before anybody is told. */
  onAccepted(answer: Answer): void;
  onSettled(answer: Answer): void;
  onFailed(one: Pending, problem: Problem): void;
}

/** Sends what is queued, one after the other, so that their order is kept. */
function createSender<Answer extends Accepted>(
  setup: OutboxSetup<Answer>,
  pending: PendingEntries,
  hooks: SenderHooks<Answer>,
) {
  const { environment, scope, keeper, isIdempotent } = setup;
  let busy = false;

  async function pump(): Promise<void> {
    const next = pending.next();
    if (busy || !next || scope.ended) return;
    if (!environment.page.isOnline()) return pending.wait();
    busy = true;
    // Another page that finds the entry waits for what becomes of it, or for the end of this page.
    const isLater = await keeper.alone(next.entry.clientId, () => send(next));
    if (isLater) return;
    busy = false;
    return pump();
  }

  /** Resolves to whether it is tried again later. */
  async function send(one: Pending): Promise<boolean> {
    const { clientId, body } = one.entry;
    if (one.contested && !pending.claim(clientId)) return false;
    const startedAt = environment.nextInOrder();
    if (scope.ended || !pending.attempt(clientId, startedAt)) return false;
    const result = await setup.send({ itemId: hooks.itemId(), clientId, body });
    if (scope.ended) return false;
    if (result.ok) accept(clientId, result.value, startedAt);
    else if (mayResend(result.problem) && one.attempts < AUTOMATIC_RESENDS) {
      resendLater(one);
      return true;
    } else fail(one, result.problem);
    return false;
  }

  /** What was refused as too much for the moment has certainly not been taken. */
  function mayResend(problem: Problem): boolean {
    return problem.code === "rate_limited" || isUncertain(problem) && isIdempotent();
  }

  function resendLater({ entry, attempts }: Pending) {
    pending.change(entry.clientId, {}, { attempts: attempts + 1 });
    scope.after(backoff(attempts, environment.random), () => {
      busy = false;
      void pump();
    });
  }

  function fail(one: Pending, problem: Problem) {
    const delivery = isUncertain(problem) ? "not_confirmed" : "failed";
    pending.change(one.entry.clientId, { delivery, problem }, { told: problem.code });
    if (one.told !== problem.code) setup.onProblem(problem);
    // Without a conversation to go to, the entries behind it would each start one.
    if (hooks.itemId() === null) pending.failWaiting(problem);
    hooks.onFailed(one, problem);
  }

  function accept(clientId: string, answer: Answer, startedAt: number) {
    hooks.onAccepted(answer);
    pending.accept(clientId, answer.entry, environment.nextInOrder());
    setup.onAccepted(answer, startedAt);
    hooks.onSettled(answer);
  }

  return { pump };
}
