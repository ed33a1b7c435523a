import { differences, doubledOn, lostAndDoubled, threadFaults } from "./differences.ts";
import { CAROL, createModel, type Model } from "./model.ts";
import { CALM, SILENCE, STORM } from "./network.ts";
import { recover, takeChange, takeStep } from "./steps.ts";

const MINUTE = 60_000;
/** Milliseconds between two steps, at most: many come at once. */
const PACES = [30, 30, 30, 30, 400, 400, 1000, 15_000];

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
