import { describe, expect, test } from "vitest";
import { placeKey } from "../../../../widget/core/outboxes.ts";
import { settle } from "../../client/support/clock.ts";
import { nextPage, open } from "./support/next_page.ts";
import { AGENT, MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { onCreate, openThread, shown } from "./support/thread.ts";
import { createLiveWorld, tokenOf } from "./support/world.ts";

const KEY = `local heddle:${AGENT}:writing`;
const DAY = 24 * 3_600_000;

describe("a draft", () => {
  test("is there when its thread is opened again, and in no other", async () => {
    const { core, thread } = await openThread();
    thread.setDraft("My order");
    thread.close();

    expect((await open(core, null)).draft.value.text).toBe("");
    expect((await open(core)).draft.value.text).toBe("My order");
  });

  test("is there on the next page", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    expect((await open(await nextPage(world))).draft.value.text).toBe("My order");
  });

  test("is told of where its thread is not open", async () => {
    const world = await openThread();
    world.thread.setDraft("  My order ");
    world.thread.close();
    const mark = [placeKey(MESSAGES, "c1"), { text: "My order", isDraft: true }];
    expect([...world.core.notSent.value]).toEqual([mark]);

    const next = await nextPage(world);
    expect([...next.notSent.value]).toEqual([mark]);
    const thread = await open(next);
    thread.setDraft(" ");
    thread.close();
    expect(next.notSent.value.size).toBe(0);
  });

  test("keeps the reason why it was refused, until it is changed", async () => {
    const world = await openThread();
    onCreate(world.server, () => refusal("source_rejected", "No links, please."));
    world.thread.send("https://spam.example");
    await settle();
    const draft = {
      text: "https://spam.example",
      problem: { code: "source_rejected", message: "No links, please." },
    };
    expect(world.thread.draft.value).toEqual(draft);
    world.thread.close();
    expect([...world.core.notSent.value.values()]).toEqual([{ text: draft.text, isDraft: false }]);

    const thread = await open(await nextPage(world));
    expect(thread.draft.value).toEqual(draft);
    thread.setDraft("spam");
    expect((await open(await nextPage(world))).draft.value).toEqual({ text: "spam" });
  });

  test("of a new conversation goes on in the conversation that its first message begins", async () => {
    const world = await createLiveWorld();
    const thread = await open(world.core, null);
    world.server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    thread.setDraft("And");
    world.server.releaseAll();
    await settle();
    thread.setDraft("And then");

    const next = await nextPage(world);
    expect((await open(next, null)).draft.value.text).toBe("");
    expect((await open(next, "new1")).draft.value.text).toBe("And then");
  });

  test("is gone once it was sent or emptied", async () => {
    const world = await openThread();
    world.thread.setDraft("Hello");
    world.thread.send("Hello");
    await settle();
    expect(world.page.stored.has(KEY)).toBe(false);

    world.thread.setDraft("x");
    world.thread.setDraft("");
    expect(world.page.stored.has(KEY)).toBe(false);
  });

  test("is kept for 30 days", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    world.clock.sleep(30 * DAY - 1);
    const next = await nextPage(world);
    expect((await open(next)).draft.value.text).toBe("My order");
    world.clock.sleep(1);
    expect((await open(await nextPage({ ...world, core: next }))).draft.value.text).toBe("");
  });

  test("is nobody else's, and there again when its writer is", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    world.server.endUserId = "eve";
    const eves = await nextPage(world, { userToken: tokenOf("eve") });
    expect((await open(eves)).draft.value.text).toBe("");

    world.server.endUserId = "ada";
    const adas = await nextPage({ ...world, core: eves });
    expect((await open(adas)).draft.value.text).toBe("My order");
  });

  test("goes with its writer at log-out", async () => {
    const { core, thread, page } = await openThread();
    thread.setDraft("My order");
    core.logout();
    expect(thread.draft.value.text).toBe("");
    thread.setDraft("Nor this");
    expect(page.stored.has(KEY)).toBe(false);
  });
});

