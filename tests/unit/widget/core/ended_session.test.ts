import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

describe("an ended session", () => {
  test.each(["expired_session", "invalid_session"] as const)(
    "(%s) validates once and repeats the call",
    async (code) => {
      const { core, server } = await createLiveWorld();
      const { tabFetch } = server;
      server.tabFetch = (call) =>
        call.headers.get("authorization") === "Bearer session-1" ? refusal(code) : tabFetch(call);
      core.list(ORDERS).open();
      await settle();

      expect(server.count("validate-widget")).toBe(2);
      expect(server.of("tab-fetch").at(-1)?.headers.get("authorization")).toBe("Bearer session-2");
      expect(core.list(ORDERS).state.value).toMatchObject({ status: "ready", items: [{ id: "o1" }] });
    },
  );

  test("is renewed once for several calls at the same time", async () => {
    const { core, server } = await createLiveWorld();
    const fresh = (call: { headers: Headers }) => call.headers.get("authorization") !== "Bearer session-1";
    const { tabFetch, tabAction } = server;
    server.tabFetch = (call) => fresh(call) ? tabFetch(call) : refusal("expired_session");
    server.tabAction = (call) => fresh(call) ? tabAction(call) : refusal("expired_session");
    core.list(ORDERS).open();
    const thread = core.openThread(MESSAGES, "c1");
    await settle();

    expect(server.count("validate-widget")).toBe(2);
    expect(thread.state.value.status).toBe("ready");
    expect(core.list(ORDERS).state.value.status).toBe("ready");
  });

  test("is not renewed again for a refusal that arrives late", async () => {
    const { core, server } = await createLiveWorld();
    const { tabFetch, tabAction } = server;
    const fresh = (call: { headers: Headers }) => call.headers.get("authorization") !== "Bearer session-1";
    server.tabFetch = (call) => fresh(call) ? tabFetch(call) : refusal("expired_session");
    server.tabAction = (call) => fresh(call) ? tabAction(call) : refusal("expired_session");
    server.holding = ({ path, headers }) => path === "tab-action" && !fresh({ headers });
    const thread = core.openThread(MESSAGES, "c1");
    core.list(ORDERS).open();
    await settle();
    expect(server.count("validate-widget")).toBe(2);

    server.releaseAll();
    await settle();

    expect(server.count("validate-widget")).toBe(2);
    expect(thread.state.value.status).toBe("ready");
  });

  test("that is refused again right away is a problem, not a loop", async () => {
    const { core, server } = await createLiveWorld();
    server.tabFetch = () => refusal("expired_session");
    core.list(ORDERS).open();
    await settle();

    expect(server.count("validate-widget")).toBe(2);
    expect(core.list(ORDERS).state.value).toMatchObject({
      status: "failed",
      problem: { code: "expired_session" },
    });
  });

  test("that can't be renewed for want of a network leaves the visitor in", async () => {
    const { core, server } = await createLiveWorld();
    server.tabFetch = () => refusal("expired_session");
    server.validate = () => "network";
    core.list(MESSAGES).open();
    await settle();

    expect(core.session.value.status).toBe("ready");
    expect(core.list(MESSAGES).state.value).toMatchObject({ status: "ready", problem: { code: "network" } });
  });
});
