import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES } from "./support/server.ts";
import { onCreate, openThread } from "./support/thread.ts";

describe("the list, after a message was accepted,", () => {
  const USER = "agent-x-user-ada-1";

  /** The owner's list shows what was written last. */
  async function openListedThread() {
    const world = await openThread();
    const { server } = world;
    onCreate(server, ({ body: { clientId, body } }) => {
      server.items[MESSAGES] = [item("c1", { preview: body })];
      return {
        status: 200,
        body: { entry: entry("e2", "visitor", { clientId, body }), item: item("c1", { preview: body }) },
      };
    });
    server.calls.length = 0;
    return world;
  }

  test("is fetched once, for the broadcast that tells of it", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    thread.send("Hello");
    await settle();
    expect(server.count("tab-fetch")).toBe(0);

    realtime.socket.hint(USER);
    await clock.advance(60_000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched once, although the broadcast was faster than the answer", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    realtime.socket.hint(USER);
    await settle();
    server.releaseAll();
    await clock.advance(60_000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched once, although that broadcast's fetch takes its time", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ path, body }) => path === "tab-fetch" || body?.action === "create_item";
    thread.send("Hello");
    await settle();
    realtime.socket.hint(USER);
    await settle();
    server.held.shift()?.release();
    await clock.advance(4000);
    server.releaseAll();
    await clock.advance(8000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched again if the faster broadcast's fetch did not show it yet", async () => {
    const { core, thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    server.items[MESSAGES] = [item("c1", { preview: "From a replica" })];
    realtime.socket.hint(USER);
    await settle();
    server.releaseAll();
    await settle();
    server.items[MESSAGES] = [item("c1", { preview: "Hello" })];
    await clock.advance(1500);

    expect(core.list(MESSAGES).state.value.items).toMatchObject([{ preview: "Hello" }]);
    expect(server.count("tab-fetch")).toBe(2);
  });

  test("is fetched after 1.5 s where no broadcast comes", async () => {
    const { thread, server, clock } = await openListedThread();
    thread.send("One");
    await settle();
    await clock.advance(1499);
    expect(server.count("tab-fetch")).toBe(0);

    await clock.advance(1);
    expect(server.count("tab-fetch")).toBe(1);

    await clock.advance(60_000);
    expect(server.count("tab-fetch")).toBe(1);
  });
});
