import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { createWorld, tokenOf } from "./support/world.ts";

const MINUTE = 60_000;

describe("an anonymous visitor", () => {
  const anonymous = { userToken: undefined };

  test("stays the same by the token that the server handed out", async () => {
    const { core, server, clock, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    await core.start();
    clock.sleep(10 * MINUTE);
    await reload().start();

    expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([undefined, "vt-1"]);
  });

  test("resumes on a further page view without asking the server", async () => {
    const { core, server, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    await core.start();
    await reload().start();

    expect(server.count("validate-widget")).toBe(1);
  });

  test("does not resume once another tab has forgotten or replaced the visitor", async () => {
    for (const inOtherTab of ["delete", "replace"]) {
      const { core, server, page, reload } = createWorld(anonymous);
      server.session = { visitorToken: "vt-1" };
      await core.start();
      const [key = ""] = [...page.stored.keys()].filter((name) => name.endsWith(":visitor"));
      if (inOtherTab === "delete") page.stored.delete(key);
      else page.stored.set(key, "vt-2");
      await reload().start();

      const expected = inOtherTab === "delete" ? undefined : "vt-2";
      expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([
        undefined,
        expected,
      ]);
    }
  });

  test("takes the new token when the old one is unknown to the server", async () => {
    const { core, server, clock, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    await core.start();
    clock.sleep(10 * MINUTE);
    server.session = { visitorToken: "vt-2" };
    server.endUserId = "anon_2";
    await reload().start();
    clock.sleep(10 * MINUTE);
    await reload().start();

    expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([
      undefined,
      "vt-1",
      "vt-2",
    ]);
  });

  test("stays the same for the whole page where storage is blocked", async () => {
    const { core, server, page, clock } = createWorld(anonymous);
    page.storageBlocked = true;
    server.session = { visitorToken: "vt-1" };
    await core.start();
    clock.sleep(6 * MINUTE);
    page.emit("visible");
    await clock.advance(1000);

    expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([undefined, "vt-1"]);
  });

  test("is sent along by who signs in, and by them no more while their session goes on", async () => {
    const { core, server, page, clock, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    await core.start();
    server.session = {};
    const userToken = tokenOf("ada");
    const signedIn = reload({ userToken });
    await signedIn.start();
    clock.sleep(6 * MINUTE);
    page.emit("visible");
    await clock.advance(1000);
    await reload({ userToken }).start();

    const signedInCalls = server.of("validate-widget").filter(({ body }) => body.userToken === userToken);
    expect(signedInCalls.map(({ body }) => body.visitorToken)).toEqual(["vt-1", undefined]);
  });

  test("whose first page is opened in two tabs at once is one visitor in both", async () => {
    const { core, server, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    const otherTab = reload();
    await Promise.all([core.start(), otherTab.start()]);

    expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([undefined, "vt-1"]);
    expect([core, otherTab].map(({ session }) => session.value.status)).toEqual(["ready", "ready"]);
  });

  test("who signs out while another tab has the first word is not let in", async () => {
    const { core, server, reload } = createWorld(anonymous);
    server.session = { visitorToken: "vt-1" };
    server.holding = ({ path }) => path === "validate-widget";
    const otherTab = reload();
    const starting = [core.start(), otherTab.start()];
    await settle();
    otherTab.logout();
    server.releaseAll();
    await Promise.all(starting);

    expect(server.count("validate-widget")).toBe(1);
    expect(otherTab.session.value).toEqual({ status: "idle" });
  });
});

test("another tab may ask only once this one has stored whom it got", async () => {
  const { core, server, page } = createWorld({ userToken: undefined });
  server.session.visitorToken = "visitor-1";
  let storedAtRelease: unknown[] = [];
  page.exclusively = async (_name, run) => {
    const result = await run();
    storedAtRelease = [...page.stored.values()];
    return result;
  };
  await core.start();
  expect(storedAtRelease).toContain("visitor-1");
});
