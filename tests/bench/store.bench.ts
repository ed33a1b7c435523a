import type { Sql } from "postgres";
import { afterAll, beforeAll, test } from "vitest";
import { asLoadedOperator, storeCalls } from "../support/store_calls.ts";
import { type KeptStores, startKeptStores } from "./support/kept_store.ts";
import { quantile, report } from "./support/measures.ts";

/** Of the largest store; the others hold a tenth and a hundredth. */
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 200_000);
const SIZES = [MESSAGES / 100, MESSAGES / 10, MESSAGES];
const WARM_UP = 6;
const SAMPLES = 100;
const MINUTES = 60_000;

let stores: KeptStores;
beforeAll(async () => {
  stores = await startKeptStores();
});
afterAll(() => stores.stop());

interface Cost {
  /** Milliseconds in the server. */
  p50: number;
  p95: number;
  /** Of shared memory, touched by one warm call. */
  pages: number;
}

/** Of each function, among so many messages. What a call writes is rolled back. */
async function costs(session: Sql): Promise<Map<string, Cost>> {
  const { agentId } = stores;
  const [{ count = 0 } = {}] = await session`select count(*)::int from heddle.conversations`;
  const samples = new Map<string, { time: number; pages: number }[]>();
  for (let sample = -WARM_UP; sample < SAMPLES; sample++) {
    // Spread over each visitor's newest conversation, but not the long one.
    const n = 2 + (Math.max(0, sample) * 7919) % (count / 2 - 2);
    for (const [name, call] of Object.entries(storeCalls(agentId, n))) {
      const cost = await explain(session, call);
      if (sample >= 0) samples.set(name, [...samples.get(name) ?? [], cost]);
    }
  }
  return new Map([...samples].map(([name, taken]) => {
    const times = taken.map(({ time }) => time);
    const pages = quantile(taken.map(({ pages }) => pages), 0.5);
    return [name, { p50: quantile(times, 0.5), p95: quantile(times, 0.95), pages }];
  }));
}

async function explain(session: Sql, call: string): Promise<{ time: number; pages: number }> {
  await session`begin`;
  const [row] = await session.unsafe(
    `explain (analyze, buffers, timing off, format json) select heddle_api.${call}`,
  );
  await session`rollback`;
  const [{ Plan, ...run }] = row?.["QUERY PLAN"];
  return { time: run["Execution Time"], pages: Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"] };
}

test("the built-in store grows without its functions touching more pages", async () => {
  const taken: Map<string, Cost>[] = [];
  for (const messages of SIZES) {
    const session = await stores.open(messages);
    await session.unsafe(asLoadedOperator);
    taken.push(await costs(session));
  }
  console.log(tableOf(taken));
  const names = [...taken[0]?.keys() ?? []];
  const at = (size: number, name: string) => taken[size]?.get(name) ?? { p50: NaN, p95: NaN, pages: NaN };
  const growth = (name: string) => at(2, name).pages / at(1, name).pages;
  const slowest = names.toSorted((a, b) => at(2, b).p95 - at(2, a).p95)[0] ?? "";
  const growing = names.toSorted((a, b) => growth(b) - growth(a))[0] ?? "";
  report("store_slowest_p95", at(2, slowest).p95);
  report("store_pages", at(2, growing).pages, at(1, growing).pages);
}, 20 * MINUTES);

function tableOf(taken: Map<string, Cost>[]): string {
  const heads = ["", ...SIZES.map((messages) => `${messages} messages`)];
  const rows = [...taken[0]?.keys() ?? []].map((name) => [
    name,
    ...taken.map((costs) => {
      const { p50 = NaN, p95 = NaN, pages = NaN } = costs.get(name) ?? {};
      return `${p50.toFixed(2)} / ${p95.toFixed(2)} ms, ${pages} pages`;
    }),
  ]);
  const widths = heads.map((_, column) =>
    Math.max(...[heads, ...rows].map((row) => row[column]?.length ?? 0))
  );
  return [heads, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n");
}
