import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { refusal } from "./support/server.ts";
import { createLiveWorld, createWorld, tokenOf } from "./support/world.ts";

const MINUTE = 60_000;

describe("starting", () => {
  test("validates with the agent and the visitor's token", async () => {
    const { core, server, emitted } = createWorld();
    expect(core.session.value).toEqual({ status: "idle" });
    const started = core.start();
    expect(core.session.value).toEqual({ status: "loading" });
    await started;

    expect(server.of("validate-widget").map(({ body }) => body)).toEqual([
      { agentId: "a0000000-0000-4000-8000-000000000001", userToken: tokenOf("ada") },
    ]);
    expect(emitted).toContainEqual({ name: "ready", detail: { endUser: { id: "ada", anonymous: false } } });
  });

  test("twice at once validates once", async () => {
    const { core, server } = createWorld();
    await Promise.all([core.start(), core.start()]);
    await core.start();

    expect(server.count("validate-widget")).toBe(1);
  });

  test("names the client and the release on every call", async () => {
    const { server } = await createLiveWorld();
    expect(new Set(server.calls.map(({ headers }) => headers.get("x-heddle-client")))).toEqual(
      new Set(["widget/0.1.0"]),
    );
  });

  test("that fails says why, and can be repeated", async () => {
    const { core, server, emitted } = createWorld();
    const { validate } = server;
    server.validate = () => refusal("rate_limited", "Too many requests.");
    await core.start();
    const problem = { code: "rate_limited", message: "Too many requests." };
    expect(core.session.value).toEqual({ status: "failed", problem });
    expect(emitted).toContainEqual({ name: "error", detail: problem });

    server.validate = validate;
    await core.start();
    expect(core.session.value.status).toBe("ready");
  });

  test("that the owner alone can mend is told in the console", async () => {
    const { core, server, warnings } = createWorld();
    server.validate = () => refusal("origin_not_allowed", "This page's origin must be one of the agent's.");
    await core.start();
    expect(warnings).toEqual(["origin_not_allowed: This page's origin must be one of the agent's."]);
  });

  test("that broke the schema is told in the console field by field", async () => {
    const { core, server, emitted, warnings } = createWorld();
    const message = "The request must follow the schema of this endpoint.";
    const issues = [{ path: "agentId", message: "must be a lowercase uuid" }, {
      path: "x",
      message: "must go",
    }];
    server.validate = () => ({ status: 400, body: { error: { code: "invalid_request", message, issues } } });
    await core.start();

    const words = `${message} agentId: must be a lowercase uuid; x: must go`;
    expect(warnings).toEqual([`invalid_request: ${words}`]);
    expect(emitted).toContainEqual({ name: "error", detail: { code: "invalid_request", message: words } });
  });

  test("that failed for the moment leaves the console alone", async () => {
    const { core, server, warnings } = createWorld();
    server.validate = () => refusal("internal");
    await core.start();
    expect(warnings).toEqual([]);
  });

  test("that failed for the moment is repeated by itself, less and less often, and complains once", async () => {
    const { core, server, clock, emitted } = createWorld();
    const { validate } = server;
    server.validate = () => refusal("internal");
    await core.start();
    await clock.advance(9_999);
    expect(server.count("validate-widget")).toBe(1);
    await clock.advance(1);
    expect(server.count("validate-widget")).toBe(2);
    await clock.advance(20_000 + 40_000);
    expect(server.count("validate-widget")).toBe(4);
    expect(core.session.value.status).toBe("failed");
    expect(emitted.filter(({ name }) => name === "error")).toHaveLength(1);

    server.validate = validate;
    await clock.advance(60_000);
    expect(core.session.value.status).toBe("ready");
    expect(server.count("validate-widget")).toBe(5);
  });

  test("that failed is repeated on a visible page only", async () => {
    const { core, server, clock, page } = createWorld();
    const { validate } = server;
    server.validate = () => "network";
    await core.start();
    page.emit("hidden");
    await clock.advance(60_000);
    expect(server.count("validate-widget")).toBe(1);

    server.validate = validate;
    page.emit("visible");
    await clock.advance(1_000);
    expect(core.session.value.status).toBe("ready");
  });

  test("that was refused for good is not repeated", async () => {
    const { core, server, clock } = createWorld();
    server.validate = () => refusal("origin_not_allowed");
    await core.start();
    await clock.advance(300_000);
    expect(server.count("validate-widget")).toBe(1);
  });

  test("that gets a page instead of an answer is a problem like any other", async () => {
    const { core, environment } = createWorld();
    environment.fetch = () => Promise.resolve(new Response("<html>", { status: 502 }));
    await core.start();

    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "internal" } });
  });

  test("that gets no answer within 15 seconds has failed", async () => {
    const { core, server, clock } = createWorld();
    server.holding = () => true;
    const started = core.start();
    await clock.advance(15_000);
    await started;

    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "network" } });
  });
});