describe("a draft in two pages at once", () => {
  async function twice(text: string) {
    const world = await openThread();
    world.thread.setDraft(text);
    const second = world.reload();
    await second.start();
    return { ...world, second: await open(second) };
  }

  test("goes from both when one of them has sent it", async () => {
    const { thread, second } = await twice("Hello");
    thread.send("Hello");
    await settle();
    second.reload();
    await settle();
    expect(second.draft.value.text).toBe("");
  });

  test("stays when the other has sent something else in its place", async () => {
    const { thread, second } = await twice("");
    thread.setDraft("Mine, and long");
    second.setDraft("Sent first");
    second.send("Sent first");
    await settle();
    thread.reload();
    await settle();
    expect(thread.draft.value.text).toBe("Mine, and long");
  });

  test("is not taken away by emptying or sending what the other had written before", async () => {
    const world = await twice("");
    world.thread.setDraft("Mine");
    world.second.setDraft("Another, and longer");
    world.thread.send("Mine");
    await settle();
    expect((await open(await nextPage(world))).draft.value.text).toBe("Another, and longer");
  });

  test("stays in a field where it was too long to be kept", async () => {
    const { thread } = await twice("Hello");
    thread.setDraft("x".repeat(110_000));
    thread.reload();
    await settle();
    expect(thread.draft.value.text).toHaveLength(110_000);
  });
});

test("what others have put into storage is no reason to do much at each letter", async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => (
    { viewer: "eve", tab: MESSAGES, item: "c1", id: `${index}`, text: "x", at: Date.now() }
  ));
  const world = await openThread({ prepare: ({ page }) => void page.stored.set(KEY, JSON.stringify(rows)) });
  world.thread.setDraft("Hello");
  expect((await open(await nextPage(world))).draft.value.text).toBe("Hello");
});

test("all that is kept has at most 100 kB, and the oldest goes first", async () => {
  const world = await openThread();
  for (const [index, id] of ["c1", "c2", "c3", "c4"].entries()) {
    world.clock.sleep(1000);
    world.core.form(ORDERS, id).keep(`${index}${"ü".repeat(15_000)}`);
  }
  expect(new TextEncoder().encode(world.page.stored.get(KEY)).length).toBeLessThanOrEqual(100_000);
  const kept = ["c1", "c2", "c3", "c4"].map((id) => world.core.form(ORDERS, id).read().charAt(0));
  expect(kept).toEqual(["", "1", "2", "3"]);
});

test("a draft that is larger than that is not kept, and what waits is", async () => {
  const world = await openThread();
  world.page.emit("offline");
  world.thread.send("my order 4711 never came");
  await settle();
  world.core.form(ORDERS, "o1").keep("Ring twice");
  world.thread.setDraft("x".repeat(120_000));
  expect(world.thread.draft.value.text).toHaveLength(120_000);

  const next = await nextPage(world);
  expect(shown(await open(next)).at(-1)).toEqual(["my order 4711 never came", "waiting"]);
  expect(next.form(ORDERS, "o1").read()).toBe("Ring twice");
});

test("drafts go before messages that wait, however old these are", async () => {
  const world = await openThread();
  world.page.emit("offline");
  world.thread.send(`first ${"x".repeat(9000)}`);
  await settle();
  world.clock.sleep(1000);
  world.core.form(ORDERS, "o1").keep("o".repeat(60_000));
  world.clock.sleep(1000);
  world.core.form(ORDERS, "o2").keep("o".repeat(60_000));
  expect(world.core.form(ORDERS, "o1").read()).toBe("");
  expect(world.core.form(ORDERS, "o2").read()).toHaveLength(60_000);

  for (let sent = 0; sent < 4; sent++) world.thread.send("y".repeat(9000));
  await settle();
  expect(world.core.form(ORDERS, "o2").read()).toBe("");
  const thread = await open(await nextPage(world));
  expect(thread.state.value.entries.filter(({ delivery }) => delivery === "waiting")).toHaveLength(5);
});

test.each(["", "{", "{}", "[1]", '[{"viewer":"ada","id":1}]'])(
  "what is kept may be nonsense: %s",
  async (text) => {
    const world = await openThread({ prepare: ({ page }) => void page.stored.set(KEY, text) });
    world.thread.setDraft("Hello");
    expect((await open(await nextPage(world))).draft.value.text).toBe("Hello");
  },
);

test("an unsaved form is there on the next page", async () => {
  const world = await createLiveWorld();
  world.core.form(ORDERS, "o1").keep('{"note":"Ring twice"}');
  const next = await nextPage(world);
  expect(next.form(ORDERS, "o1").read()).toBe('{"note":"Ring twice"}');
  expect(next.form(ORDERS, "o2").read()).toBe("");
});
