import {
  compareEntries,
  messageEntry,
  noteEntry,
  type StreamEntry,
} from "../../../client/sync/conversation_events.ts";
import type { ConversationEntry } from "../../../client/sync/conversation_setup.ts";
import { receiptAt } from "../../../client/sync/marks.ts";
import { entryOf } from "../../../shared/events.ts";
import type { Model } from "./model.ts";
import type { ModelPage } from "./page.ts";
import { type ModelServer, unreadFor } from "./server.ts";

/** What stands twice in the thread that a page shows. */
export function doubledOn({ author, opened }: ModelPage): string[] {
  const entries = opened?.conversation.state.value.entries ?? [];
  const seen = new Set<string>();
  return entries.map(({ id, clientId = id, noteId }) => noteId === undefined ? clientId : id)
    .filter((key) => seen.has(key) || !seen.add(key))
    .map((key) => `${author.name} sees ${key} twice in ${opened?.id}`);
}

/** Every screen against the server, and everything that was written. */
export function differences(model: Model): string[] {
  const { server, pages } = model;
  return [
    ...pages.flatMap((page) => [...threadFaults(server, page), ...listFaults(server, page)]),
    ...lostAndDoubled(model),
  ];
}

/** The open thread against the server: entries, receipts, marks and what is unread. */
export function threadFaults(server: ModelServer, page: ModelPage): string[] {
  const { opened, author } = page;
  const id = opened?.outbox.itemId;
  if (!opened || !id) return [];
  const { state } = opened.conversation;
  const conversation = server.find(id);
  const { marks } = conversation;
  const theirs = marks[author.side === "visitor" ? "team" : "visitor"];
  const all: StreamEntry[] = [
    ...conversation.messages.map(({ message }) => messageEntry(entryOf(message))),
    ...(author.side === "team" ? conversation.notes.map(({ note }) => noteEntry(note)) : []),
  ].sort(compareEntries);
  const { entries, hasOlder, typists, status } = state.value;
  const expected = hasOlder ? all.slice(-entries.length) : all;
  const name = `${author.name} in ${id}`;
  const faults = same(name, entries.map(lineOf), expected.map((entry) => lineOf(withReceipt(entry))));
  if (status !== "ready") faults.push(`${name}: ${status}`);
  if (typists.length > 0) faults.push(`${name}: somebody types for ever`);
  faults.push(...same(`${name}: marks`, [JSON.stringify(state.value.marks)], [JSON.stringify(marks)]));
  const loaded = new Set(entries.map((entry) => entry.id));
  const messages = conversation.messages.filter(({ message }) => loaded.has(message.id));
  const unread = unreadFor(author.side, { ...conversation, messages });
  faults.push(...same(`${name}: unread`, [`${state.value.unread}`], [`${unread}`]));
  return faults;

  function withReceipt(entry: StreamEntry): ConversationEntry {
    const isOwn = entry.noteId === undefined &&
      (entry.author.role === "visitor") === (author.side === "visitor");
    return isOwn ? { ...entry, receipt: receiptAt(entry.place, theirs) } : entry;
  }
}

function lineOf({ id, body, deletedAt, delivery = "sent", receipt, place }: ConversationEntry): string {
  return `${id} at ${place}: ${body} ${deletedAt ? "deleted" : ""} ${delivery} ${receipt ?? ""}`;
}

function listFaults(server: ModelServer, { author, list, view }: ModelPage): string[] {
  if (!list) return [];
  const { rows, hasMore, status } = list.state.value;
  const all = server.rows(view);
  const shown = rows.map((row) => JSON.stringify(row));
  const expected = (hasMore ? all.slice(0, rows.length) : all).map((row) => JSON.stringify(row));
  return [
    ...same(`${author.name}'s list`, shown, expected),
    ...same(`${author.name}'s list`, [status], ["ready"]),
  ];
}

/** Each text that somebody sent stands in exactly one place, whatever became of it. */
export function lostAndDoubled({ server, written }: Model): string[] {
  const stored = new Map<string, number>();
  for (const text of server.texts()) stored.set(text, (stored.get(text) ?? 0) + 1);
  return written.flatMap(({ text }) => {
    const times = stored.get(text) ?? 0;
    return times === 1 ? [] : [`"${text}" was stored ${times} times`];
  });
}

function same(what: string, shown: string[], expected: string[]): string[] {
  const at = Math.max(shown.length, expected.length);
  for (let index = 0; index < at; index++) {
    if (shown[index] !== expected[index]) {
      return [`${what}, ${index} of ${expected.length}: shows ${shown[index]}, not ${expected[index]}`];
    }
  }
  return [];
}
