import { expect, test } from "vitest";
import type { Tab } from "../../../../shared/tabs.ts";
import { settle } from "../../client/support/clock.ts";
import { createThreads } from "../../../../widget/core/threads.ts";
import { item, MESSAGES } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

const SHOP = "e0000000-0000-4000-8000-0000000000e1";
const CARE = "e0000000-0000-4000-8000-0000000000e2";
const actions = ["get_items", "item_clicked", "create_item", "update_item"] as const;
const kept = (id: string) => ({
  id,
  name: id,
  category: "messaging" as const,
  source: "store" as const,
  actions: [...actions],
});

const own = { ...kept(MESSAGES), source: "webhook" as const };

/** A visitor with two store tabs, both of which show all conversations that Heddle keeps, and these. */
function visit(...more: Tab[]) {
  return createLiveWorld({
    prepare({ server }) {
      server.session = { tabs: [kept(SHOP), ...more, kept(CARE)] };
      server.items[MESSAGES] = [item("o1", { unread: 2 })];
      for (const id of [SHOP, CARE]) {
        server.items[id] = [item("c1", { unread: 1, timestamp: "2026-01-01T10:00:00Z" }), item("c2")];
      }
    },
  });
}

test("an answer that two store tabs show counts once, and on each of them", async () => {
  const { core } = await visit(own);
  await settle();
  expect(core.unreadByTab.value).toEqual({ [SHOP]: 1, [MESSAGES]: 2, [CARE]: 1 });
  expect(core.unread.value).toBe(3);
});

test("what is being read in one store tab does not count while the other has not heard of it", async () => {
  const { core, server } = await visit();
  await settle();
  await core.prepareThread(SHOP);
  core.openThread(SHOP, "c1").setReading(true);
  server.items[SHOP] = [item("c1", { unread: 2 })];
  core.list(SHOP).open();
  await settle();
  expect(core.unreadByTab.value).toEqual({ [SHOP]: 0, [CARE]: 1 });
  expect(core.unread.value).toBe(0);
});

test.each([[SHOP, "pt_BR"], [MESSAGES, undefined]])(
  "a message in %s says which language its visitor reads: %j",
  async (tabId, language) => {
    const { core, server } = await visit(own);
    core.useThreads((setup) => createThreads(setup, () => "pt_BR"));
    core.logout();
    await core.start();
    await core.prepareThread(tabId);
    await core.openThread(tabId, "c1").send("Olá");
    await settle();
    const sent = server.calls.filter(({ body }) => body?.action === "create_item");
    expect(sent.map(({ body }) => (body as { language?: string }).language)).toEqual([language]);
  },
);
