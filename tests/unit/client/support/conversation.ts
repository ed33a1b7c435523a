import { createScope } from "../../../../client/platform/scope.ts";
import { type Conversation, createConversation } from "../../../../client/sync/conversation.ts";
import type {
  ConversationChanges,
  ConversationPage,
  Viewer,
} from "../../../../client/sync/conversation_setup.ts";
import { messageEntry, type StreamEntry } from "../../../../client/sync/conversation_events.ts";
import { type Accepted, createOutbox } from "../../../../client/sync/outbox.ts";
import type { Problem, Result } from "../../../../client/http/problem.ts";
import { entryOf, type Message, type MessageRole } from "../../../../shared/events.ts";
import type { Writing } from "../../../../client/sync/writings.ts";
import { settle } from "./clock.ts";
import { createSurroundings } from "./environment.ts";

export const ID = "c1";

export function message(
  seq: number,
  role: MessageRole,
  text = `text ${seq}`,
  more: Partial<Message> = {},
): Message {
  const createdAt = new Date(Date.parse("2026-01-01T00:00:00Z") + seq).toISOString();
  const author = role === "AGENT" ? { id: "alice", name: "Alice" } : {};
  return { id: `${seq}`, text, role, createdAt, meta: { author, attachments: [] }, ...more };
}

export const entry = (...given: Parameters<typeof message>) => messageEntry(entryOf(message(...given)));

/** A page with a message of each side. */
export const TWO = { entries: [entry(1, "USER"), entry(2, "AGENT")], number: 2 };
export const OPERATOR = { side: "team", name: "Bob" } as const;
export const NO_ANSWER = { code: "network", message: "No answer came." } as const;

/** What the source answers until told otherwise, and what it was asked. */
export interface FakeSource {
  page: Partial<ConversationPage>;
  older: Partial<ConversationPage>;
  changes: Partial<Exclude<ConversationChanges, { tooMany: true }>> | { tooMany: true };
  problem: Problem | null;
  calls: string[];
  /** While set, answers wait for it. */
  until: Promise<unknown> | null;
}

/** An open conversation whose source and channel are in the test's hands. */
export async function openConversation(
  page: Partial<ConversationPage>,
  viewer: Viewer = { side: "visitor" },
  itemId: string | null = ID,
  older: Partial<ConversationPage> = {},
) {
  const surroundings = createSurroundings(() =>
    Promise.reject(new Error("nothing is fetched but by the source"))
  );
  const { environment, clock } = surroundings;
  const scope = createScope(environment);
  const source: FakeSource = { page, older, changes: {}, problem: null, calls: [], until: null };
  const told: StreamEntry[] = [];
  /** By id, what this browser keeps. */
  const kept = new Map<string, Writing>();
  const problems: Problem[] = [];
  const answer = async <Value>(call: string, value: () => Value): Promise<Result<Value>> => {
    source.calls.push(call);
    const now = value();
    await source.until;
    return source.problem ? { ok: false, problem: source.problem } : { ok: true, value: now };
  };
  const whole = (given: Partial<ConversationPage>) => ({ entries: [], number: 0, ...given });
  const outbox = createOutbox<Accepted>({
    environment,
    scope,
    viewer: viewer.side === "visitor" ? "visitor" : "operator",
    itemId,
    keeper: {
      read: () => [...kept.values()],
      keep(_, writing) {
        if (writing.text) kept.set(writing.id, writing);
        else kept.delete(writing.id);
        return writing.text !== "";
      },
      alone: (_, run) => run(),
    },
    onChange: () => {},
    send: ({ body }) => answer(`send ${body}`, () => ({ item: { id: ID } })),
    onAccepted: () => {},
    onProblem: () => {},
    isIdempotent: () => true,
  });
  const conversation: Conversation = createConversation({
    environment,
    scope,
    outbox,
    viewer,
    number: viewer.side === "visitor" ? "seq" : "rev",
    source: {
      fetchPage: (cursor) =>
        outbox.itemId === null
          ? null
          : answer(`page ${cursor ?? ""}`.trim(), () =>
            whole(cursor === undefined ? source.page : source.older)),
      changesAfter: (number) =>
        answer(
          `changes after ${number}`,
          () => "tooMany" in source.changes ? source.changes : { entries: [], number, ...source.changes },
        ),
      read: (place) => answer(`read ${place}`, () => null),
      deliver: (place) => answer(`deliver ${place}`, () => null),
      typing: () => answer("typing", () => null),
    },
    onForeignEntry: (foreign) => void told.push(foreign),
    onFetched: () => {},
    onProblem: (problem) => void problems.push(problem),
  });
  await settle();

  let events = 0;
  const envelope = (type: string, data: Record<string, unknown>) => ({
    v: 1 as const,
    id: `event-${++events}`,
    type,
    at: new Date(clock.time).toISOString(),
    data,
  });
  const hear = (type: string, data: Record<string, unknown>) =>
    conversation.listener.onEvent(envelope(type, { conversationId: ID, ...data }));
  return {
    ...surroundings,
    scope,
    source,
    outbox,
    kept,
    conversation,
    told,
    problems,
    hear,
    /** Several events in one broadcast. */
    hearTogether(events: [type: string, data: Record<string, unknown>][]) {
      const each = events.map(([type, data]) => envelope(type, { conversationId: ID, ...data }));
      conversation.listener.onEvent(envelope("events", { events: each }));
    },
    hearMessage: (seq: number, role: MessageRole, more: Partial<Message> = {}) =>
      hear("message:new", { seq, message: message(seq, role, undefined, more) }),
    texts: () => conversation.state.value.entries.map(({ body }) => body),
    receipts: () => conversation.state.value.entries.map(({ receipt }) => receipt),
    /** What the source was asked since the last time. */
    asked: () => source.calls.splice(0),
  };
}
