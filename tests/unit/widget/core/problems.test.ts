import { describe, expect, test } from "vitest";
import { removeItem, updateItem } from "../../../../widget/core/writes.ts";
import { createRecord } from "../../../../widget/core/record.ts";
import type { Problem } from "../../../../client/http/problem.ts";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { onCreate, openEchoingThread, openThread } from "./support/thread.ts";
import { createLiveWorld, type World } from "./support/world.ts";

const codes = ({ emitted }: World) =>
  emitted.filter(({ name }) => name === "error").map(({ detail }) => (detail as Problem).code);

/** The page asks for a list or a thread once more. */
async function lookAgain({ page, clock }: World) {
  page.emit("visible");
  await clock.advance(200);
}

describe("the page is told of", () => {
  test("a list that can't be fetched, once however often it is retried", async () => {
    const world = await createLiveWorld({
      prepare: ({ server }) => (server.tabFetch = () => refusal("source_failed", "Because.")),
    });
    await world.clock.advance(300_000);

    expect(world.server.count("tab-fetch")).toBeGreaterThan(3);
    expect(world.emitted).toContainEqual({
      name: "error",
      detail: { code: "source_failed", message: "Because." },
    });
    expect(codes(world)).toEqual(["source_failed"]);
  });

  test("a list that can't be refreshed, and again after it could", async () => {
    const world = await createLiveWorld();
    const { tabFetch } = world.server;
    for (const fetch of [() => refusal("source_timeout"), tabFetch, () => refusal("source_timeout")]) {
      world.server.tabFetch = fetch;
      await lookAgain(world);
    }
    expect(codes(world)).toEqual(["source_timeout", "source_timeout"]);
  });

  test("another failure of the same list", async () => {
    const world = await createLiveWorld();
    for (const code of ["source_timeout", "source_invalid"] as const) {
      world.server.tabFetch = () => refusal(code);
      await lookAgain(world);
    }
    expect(codes(world)).toEqual(["source_timeout", "source_invalid"]);
  });

  test("a visitor's retry that fails", async () => {
    const world = await createLiveWorld();
    world.server.tabFetch = () => refusal("tab_not_found");
    for (let time = 0; time < 2; time++) {
      world.core.list(ORDERS).open();
      await settle();
    }
    expect(codes(world)).toEqual(["tab_not_found", "tab_not_found"]);
  });

  test("a thread that can't be fetched, once however often it is retried", async () => {
    const world = await createLiveWorld();
    world.server.tabAction = () => refusal("source_failed");
    world.core.openThread(MESSAGES, "c1");
    await world.clock.advance(300_000);

    expect(world.server.count("tab-action", "item_clicked")).toBeGreaterThan(3);
    expect(codes(world)).toEqual(["source_failed"]);
  });

  test("further pages that can't be fetched", async () => {
    const world = await openThread({
      prepare({ server }) {
        server.pageSize = 1;
        server.items[MESSAGES] = [item("c1"), item("c2")];
        server.threadPageSize = 1;
        server.threads.c1?.unshift({ ...server.threads.c1[0]!, id: "m0" }); // it is made with an entry
      },
    });
    world.server.tabFetch = () => refusal("source_invalid");
    world.server.tabAction = () => refusal("source_timeout");
    world.core.list(MESSAGES).loadMore();
    world.thread.loadOlder();
    await settle();

    expect(codes(world)).toEqual(["source_invalid", "source_timeout"]);
  });

  test("a change or a deletion that was refused", async () => {
    const world = await createLiveWorld();
    const list = world.core.list(ORDERS);
    const detail = world.core.openRecord(ORDERS, "c1", createRecord);
    await settle();
    world.server.tabAction = ({ body }) =>
      refusal(body.action === "item_clicked" ? "source_failed" : "source_rejected");
    await updateItem(list, "o1", { colour: "green" });
    await removeItem(list, "o1");
    await detail.update({ colour: "green" });
    await settle();

    expect(codes(world).filter((code) => code === "source_rejected")).toHaveLength(3);
  });

  test("a message that was refused, each time that the visitor sends it", async () => {
    const world = await openThread();
    onCreate(world.server, () => refusal("conflict"));
    world.thread.send("Hello");
    await settle();
    world.thread.resend(world.thread.state.value.entries.at(-1)?.clientId ?? "");
    await settle();

    expect(codes(world)).toEqual(["conflict", "conflict"]);
  });

  test("a message that is not confirmed, but not of automatic retries", async () => {
    const world = await openEchoingThread();
    onCreate(world.server, () => "network");
    world.thread.send("Hello");
    await settle();
    expect(codes(world)).toEqual([]);

    await world.clock.advance(120_000);
    expect(codes(world)).toEqual(["network"]);
    await lookAgain(world);
    await world.clock.advance(120_000);

    expect(world.server.count("tab-action", "create_item")).toBe(10);
    expect(codes(world)).toEqual(["network"]);
  });
});

test("a read receipt that fails is not the visitor's business, nor the page's", async () => {
  const world = await openThread({
    prepare: ({ server }) => (server.items[MESSAGES] = [item("c1", { unread: 1 })]),
  });
  const act = world.server.tabAction;
  world.server.tabAction = (call) => call.body.action === "update_item" ? refusal("internal") : act(call);
  world.thread.setReading(true);
  await settle();

  expect(world.server.count("tab-action", "update_item")).toBe(1);
  expect(codes(world)).toEqual([]);
});

test("nothing is reported about a visitor who has left", async () => {
  const world = await createLiveWorld();
  world.server.holding = ({ path }) => path === "tab-action";
  world.server.tabAction = () => refusal("source_failed");
  const removal = removeItem(world.core.list(ORDERS), "o1");
  await settle();
  world.core.logout();
  world.server.releaseAll();
  await removal;
  await settle();

  expect(codes(world)).toEqual([]);
});
