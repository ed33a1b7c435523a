import type { Generator } from "../generator.ts";
import { CONVERSATIONS, type Model } from "./model.ts";
import type { ModelPage } from "./page.ts";
import { type Author, type ModelServer, PAGE } from "./server.ts";

type Step = (model: Model, page: ModelPage) => void;

function anyOf(server: ModelServer, generator: Generator): string {
  return generator.pick(generator.chance(0.5) ? CONVERSATIONS : [...server.conversations.keys()]);
}

/** A change that comes from nobody's page. */
export function takeChange({ server, generator }: Model): void {
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
  [10, ({ generator }, { opened }) => opened?.conversation.setSeen(generator.chance(0.6) ? Infinity : 0)],
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

export function takeStep(model: Model): void {
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

export function recover(page: ModelPage): void {
  endings.get(page)?.splice(0).forEach((run) => run());
  page.line.repair();
  page.line.thaw();
  page.isVisible = true;
  page.opened?.conversation.setSeen(0);
}
