import type { Envelope } from "../../../shared/envelope.ts";
import { entryOf, eventsOf } from "../../../shared/events.ts";
import type { Result } from "../../../client/http/problem.ts";
import { createScope, type Scope } from "../../../client/platform/scope.ts";
import { createConnection } from "../../../client/realtime/connection.ts";
import type { RealtimeEnvironment } from "../../../client/realtime/socket.ts";
import { type ChangingList, createChangingList, type RowChange } from "../../../client/sync/changing_list.ts";
import { type Conversation, createConversation } from "../../../client/sync/conversation.ts";
import type {
  ConversationChanges,
  ConversationPage,
  ConversationSource,
} from "../../../client/sync/conversation_setup.ts";
import { messageEntry, noteEntry } from "../../../client/sync/conversation_events.ts";
import { type Accepted, createOutbox, type Outbox } from "../../../client/sync/outbox.ts";
import { createWritings } from "../../../client/sync/writings.ts";
import type { Generator } from "../generator.ts";
import type { ModelClock } from "./clock.ts";
import type { Line } from "./network.ts";
import { type Author, compareRows, INBOX, type ModelServer, type Row, type ThreadAnswer } from "./server.ts";

export interface World {
  clock: ModelClock;
  generator: Generator;
  server: ModelServer;
  /** Counts calls of the store by what they are. */
  count(call: string): void;
  nextUuid(): string;
}

interface Opened {
  id: string | null;
  scope: Scope;
  conversation: Conversation;
  outbox: Outbox<Accepted>;
}

/** One page of a visitor or an operator, with the engine in it and a screen that shows all of its state. */
export class ModelPage {
  readonly author: Author;
  readonly line: Line;
  isVisible = true;
  opened: Opened | null = null;
  list: ChangingList<Row> | null = null;
  /** What others wrote and the page was told of. */
  readonly told: string[] = [];
  readonly #world: World;
  readonly #storage = new Map<string, string>();
  view: (row: Row) => boolean = () => true;
  #life: { scope: Scope; environment: RealtimeEnvironment; outboxes: Outbox<Accepted>[] };
  #connection: ReturnType<typeof createConnection>;

  constructor(world: World, author: Author, line: Line) {
    this.#world = world;
    this.author = author;
    this.line = line;
    this.#life = this.#begin();
    this.#connection = this.#connect();
  }

  /** The page is loaded anew: what is kept beyond it is there, all else is gone. */
  reload(): void {
    const { opened } = this;
    this.#life.scope.end();
    this.line.close();
    this.#life = this.#begin();
    this.#connection = this.#connect();
    this.opened = null;
    for (const { itemId } of this.#writings().places()) this.#outboxOf(itemId);
    if (opened) this.open(opened.outbox.itemId);
    if (this.list) this.showList(this.view);
  }

  open(id: string | null): void {
    const { environment, scope } = this.#life;
    this.opened?.scope.end();
    const outbox = this.#outboxOf(id);
    const own = scope.child();
    const conversation = createConversation({
      environment,
      scope: own,
      source: this.#source(outbox),
      outbox,
      viewer: this.author,
      number: this.author.side === "visitor" ? "seq" : "rev",
      onForeignEntry: ({ body }) => void this.told.push(body),
      onFetched: () => this.#listen(),
      onProblem: () => {},
    });
    this.opened = { id, scope: own, conversation, outbox };
    this.#listen();
  }

  showList(view: (row: Row) => boolean): void {
    const { environment, scope } = this.#life;
    const { server, count } = this.#world;
    this.view = view;
    this.list = createChangingList<Row>({
      environment,
      scope: scope.child(),
      compare: compareRows,
      fits: view,
      source: {
        fetchPage: async (cursor) => {
          count("list page");
          const result = await this.line.call(() => server.list(view, cursor));
          return mapped(result, ({ next, ...page }) => ({ ...page, nextCursor: next }));
        },
        changesAfter: (since) => {
          count("list changes");
          return this.line.call(() => server.listChanges(since));
        },
      },
      onFetched: () => {},
      onProblem: () => {},
    });
  }

  /** What was never confirmed goes on. */
  flush(): void {
    for (const outbox of this.#life.outboxes) outbox.flush();
  }

  /** Whoever wrote what was not sent has it sent again. */
  resendFailed(): void {
    for (const outbox of this.#life.outboxes) {
      for (const { clientId, delivery } of outbox.entries()) {
        if (clientId && (delivery === "failed" || delivery === "not_confirmed")) outbox.resend(clientId);
      }
    }
  }

  wake(): void {
    this.#connection.wake(true);
    this.opened?.conversation.refetcher.ensure();
    this.list?.refetcher.ensure();
    this.flush();
  }

  end(): void {
    this.#life.scope.end();
    this.line.close();
  }

  #begin() {
    const { clock, generator, nextUuid } = this.#world;
    const { line } = this;
    let order = 0;
    const timers = {
      setTimeout: (run: () => void, milliseconds: number) => {
        const timer = { cancelled: false, timer: null as unknown };
        timer.timer = clock.after(milliseconds, () => line.inPage(() => timer.cancelled || run()));
        return timer;
      },
      clearTimeout: (id: unknown) => {
        const timer = id as { cancelled: boolean; timer: unknown };
        timer.cancelled = true;
        clock.cancel(timer.timer);
      },
    };
    const environment: RealtimeEnvironment = {
      ...timers,
      fetch: () => Promise.reject(new Error("nothing here fetches")),
      now: clock.now,
      random: () => generator.below(2 ** 20) / 2 ** 20,
      uuid: nextUuid,
      nextInOrder: () => ++order,
      storage: {
        read: (area, key) => this.#storage.get(area + key) ?? null,
        write: (area, key, value) => {
          if (value === null) this.#storage.delete(area + key);
          else this.#storage.set(area + key, value);
          return true;
        },
      },
      exclusively: (_name, run) => run(),
      page: {
        isVisible: () => this.isVisible,
        isOnline: () => true,
        info: () => undefined,
        listen: () => () => {},
      },
      openSocket: line.openSocket,
      warn: (message, cause) => {
        throw new Error(message, { cause });
      },
    };
    return { scope: createScope(environment), environment, outboxes: [] as Outbox<Accepted>[] };
  }

  #connect() {
    const { environment, scope } = this.#life;
    const connection = createConnection({
      environment,
      scope,
      url: "",
      key: () => "",
      prepare: () => null,
      events: {
        onJoined: (topic, again) => this.#joined(topic, again),
        onEvent: (topic, envelope) => this.#heard(topic, envelope),
        onRefused: () => {},
        onComplete: (complete) => complete || this.opened?.conversation.disconnected(),
      },
    });
    return connection;
  }

