import { setTimeout as pause } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConversations, loadedConversation } from "../support/conversation_load.ts";
import { type OperatorPage, startInbox, type TestInbox } from "../support/inbox.ts";
import { inPage, probeInbox } from "./support/inbox_probe.ts";
import { median, report } from "./support/measures.ts";
import { recordTasks } from "./support/tasks.ts";

const CONVERSATIONS = 10_000;
const MESSAGES_EACH = 10;
const ROUNDS = 7;
const WARM_UP = 3;
const CPU_SLOWDOWN = 4;
const SWITCHES = 20;
const FRAMES = 30;
const FEW_OPENED = 50;
const MANY_OPENED = 500;
/** What a step has started has ended by then. */
const SETTLED_MS = 1500;
const SCROLL = { pixels: 60, frames: 600 };
const MOST_ROWS = 80;

let inbox: TestInbox;
let ids: string[];
beforeAll(async () => {
  inbox = await startInbox();
  const { sql, agent } = inbox.stack;
  const [{ orgId = "" } = {}] = await sql`select org_id as "orgId" from heddle.agents where id = ${agent.id}`;
  await loadConversations(sql, {
    agentId: agent.id,
    orgId,
    conversations: CONVERSATIONS,
    messagesEach: MESSAGES_EACH,
    operators: 20,
  });
  // All of them are to be in the view that is shown first.
  await sql.begin(async (tx) => {
    await tx`set local heddle.importing = 'on'`;
    await tx`update heddle.conversations set status = 'open', snoozed_until = null`;
  });
  await sql`vacuum (full, analyze) heddle.conversations`;
  const rows = await sql.unsafe(
    `select ${
      loadedConversation(1)
    } as id union all select md5('conversation ' || n)::uuid from generate_series(2, 1000) n`,
  );
  ids = rows.map(({ id }) => id);
}, 120_000);
afterAll(() => inbox?.stop());

/** An operator who sees the list, in a window with the probe. */
async function atWork(): Promise<OperatorPage & { devtools: CDPSession }> {
  const operator = await inbox.visit({ reducedMotion: "no-preference" });
  await probeInbox(operator.page);
  await operator.signIn(inbox.operators[0] ?? { email: "", password: "" });
  await operator.page.locator("[data-row]").first().waitFor();
  await operator.page.reload();
  await inPage(operator.page, "probe.firstView");
  await settled();
  return { ...operator, devtools: await operator.page.context().newCDPSession(operator.page) };
}

/** Until listeners have joined and what was asked has been answered. */
async function settled() {
  await expect.poll(inbox.listening).toBeGreaterThan(0);
  await pause(SETTLED_MS);
}

/** The last message of the `n`th loaded conversation. */
const lastMessage = (n: number) => `Message ${n === 1 ? 500 : MESSAGES_EACH} of ${n},`;
const open = (page: Page, n: number) =>
  inPage<number>(page, `probe.switchTo(${JSON.stringify(ids[n - 1])}, ${JSON.stringify(lastMessage(n))})`);

test("the first view of ten thousand conversations on a slow processor, with the app in the cache", async () => {
  const { page, devtools } = await atWork();
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  const samples: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    await page.reload();
    const ms = await inPage<number>(page, "probe.firstView");
    if (round >= 0) samples.push(ms);
    await pause(SETTLED_MS);
  }
  report("inbox_first_view", median(samples));
});

test("to another conversation, one that was open before and one that was not", async () => {
  const { page } = await atWork();
  const [fresh, cached]: [number[], number[]] = [[], []];
  for (let n = 2; n < 2 + SWITCHES; n++) {
    fresh.push(await open(page, n));
    await pause(100);
    if (n === 2) continue;
    cached.push(await open(page, n - 1));
    await pause(100);
  }
  report("inbox_switch_fresh", median(fresh));
  report("inbox_switch_cached", median(cached));
}, 60_000);

test("from the frame that brings a message to its pixels", async () => {
  const { page } = await atWork();
  const { sql, agent } = inbox.stack;
  await open(page, 2);
  await settled();
  const [{ endUser = "" } = {}] = await sql`
    select visitor.end_user_id as "endUser" from heddle.conversations conversation
    join heddle.visitors visitor on visitor.id = conversation.visitor_id where conversation.id = ${
    ids[1] ?? ""
  }`;
  const samples: number[] = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    const body = `Frame number ${frame}.`;
    const shown = inPage<number>(page, `probe.shows(${JSON.stringify(body)})`);
    await page.evaluate(() => undefined); // it looks
    await sql`select heddle_api.store_post(${agent.id}, ${endUser}, ${
      ids[1] ?? ""
    }, gen_random_uuid(), ${body})`;
    samples.push(await shown);
    await pause(100);
  }
  report("inbox_frame_to_pixel", median(samples));
});

test("memory after many conversations were opened, beside a few", async () => {
  const { page, devtools } = await atWork();
  const used = async () => {
    await pause(SETTLED_MS);
    await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  for (let n = 2; n < 2 + FEW_OPENED; n++) await open(page, n);
  const few = await used();
  for (let n = 2 + FEW_OPENED; n < 2 + MANY_OPENED; n++) await open(page, n);
  const many = await used();
  report("inbox_memory_opened", many, few);
}, 300_000);

test("the longest task while the list is scrolled on a slow processor", async () => {
  const { page } = await atWork();
  const browser = page.context().browser();
  if (!browser) throw new Error("the page has no browser");
  const { devtools, begin, end } = await recordTasks(browser, page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await begin("scrolling");
  const { top, rows } = await inPage<{ top: number; rows: number }>(
    page,
    `probe.scroll(${SCROLL.pixels}, ${SCROLL.frames})`,
  );
  const { scrolling = NaN } = await end();
  expect(rows).toBeLessThanOrEqual(MOST_ROWS);
  expect(top).toBeGreaterThan(SCROLL.pixels * SCROLL.frames / 2);
  report("inbox_longest_task_scrolling", scrolling);
});