describe("a further page view", () => {
  test("resumes the session and costs one list fetch", async () => {
    const { server, reload, core: first } = createWorld();
    await first.start();
    await settle();
    server.calls.length = 0;

    const core = reload({ userToken: tokenOf("ada", { iat: 2 }) });
    await core.start();
    await settle();

    expect(core.session.value).toMatchObject({ status: "ready", agentName: "Fern & Fable" });
    expect(server.calls.map(({ path }) => path)).toEqual(["tab-fetch"]);
  });

  test("validates once revalidateAfter has passed", async () => {
    const { server, reload, core: first, clock } = createWorld();
    await first.start();
    clock.sleep(5 * MINUTE);
    await reload().start();

    expect(server.count("validate-widget")).toBe(2);
  });

  test.each([
    ["another visitor", { userToken: tokenOf("bob") }],
    ["nobody", { userToken: undefined }],
    ["somebody with an unreadable token", { userToken: "nonsense" }],
  ])("of %s does not resume it", async (_who, options) => {
    const { server, reload, core: first } = createWorld();
    await first.start();
    server.endUserId = "bob";
    const core = reload(options);
    await core.start();

    expect(server.count("validate-widget")).toBe(2);
    expect(core.session.value).toMatchObject({ endUser: { id: "bob" } });
  });

  test("of another visitor removes it, even if that one can't come in", async () => {
    const { server, page, reload, core: first } = createWorld();
    await first.start();
    server.validate = () => "network";
    await reload({ userToken: tokenOf("bob") }).start();

    expect([...page.stored]).toEqual([]);
  });

  test("without a token resumes if getUserToken gives one of the same visitor", async () => {
    const { server, reload, core: first } = createWorld();
    await first.start();
    await reload({ userToken: undefined, getUserToken: () => Promise.resolve(tokenOf("ada")) }).start();

    expect(server.count("validate-widget")).toBe(1);
  });

  test("without a token does not resume if getUserToken has none: the visitor has signed out", async () => {
    const { server, reload, core: first } = createWorld();
    await first.start();
    server.endUserId = "anon_1";
    const core = reload({ userToken: undefined, getUserToken: () => Promise.resolve(null) });
    await core.start();

    expect(server.count("validate-widget")).toBe(2);
    expect(core.session.value).toMatchObject({ endUser: { id: "anon_1", anonymous: true } });
  });

  test("survives what somebody else wrote under its key", async () => {
    const { server, page, reload, core: first } = createWorld();
    await first.start();
    for (const key of page.stored.keys()) page.stored.set(key, "{not json");
    await reload().start();

    expect(server.count("validate-widget")).toBe(2);
  });
});

test("changed looks and tabs show after a validation, unchanged ones cause no update", async () => {
  const { core, server, clock, page } = await createLiveWorld();
  const titles: string[] = [];
  core.session.subscribe((session) => {
    if (session.status === "ready") titles.push(session.display.title);
  });
  const validateAgain = async () => {
    clock.sleep(6 * MINUTE);
    page.emit("visible");
    await clock.advance(1000);
  };
  await validateAgain();
  const display = {
    title: "Winter sale",
    accent: "#000000",
    theme: "dark",
    launcher: "Chat",
    locale: "en",
  } as const;
  server.session.display = display;
  await validateAgain();

  expect(titles).toEqual(["Fern & Fable", "Winter sale"]);
});

test("blocked storage works from memory and is reported once", async () => {
  const { core, page, emitted, clock } = createWorld();
  page.storageBlocked = true;
  await core.start();
  clock.sleep(6 * MINUTE);
  page.emit("visible");
  await clock.advance(1000);

  expect(core.session.value.status).toBe("ready");
  const reports = emitted.filter(({ name }) => name === "error").map(({ detail }) => detail);
  expect(reports).toEqual([
    {
      code: "storage_blocked",
      message: "Storage is blocked.",
    },
  ]);
});