  #listen(): void {
    const id = this.opened?.outbox.itemId;
    if (this.author.side === "team") this.#connection.want([INBOX]);
    else if (id) this.#connection.want([`conv-${id}`]);
  }

  #joined(topic: string, again: boolean): void {
    if (topic === INBOX) this.list?.joined(again);
    this.opened?.conversation.listener.onJoined(again);
  }

  #heard(topic: string, envelope: Envelope | null): void {
    this.opened?.conversation.listener.onEvent(envelope);
    if (topic !== INBOX || !envelope || !this.list) return;
    const events = eventsOf(envelope);
    if (events.some(({ type }) => type === "refresh")) this.list.hint();
    const rows = events.filter(({ type }) => type === "conversation:updated")
      .map(({ data: { conversationId: _id, ...row } }) => row as unknown as Row);
    this.list.receive(rows.map((row): RowChange<Row> => ({ id: row.id, rev: row.rev, change: () => row })));
  }

  #writings() {
    return createWritings(this.#life.environment, "writings", this.author.name);
  }

  #outboxOf(id: string | null): Outbox<Accepted> {
    return this.#life.outboxes.find(({ itemId }) => itemId === id) ?? this.#makeOutbox(id);
  }

  #makeOutbox(id: string | null): Outbox<Accepted> {
    const { environment, scope, outboxes } = this.#life;
    const writings = this.#writings();
    const { server, count } = this.#world;
    const outbox = createOutbox<Accepted>({
      environment,
      scope,
      viewer: this.author.side === "visitor" ? "visitor" : "operator",
      itemId: id,
      keeper: {
        read: (itemId) => writings.read({ tabId: "tab", itemId }),
        keep: (itemId, writing) => !scope.ended && writings.keep({ tabId: "tab", itemId }, writing),
        alone: (clientId, run) => environment.exclusively(`writings:${clientId}`, run),
      },
      onChange: () => {},
      send: ({ itemId, clientId, body }) => {
        count("post");
        const target = itemId ?? `begun-${clientId}`;
        return this.line.call(() => {
          const entry = entryOf(server.post(this.author, target, clientId, body));
          return { entry, item: { id: target } };
        });
      },
      onAccepted: () => this.#listen(),
      onProblem: () => {},
      isIdempotent: () => true,
    });
    outboxes.push(outbox);
    return outbox;
  }

  #source(outbox: Outbox<Accepted>): ConversationSource {
    const { server, count } = this.#world;
    const { side } = this.author;
    const id = () => outbox.itemId ?? "";
    const call = <Value>(name: string, run: () => Value) => {
      count(name);
      return this.line.call(run);
    };
    return {
      fetchPage: (cursor) =>
        outbox.itemId === null
          ? null
          : call("thread page", () =>
            server.thread(side, id(), cursor === undefined ? undefined : Number(cursor)))
            .then((result) =>
              mapped(result, pageOf)
            ),
      changesAfter: (number) =>
        call("thread changes", () => server.changes(side, id(), number))
          .then((result) =>
            mapped(result, (answer): ConversationChanges =>
              "tooMany" in answer ? { tooMany: true } : pageOf(answer))
          ),
      read: (place) => call("read", () => server.read(side, id(), place, true)),
      deliver: (place) => call("deliver", () => server.read(side, id(), place, false)),
      typing: () => call("typing", () => server.typing(this.author, id())),
    };
  }
}

function pageOf({ messages, notes, next, ...rest }: ThreadAnswer): ConversationPage {
  const entries = [...messages.map((message) => messageEntry(entryOf(message))), ...notes.map(noteEntry)];
  return { ...rest, entries, nextCursor: next };
}

function mapped<From, To>(result: Result<From>, map: (value: From) => To): Result<To> {
  return result.ok ? { ok: true, value: map(result.value) } : result;
}
