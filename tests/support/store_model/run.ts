import type { ConversationEntry } from "../../../client/sync/conversation.ts";
import {
  compareEntries,
  messageEntry,
  noteEntry,
  type StreamEntry,
} from "../../../client/sync/conversation_events.ts";
import { receiptAt } from "../../../client/sync/marks.ts";
import { entryOf } from "../../../shared/events.ts";
import { createGenerator, type Generator } from "../generator.ts";
import { ModelClock } from "./clock.ts";
import { CALM, ModelNetwork, SILENCE, STORM } from "./network.ts";
import { ModelPage, type World } from "./page.ts";
import { type Author, ModelServer, PAGE, type Row, unreadFor } from "./server.ts";

const MINUTE = 60_000;
const ADA: Author = { side: "visitor", name: "Ada" };
const CAROL: Author = { side: "team", name: "Carol" };
/** Milliseconds between two steps, at most: many come at once. */
const PACES = [30, 30, 30, 30, 400, 400, 1000, 15_000];
const CONVERSATIONS = ["c1", "c2", "c3", "c4"];

export interface ModelRun {
  steps: number;
  /** What was written, all told. */
  written: number;
  /** Calls of the store by what they are. */
  calls: Record<string, number>;
  /** What differs between the screens and the server at the end, in words; empty if all is well. */
  faults: string[];
}

/**
 * Pages of a visitor (two devices) and of two operators do as many random things, in a bad network. Now and
 * then the network heals, and every screen is compared with the server: once something new shows each gap, and
 * half an hour after a loss that nothing follows.
 */
export async function runModel(seed: number, steps: number): Promise<ModelRun> {
  const model = createModel(seed);
  const { pages, clock, generator, faults } = model;
  for (let step = 1; step <= steps && faults.length === 0; step++) {
    takeStep(model);
    await clock.advance(generator.below(generator.pick(PACES)));
    if (step % 50 === 0) faults.push(...pages.flatMap((page) => doubledOn(page)));
    if (step % 500 === 0) await compareAfterNews(model);
    if (step % 2000 === 0) await compareAfterSilence(model);
  }
  if (faults.length === 0) await compareAfterNews(model);
  if (faults.length === 0) await compareAfterSilence(model);
  for (const page of pages) page.end();
  return { steps, written: model.written.length, calls: model.calls, faults };
}

/** The network heals; what gets lost from then on is there within seconds of the next change. */
async function compareAfterNews(model: Model): Promise<void> {
  const { network, clock, pages, server, faults } = model;
  network.weather = CALM;
  for (const page of pages) recover(page);
  await clock.advance(2 * MINUTE);
  for (const page of pages) page.resendFailed();
  await clock.advance(2 * MINUTE);
  network.weather = SILENCE;
  for (let step = 0; step < 10; step++) takeChange(model);
  await clock.advance(1000);
  network.weather = CALM;
  for (const { opened } of pages) {
    const id = opened?.outbox.itemId;
    if (id) server.post(CAROL, id, `news ${clock.time}`, "news");
  }
  await clock.advance(30_000);
  faults.push(...pages.flatMap((page) => threadFaults(server, page)), ...lostAndDoubled(model));
  network.weather = STORM;
}

/** Broadcasts get lost without a word, and nothing follows. */
async function compareAfterSilence(model: Model): Promise<void> {
  const { network, clock, pages, faults } = model;
  network.weather = SILENCE;
  for (let step = 0; step < 20; step++) takeChange(model);
  await clock.advance(MINUTE);
  network.weather = CALM;
  await clock.advance(30 * MINUTE);
  for (const page of pages) page.resendFailed();
  faults.push(...differences(model));
  network.weather = STORM;
}

interface Model {
  clock: ModelClock;
  generator: Generator;
  network: ModelNetwork;
  server: ModelServer;
  pages: ModelPage[];
  /** Each text that somebody sent, and where. */
  written: { text: string; author: Author; id: string | null }[];
  erased: Set<string>;
  calls: Record<string, number>;
  faults: string[];
}

function createModel(seed: number): Model {
  const generator = createGenerator(seed);
  const clock = new ModelClock();
  const network = new ModelNetwork(clock, generator);
  const server = new ModelServer(clock.now, network.publish);
  const calls: Record<string, number> = {};
  let uuids = 0;
  const world: World = {
    clock,
    generator,
    server,
    count: (call) => void (calls[call] = (calls[call] ?? 0) + 1),
    nextUuid: () => `uuid-${++uuids}`,
  };
  for (const id of CONVERSATIONS) server.post(ADA, id, world.nextUuid(), `${id} begins`);
  for (let old = 0; old < 30; old++) server.post(ADA, `old-${old}`, world.nextUuid(), "an old one");
  const pages = [ADA, ADA, { side: "team", name: "Alice" }, { side: "team", name: "Bob" }]
    .map((author) => new ModelPage(world, author as Author, network.line()));
  const views: ((row: Row) => boolean)[] = [
    ({ status }) => status === "OPEN",
    ({ assignee }) => assignee === "Bob",
  ];
  for (const [index, page] of pages.entries()) {
    page.open("c1");
    const view = views[index - 2];
    if (view) page.showList(view);
  }
  return { clock, generator, network, server, pages, written: [], erased: new Set(), calls, faults: [] };
}

type Step = (model: Model, page: ModelPage) => void;

function anyOf(server: ModelServer, generator: Generator): string {
  return generator.pick(generator.chance(0.5) ? CONVERSATIONS : [...server.conversations.keys()]);
}

