import { afterAll, afterEach, expect, it } from "vitest";
import type { TransactionSql } from "postgres";
import { type Shopper, useShop } from "../e2e/support/shop.ts";
import { childrenOf } from "../support/processes.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";
import { type OwnerScript, startOwnerScript } from "./support/owner_script.ts";
import { rowsOf, rowsOn, wholeThread } from "./support/screens.ts";

/** Two writes a second. */
const WRITES_OF_A_MINUTE = 120;
const OPEN = "The one that is open";
const CLOSED = "The other one";
const FIRST = "While all was well.";

// A project of its own, whose Postgres goes away; the owner's data lie elsewhere, as they would.
let cluster: OwnCluster;
afterAll(() => cluster?.stop());
const shop = useShop({ cluster: async () => cluster = await startOwnCluster() });

/** A visitor on two devices, and a script that writes to them and publishes. */
interface Scene {
  shopper: Shopper;
  open: string;
  closed: string;
  /** Has the thread open. */
  reader: ShopPage;
  /** Has the list open. */
  watcher: ShopPage;
  script: OwnerScript;
}

let scene: Scene;

async function begin(): Promise<Scene> {
  const shopper = await shop.newShopper();
  const open = await shop.newConversation(shopper, { subject: OPEN });
  const closed = await shop.newConversation(shopper, { subject: CLOSED });
  const [reader, watcher] = await Promise.all([shop.visit(shopper), shop.visit(shopper)]);
  await reader.openThread(OPEN);
  await watcher.openChat();
  await reader.passTimeUntil(() => reader.channelsReady >= 2);
  await watcher.passTimeUntil(() => watcher.channelsReady >= 1);
  // Its echo tells the widget that it may send again by itself what was not confirmed.
  await reader.send(FIRST);
  await eventually(() => shop.stored(open)).toContain(FIRST);
  const script = startOwnerScript(shop, shopper, [open, closed]);
  await script.writes(3);
  return scene = { shopper, open, closed, reader, watcher, script };
}

afterEach(async () => {
  await shop.stack.realtime({ fault: "clear" });
  await scene.script.finish();
});

/** What the visitor wrote meanwhile arrived once, and both screens show the owner's data, all of it and in its order. */
async function expectOwnersData(
  { shopper, open, reader, watcher, script }: Scene,
  sent: string,
): Promise<void> {
  await script.finish();
  await reader.passTimeUntil(async () => (await shop.stored(open)).includes(sent));
  const stored = await shop.stored(open);
  expect(stored.filter((body) => body.startsWith("While"))).toEqual([FIRST, sent]);

  const newest = stored.slice(-5);
  await reader.passTimeUntil(async () => equal((await reader.messages()).slice(-5), newest));
  await reader.passTimeUntil(async () => await reader.banner.count() === 0);
  // What the reader reads, the watcher is not told; all else it must know by itself.
  const unread = ({ title, ...row }: { title: string; unread: number }) =>
    title === OPEN ? { ...row, title, unread: 0 } : { ...row, title };
  const rows = (await rowsOf(shop, shopper)).map(unread);
  await watcher.passTimeUntil(async () => equal((await rowsOn(watcher)).map(unread), rows));

  await eventually(() => shop.unread(open)).toBe(0);
  await shop.publish({ endUserId: shopper.id });
  await eventually(() => rowsOn(watcher)).toEqual(await rowsOf(shop, shopper));
  // What is unread makes the thread load earlier pages by itself.
  await eventually(() => wholeThread(reader)).toEqual(stored);
}

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Resolves once so many connections wait for a lock on the table that `tx` holds. */
async function waiters(tx: TransactionSql, table: string, count: number): Promise<void> {
  await eventually(async () => {
    const [row] = await tx<[{ count: number }]>`
      select count(distinct pid)::int from pg_locks where relation = ${table}::regclass and not granted`;
    return row.count;
  }).toBeGreaterThanOrEqual(count);
}

/** Ends a function's process as the kernel would. */
function crash(name: string): void {
  const processes = childrenOf(shop.stack.pid, "local/functions/worker.ts", `/${name}/index.ts`);
  expect(processes.length, name).toBe(1);
  for (const pid of processes) process.kill(pid, "SIGKILL");
}

it("Postgres restarts", async () => {
  const { reader, script } = await begin();

  await cluster.restart(async () => {
    await reader.send("While the database was away.");
    await script.writes(4);
  });
  await script.writes(2);

  await expectOwnersData(scene, "While the database was away.");
});

it("Postgres restarts, and broadcasts from the database are heard again", async () => {
  const { shopper, open, reader, script } = await begin();
  await script.finish();

  await cluster.restart(() => Promise.resolve());
  await shop.write(open, "Told by the database.");
  const channels = await shop.topicsOf(shopper, open);
  const envelope = { v: 1, id: crypto.randomUUID(), type: "refresh", at: new Date().toISOString(), data: {} };
  await eventually(async () => {
    const { sql } = shop.stack;
    // The first may find a connection that has gone.
    await sql`select heddle_api.broadcast(${channels}, 'refresh', ${sql.json(envelope)})`.catch(() =>
      undefined
    );
    return await reader.message("Told by the database.").count();
  }).toBe(1);
});

it("Realtime is down for a minute", async () => {
  const { reader, script } = await begin();

  await shop.stack.realtime({ fault: "down" });
  await reader.send("While nothing was live.");
  await script.writes(WRITES_OF_A_MINUTE);
  expect(await reader.banner.isVisible()).toBe(true);
  await shop.stack.realtime({ fault: "clear" });
  await script.writes(2);

  await expectOwnersData(scene, "While nothing was live.");
});

it("functions crash in the middle of their requests", async () => {
  const { shopper, open, reader, script } = await begin();

  // The owner's database holds up the sending of a message, a thread and two lists.
  await shop.sql.begin(async (tx) => {
    await tx`lock table conversations in access exclusive mode`;
    await reader.send("While the functions crashed.");
    await shop.publish({ endUserId: shopper.id, conversationId: open });
    await waiters(tx, "conversations", 4);
    crash("tab-action");
    crash("tab-fetch");
  });
  // Realtime holds up a publish.
  await shop.stack.sql.begin(async (tx) => {
    await tx`lock table realtime.messages in access exclusive mode`;
    await script.writes(2);
    const refusal = script.refusal();
    crash("realtime-publish");
    await refusal;
  });
  await script.writes(2);

  await expectOwnersData(scene, "While the functions crashed.");
});

it("all of that at once", async () => {
  const { shopper, reader, script } = await begin();

  await shop.stack.realtime({ fault: "down" });
  const late = await shop.newPage(shopper);
  await cluster.restart(async () => {
    await reader.send("While nothing worked.");
    await late.load();
    await late.launcher().click();
    await script.refusal();
    for (const name of ["tab-fetch", "tab-action", "realtime-publish"]) crash(name);
    await script.writes(4);
  });
  await script.writes(2);
  await shop.stack.realtime({ fault: "clear" });
  await script.writes(2);

  await expectOwnersData(scene, "While nothing worked.");
  const rows = await rowsOf(shop, shopper);
  await late.passTimeUntil(async () => equal(await rowsOn(late), rows));
});
