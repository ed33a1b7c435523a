import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { nextPage } from "./support/next_page.ts";
import { AGENT, type FakeServer, refusal } from "./support/server.ts";
import { createLiveWorld, createWorld, tokenOf } from "./support/world.ts";

const MINUTE = 60_000;

describe("an expired user token", () => {
  const expired = tokenOf("ada", { exp: 1 });
  const fresh = tokenOf("ada", { exp: 2 });
  const refusing = (accept: FakeServer["validate"]): FakeServer["validate"] => (call) =>
    call.body.userToken === expired ? refusal("invalid_user_token") : accept(call);

  test("is replaced by what getUserToken gives", async () => {
    const { core, server } = createWorld({ userToken: expired, getUserToken: () => Promise.resolve(fresh) });
    server.validate = refusing(server.validate);
    await core.start();

    expect(core.session.value.status).toBe("ready");
    expect(server.of("validate-widget").map(({ body }) => body.userToken)).toEqual([expired, fresh]);
  });

  test("ends the session when there is nobody to ask", async () => {
    const { core, server } = createWorld({ userToken: expired });
    server.validate = refusing(server.validate);
    await core.start();

    expect(server.count("validate-widget")).toBe(1);
    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "invalid_user_token" } });
  });

  test.each([
    ["gives none", () => Promise.resolve(null)],
    ["gives the same one", () => Promise.resolve(expired)],
    ["rejects", () => Promise.reject(new Error("shop is down"))],
    ["throws", () => {
      throw new Error("shop is down");
    }],
  ])("ends the session when getUserToken %s", async (_what, getUserToken) => {
    const { core, server } = createWorld({ userToken: expired, getUserToken });
    server.validate = refusing(server.validate);
    await core.start();

    expect(server.count("validate-widget")).toBe(1);
    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "invalid_user_token" } });
  });

  test("does not wait for ever for getUserToken", async () => {
    const { core, server, clock, emitted } = createWorld({
      userToken: expired,
      getUserToken: () => new Promise(() => {}),
    });
    server.validate = refusing(server.validate);
    const started = core.start();
    await clock.advance(15_000);
    await started;

    expect(core.session.value.status).toBe("failed");
    const message = "getUserToken did not answer within 15 seconds.";
    expect(emitted).toContainEqual({ name: "error", detail: { code: "invalid_user_token", message } });
  });

  test("of a running session is renewed without the visitor noticing", async () => {
    const { core, server, clock, page } = await createLiveWorld({
      getUserToken: () => Promise.resolve(fresh),
    });
    const { validate } = server;
    server.validate = (call) =>
      call.body.userToken === fresh ? validate(call) : refusal("invalid_user_token");
    const states: string[] = [];
    core.session.subscribe(({ status }) => void states.push(status));
    clock.sleep(6 * MINUTE);
    page.emit("visible");
    await clock.advance(1000);

    expect(states).toEqual(["ready"]);
    expect(core.live.value).toBe("live");
  });
});

test("without a token, getUserToken is asked before the visitor counts as anonymous", async () => {
  const { core, server } = createWorld({
    userToken: undefined,
    getUserToken: () => Promise.resolve(tokenOf("ada")),
  });
  await core.start();

  expect(server.of("validate-widget").map(({ body }) => body.userToken)).toEqual([tokenOf("ada")]);
});

test("an empty token is none, as a page template writes it for a visitor who is not signed in", async () => {
  for (const getUserToken of [undefined, () => Promise.resolve("")]) {
    const { core, server } = createWorld({ userToken: "", getUserToken });
    await core.start();
    expect(server.of("validate-widget").map(({ body }) => body)).toEqual([{ agentId: AGENT }]);
  }
});

test("an empty token to identify is none either", async () => {
  const { core, server } = createWorld({ userToken: undefined });
  await core.identify("");

  expect(server.of("validate-widget").map(({ body }) => body)).toEqual([{ agentId: AGENT }]);
});

describe("a newer token of the same visitor", () => {
  const said = { name: "Ada", attributes: { plan: "Free", orders: 7 } };
  const former = tokenOf("ada", { ...said, iat: 1, exp: 100 });
  const newer = (more: object) => tokenOf("ada", { ...said, iat: 2, exp: 200, ...more });
  const CHANGES = [{ attributes: { plan: "Pro", orders: 7 } }, { name: "Ada L." }, {
    email: "ada@example.test",
  }];

  test.each(CHANGES)("is validated at once by the next page if it says something new: %j", async (change) => {
    const world = createWorld({ userToken: former });
    await world.core.start();
    const token = newer(change);
    await nextPage(world, { userToken: token });

    expect(world.server.of("validate-widget").map(({ body }) => body.userToken)).toEqual([former, token]);
  });

  test("costs the next page nothing if it says the same", async () => {
    const world = createWorld({ userToken: former });
    await world.core.start();
    const core = await nextPage(world, { userToken: newer({}) });

    expect(core.session.value.status).toBe("ready");
    expect(world.server.count("validate-widget")).toBe(1);
  });

  test.each(CHANGES)(
    "is validated at once by the page that hands it over if it says something new: %j",
    async (change) => {
      const { core, server } = createWorld({ userToken: former });
      await core.start();
      const token = newer(change);
      await core.identify(newer({}));
      expect(server.count("validate-widget")).toBe(1);
      const fetched = server.count("tab-fetch");
      await core.identify(token);

      await expect.poll(() => server.of("validate-widget").at(-1)?.body.userToken).toBe(token);
      // Only the call of a tab tells the store.
      await expect.poll(() => server.count("tab-fetch")).toBe(fetched + 1);
    },
  );

  test("is validated as well if it comes while another is, and the next page knows which one was", async () => {
    const world = await createLiveWorld({ userToken: former });
    const { core, server } = world;
    const [one, two] = [newer({ name: "One" }), newer({ name: "Two" })];
    server.holding = ({ path }) => path === "validate-widget";
    await core.identify(one);
    await settle();
    await core.identify(two);
    server.holding = () => false;
    server.held.splice(0).forEach(({ release }) => release());
    const sent = () => server.of("validate-widget").map(({ body }) => body.userToken);
    await expect.poll(sent).toEqual([former, one, two]);
    await settle();
    await nextPage(world, { userToken: two });

    expect(sent()).toEqual([former, one, two]);
  });

  test("is validated again at the next occasion if that has failed", async () => {
    const { core, server, clock, page } = await createLiveWorld({ userToken: former });
    const { validate } = server;
    const token = newer({ name: "One" });
    server.validate = () => "network";
    await core.identify(token);
    await settle();
    server.validate = validate;
    page.emit("visible");
    await clock.advance(1000);

    expect(server.of("validate-widget").map(({ body }) => body.userToken)).toEqual([former, token, token]);
  });
});