/** A change that comes from nobody's page. */
function takeChange({ server, generator }: Model): void {
  const id = anyOf(server, generator);
  const { messages } = server.find(id);
  const { message } = generator.pick(messages.slice(-2 * PAGE));
  if (generator.chance(0.5)) server.edit(id, Number(message.id), `${generator.below(1000)} edited`);
  else server.assign(id, generator.pick(["Alice", "Bob", null]));
}

/** How often, and what. */
const STEPS: [weight: number, step: Step][] = [
  [30, write],
  [15, change],
  [4, ({ server, generator }, page) =>
    own(page, ({ name }, id) => {
      const noteId = pickNote(server, generator, id);
      server.note(name, id, generator.chance(0.3) && noteId ? null : "a note", noteId);
    })],
  [10, ({ generator }, { opened }) => opened?.conversation.setReading(generator.chance(0.6))],
  [8, (_model, { opened }) => opened?.conversation.typed()],
  [6, ({ server, generator }, { author: { side, name } }) => {
    if (side === "team") server.assign(anyOf(server, generator), generator.pick([name, null]));
  }],
  [
    4,
    ({ server, generator }) =>
      server.setStatus(anyOf(server, generator), generator.pick(["OPEN", "RESOLVED"])),
  ],
  [5, ({ server, generator }) => server.unknown(generator.pick(CONVERSATIONS))],
  [1, begin],
  [1, erase],
  [
    4,
    ({ generator }, page) =>
      page.open(generator.pick(page.author.side === "team" ? CONVERSATIONS : ["c1", "c2"])),
  ],
  [8, (_model, { opened }) => opened?.conversation.loadOlder()],
  [3, (_model, { list }) => list?.loadMore()],
  [3, (_model, { line }) => line.dropSocket()],
  [2, ({ generator }, page) => {
    page.line.cut();
    later(page, generator, () => page.line.repair());
  }],
  [2, (_model, { line }) => line.expireToken()],
  [2, ({ generator }, page) => {
    page.line.freeze();
    later(page, generator, () => page.line.thaw());
  }],
  [2, ({ generator }, page) => {
    page.isVisible = false;
    later(page, generator, () => (page.isVisible = true));
  }],
  [2, (_model, page) => page.reload()],
  [1, (_model, page) => page.wake()],
  [1, (_model, page) => page.flush()],
  [0.2, ({ server }) => void (server.epoch += 1)],
];
const TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

/** What ends a while after it began. */
const endings = new WeakMap<ModelPage, (() => void)[]>();

function later(page: ModelPage, generator: Generator, end: () => void): void {
  const all = endings.get(page) ?? [];
  endings.set(page, all);
  all.push(end);
  if (generator.chance(0.7)) all.splice(0).forEach((run) => run());
}

function takeStep(model: Model): void {
  const { generator, pages } = model;
  const page = generator.pick(pages);
  if (generator.chance(0.3)) endings.get(page)?.splice(0).forEach((run) => run());
  let place = generator.below(1000 * TOTAL) / 1000;
  const [, step] = STEPS.find(([weight]) => (place -= weight) < 0) ?? [0, write];
  step(model, page);
}

function write({ written, generator }: Model, { author, opened }: ModelPage): void {
  if (!opened) return;
  for (let count = generator.chance(0.1) ? 8 : 1; count > 0; count--) {
    const text = `text ${written.length + 1} by ${author.name}`;
    written.push({ text, author, id: opened.outbox.itemId });
    opened.outbox.add(text);
  }
}

function change({ server, generator }: Model, { opened }: ModelPage): void {
  const id = opened?.outbox.itemId;
  if (!id || !server.conversations.has(id)) return;
  const { messages } = server.find(id);
  const { message } = generator.pick(messages.slice(generator.chance(0.5) ? -3 : -3 * PAGE));
  server.edit(id, Number(message.id), generator.chance(0.2) ? null : `${generator.below(1000)} edited`);
}

function begin(_model: Model, page: ModelPage): void {
  if (page.author.side !== "visitor") return;
  page.open(null);
}

/** One that nobody looks at. */
function erase({ server, generator, pages, erased }: Model): void {
  const open = new Set(pages.map(({ opened }) => opened?.outbox.itemId));
  const ids = [...server.conversations.keys()].filter((id) => id.startsWith("old-") && !open.has(id));
  if (ids.length < 5) return;
  const id = generator.pick(ids);
  erased.add(id);
  server.erase(id);
}

function own({ author, opened }: ModelPage, run: (author: Author, id: string) => void): void {
  const id = opened?.outbox.itemId;
  if (author.side === "team" && id) run(author, id);
}

function pickNote(server: ModelServer, generator: Generator, id: string): string | undefined {
  const notes = server.find(id).notes.filter(({ note }) => !note.change);
  return notes.length > 0 && generator.chance(0.5) ? generator.pick(notes).note.id : undefined;
}

function recover(page: ModelPage): void {
  endings.get(page)?.splice(0).forEach((run) => run());
  page.line.repair();
  page.line.thaw();
  page.isVisible = true;
  page.opened?.conversation.setReading(false);
}

function doubledOn({ author, opened }: ModelPage): string[] {
  const entries = opened?.conversation.state.value.entries ?? [];
  const seen = new Set<string>();
  return entries.map(({ id, clientId = id, noteId }) => noteId === undefined ? clientId : id)
    .filter((key) => seen.has(key) || !seen.add(key))
    .map((key) => `${author.name} sees ${key} twice in ${opened?.id}`);
}

/** Every screen against the server, and everything that was written. */
function differences(model: Model): string[] {
  const { server, pages } = model;
  return [
    ...pages.flatMap((page) => [...threadFaults(server, page), ...listFaults(server, page)]),
    ...lostAndDoubled(model),
  ];
}

function threadFaults(server: ModelServer, page: ModelPage): string[] {
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
function lostAndDoubled({ server, written }: Model): string[] {
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
