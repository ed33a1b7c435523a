import type { Command, Input, Option } from "../command.ts";
import { estimate, invocationsOf, type Month, type Source } from "../cost/estimate.ts";
import { bill, type Meter, type Plan, PLANS } from "../cost/plans.ts";
import { usageError } from "../errors.ts";
import { facts, table } from "../output/text.ts";

interface Assumption {
  /** Typed as a percentage, computed with as a share. */
  percent?: true;
  default: number;
  help: string;
}

const ASSUMPTIONS: Record<keyof Month, Assumption> = {
  visits: { default: 10_000, help: "visits to the site in a month" },
  views: { default: 4, help: "page views of a visit" },
  minutes: { default: 5, help: "how long a visit lasts" },
  known: { percent: true, default: 100, help: "visits by people who are signed in, or have written before" },
  listening: { percent: true, default: 10, help: "visits by people who have a conversation" },
  opened: { percent: true, default: 5, help: "visits in which the widget is used" },
  messages: { default: 6, help: "messages in such a visit, from both sides" },
  widgets: { default: 1, help: "browser tabs in which a visitor has the thread open" },
  webhooks: { default: 0, help: "webhooks for events that get every message" },
  mails: { default: 0, help: "mails of notifications in a month" },
  pushes: { default: 0, help: "push messages of notifications in a month" },
  answers: { default: 0, help: "answers of bots in a month that grow, ten seconds each" },
  peak: { default: 5, help: "how much busier the busiest moment is than the average" },
};
const NAMES = Object.keys(ASSUMPTIONS) as (keyof Month)[];

const METERS: Record<Meter, { title: string; unit?: { name: string; size: number } }> = {
  invocations: { title: "Function invocations" },
  realtimeMessages: { title: "Realtime messages" },
  peakConnections: { title: "Realtime connections at once" },
  databaseBytes: { title: "Database", unit: { name: "MB", size: 1_000_000 } },
};

const SOURCES: Record<Source, string> = {
  sessions: "sessions of known visitors",
  pageViews: "page views of known visitors",
  listening: "pages that listen",
  opened: "widgets opened",
  messages: "messages",
  deliveries: "deliveries",
  answers: "answers of bots",
};

export const cost: Command = {
  name: "cost",
  summary: "Estimates what Heddle uses of Supabase's plans in a month",
  parameters: [],
  options: Object.fromEntries(NAMES.map((name): [string, Option] => {
    const { percent, default: value, help } = ASSUMPTIONS[name];
    return [name, { type: "string", value: percent ? "%" : "N", help: `${help}; default ${value}` }];
  })),
  examples: ["cost --visits 50000", "cost --visits 20000 --known 20 --opened 2 --messages 10"],
  needs: "nothing",
  run({ input }) {
    const month = readMonth(input);
    const usage = estimate(month);
    const bills = PLANS.map((plan) => ({ plan: plan.name, price: plan.price, ...bill(plan, usage) }));
    const rows = (Object.keys(METERS) as Meter[]).map((meter) => [
      METERS[meter].title,
      amount(usage[meter], meter),
      ...PLANS.map((plan) => share(plan, meter, usage[meter])),
    ]);
    const sums = bills.map(({ price, fits, dollars }) =>
      fits ? `$${price} + $${dollars.toFixed(2)}` : "does not fit"
    );
    const titles = ["In a month", "about", ...PLANS.map(({ name }) => name)];
    const sources = Object.entries(invocationsOf(month)).map(([source, number]) => [
      SOURCES[source as Source],
      amount(Math.round(number), "invocations"),
    ]);
    const text = [
      table(titles, [...rows, ["Plan, and usage beyond it", "", ...sums]], ""),
      ...notesOn(usage, bills.some(({ dollars }) => dollars > 0)),
      "",
      "The invocations come from",
      facts(Object.fromEntries(sources)),
      "",
      `Assumed: ${NAMES.map((name) => assumption(name, month)).join(", ")}.`,
      "Other usage of the organization and traffic are not included. Prices change: docs/costs.md has the sources.",
    ].join("\n");
    return Promise.resolve({
      json: { month: asTyped(month), usage, invocations: invocationsOf(month), plans: bills },
      text,
    });
  },
};

function readMonth(input: Input): Month {
  const answers = NAMES.map((name) => {
    const { percent, default: value } = ASSUMPTIONS[name];
    const number = readNumber(input.text(name) ?? String(value), name, percent ? 100 : Infinity);
    return [name, percent ? number / 100 : number];
  });
  const month: Month = Object.fromEntries(answers);
  if (input.text("listening") === undefined) month.listening = Math.min(month.listening, month.known);
  if (month.listening <= month.known) return month;
  throw usageError("--listening can't be more than --known: who has a conversation is known by it.");
}

/** With percentages, as the options take them. */
function asTyped(month: Month): Record<string, number> {
  return Object.fromEntries(NAMES.map((name) => [name, typed(name, month)]));
}

function typed(name: keyof Month, month: Month): number {
  return ASSUMPTIONS[name].percent ? Number((month[name] * 100).toFixed(3)) : month[name];
}

/** What the sums presuppose, or why there is none. */
function notesOn(usage: Record<Meter, number>, beyond: boolean): string[] {
  const ends = PLANS.flatMap(({ name, most }) =>
    Object.entries(most ?? {})
      .filter(([meter, limit]) => usage[meter as Meter] > limit)
      .map(([meter, limit]) =>
        `${name} ends at ${amount(limit, meter as Meter)} ${
          METERS[meter as Meter].title
        }, even without a spend cap: further widgets poll, which costs invocations.`
      )
  );
  const cap =
    "Usage beyond Pro's quotas needs its spend cap switched off; with it on, the plan ends at them.";
  const notes = [...ends, ...(beyond ? [cap] : [])];
  return notes.length > 0 ? ["", ...notes] : [];
}

function readNumber(text: string, name: string, max: number): number {
  const number = /^\d{1,10}(?:\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (number <= max) return number;
  throw usageError(`--${name} must be a number${max === 100 ? " from 0 to 100" : ""}.`);
}

function assumption(name: keyof Month, month: Month): string {
  return `--${name} ${typed(name, month)}`;
}

function amount(value: number, meter: Meter): string {
  const { unit } = METERS[meter];
  const number = (unit ? value / unit.size : value).toLocaleString("en-US", { maximumFractionDigits: 1 });
  return unit ? `${number} ${unit.name}` : number;
}

function share({ included }: Plan, meter: Meter, value: number): string {
  const percent = (value / included[meter] * 100).toLocaleString("en-US", { maximumFractionDigits: 1 });
  return `${percent} % of ${amount(included[meter], meter)}`;
}
