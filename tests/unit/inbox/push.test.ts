// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Problem } from "../../../client/http/problem.ts";
import type { Desk } from "../../../inbox/core/desk.ts";
import { followPush, forgetPush, pushState, renewPush, switchOff, switchOn } from "../../../inbox/ui/push.ts";
import { createPushBrowser, keyOf } from "../../support/push_browser.ts";

const SCOPE = new URL(".", document.baseURI).href;
const DAY = 24 * 60 * 60 * 1000;

let browser: ReturnType<typeof createPushBrowser>;
/** By what each organisation reaches its members: `<organisation> <operator> <endpoint>`. */
let told: Set<string>;
let pushKey: string;
let problem: Problem | null;
const savePush = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  browser = createPushBrowser();
  told = new Set();
  pushKey = keyOf(1);
  problem = null;
  localStorage.clear();
});
afterEach(() => {
  savePush.mockClear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The desk of an operator who has the inbox open. */
function deskOf(userId = "mira", orgId = "fern") {
  const answer = () =>
    Promise.resolve(
      problem
        ? { ok: false, problem }
        : { ok: true, value: { email: true, push: true, devices: told.size, pushKey } },
    );
  const line = (endpoint: string) => `${orgId} ${userId} ${endpoint}`;
  const notifications = {
    preferences: answer,
    savePush({ endpoint }: { endpoint: string }) {
      savePush(endpoint);
      if (!problem) told.add(line(endpoint));
      return answer();
    },
    removePush(endpoint: string) {
      if (!problem) told.delete(line(endpoint));
      return answer();
    },
  };
  return { userId, agent: { orgId }, notifications } as unknown as Desk;
}

async function switchedOn() {
  await switchOn(deskOf(), pushKey);
  expect([...told]).toEqual(["fern mira https://push.example/1"]);
  savePush.mockClear();
  browser.asked = 0;
}

it("an inbox where nothing has changed tells the project nothing, but once a day", async () => {
  await switchedOn();
  await renewPush(deskOf());
  expect(savePush).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + DAY + 1);
  await renewPush(deskOf());
  await renewPush(deskOf());
  expect(savePush).toHaveBeenCalledExactlyOnceWith("https://push.example/1");
});

it.each([
  ["has another address", () => browser.move(SCOPE, "https://push.example/2"), "https://push.example/2"],
  ["has lost its subscription", () => browser.lose(SCOPE), "https://push.example/2"],
  ["has lost its worker", () => browser.unregister(), "https://push.example/2"],
  ["is to subscribe under another key", () => void (pushKey = keyOf(2)), "https://push.example/2"],
])(
  "a browser that %s is known by it once the inbox is opened, and nobody is asked",
  async (_, change, endpoint) => {
    await switchedOn();
    change();
    await renewPush(deskOf());
    expect([...told]).toEqual([`fern mira ${endpoint}`]);
    expect([await pushState("mira"), browser.asked]).toEqual(["on", 0]);
    expect((await browser.subscribed(SCOPE))?.endpoint).toBe(endpoint);
  },
);

it("what the project did not hear it hears the next time", async () => {
  await switchedOn();
  browser.move(SCOPE, "https://push.example/2");
  problem = { code: "network", message: "" };
  await renewPush(deskOf());
  problem = null;
  await renewPush(deskOf());
  expect([...told]).toEqual(["fern mira https://push.example/2"]);
});

it("of another organisation's sites that browser tells its operator, too", async () => {
  await switchedOn();
  await renewPush(deskOf("mira", "moss"));
  expect([...told]).toEqual(["fern mira https://push.example/1", "moss mira https://push.example/1"]);
});

it("it is off for the next operator there, until they switch it on", async () => {
  await switchedOn();
  expect(await pushState("jonas")).toBe("off");
  await renewPush(deskOf("jonas"));
  expect(savePush).not.toHaveBeenCalled();
  await switchOn(deskOf("jonas"), pushKey);
  expect([await pushState("mira"), await pushState("jonas")]).toEqual(["off", "on"]);
});

it("nothing comes any more after it was switched off, the permission taken back, or on signing out", async () => {
  await switchedOn();
  await switchOff(deskOf());
  await renewPush(deskOf());
  expect([[...told], await pushState("mira"), await browser.subscribed(SCOPE)]).toEqual([[], "off", null]);

  await switchOn(deskOf(), pushKey);
  browser.lose(SCOPE);
  browser.permission = "default";
  browser.asked = 0;
  await renewPush(deskOf());
  browser.permission = "granted";
  await renewPush(deskOf());
  expect([[...told], browser.asked, await pushState("mira")]).toEqual([[], 0, "off"]);

  await switchOn(deskOf(), pushKey);
  await forgetPush();
  await renewPush(deskOf());
  expect([await browser.subscribed(SCOPE), await pushState("mira")]).toEqual([null, "off"]);
});

it("where the project refuses, it stays off", async () => {
  problem = { code: "invalid_request", message: "" };
  expect(await switchOn(deskOf(), pushKey)).toMatchObject({ ok: false });
  expect([await pushState("mira"), await browser.subscribed(SCOPE)]).toEqual(["off", null]);
});

it("nor is it on where the browser keeps nothing", async () => {
  vi.stubGlobal("localStorage", {
    getItem: () => null,
    setItem() {
      throw new DOMException("", "SecurityError");
    },
  });
  expect(await switchOn(deskOf(), pushKey)).toMatchObject({ problem: { code: "storage_blocked" } });
  expect([[...told], await browser.subscribed(SCOPE)]).toEqual([[], null]);
});

it("a window hears that another one has switched it", () => {
  const changed = vi.fn();
  const stop = followPush(changed);
  const hear = (key: string | null) => dispatchEvent(new StorageEvent("storage", { key }));
  hear("heddle.inbox.writing");
  hear("heddle.inbox.push");
  hear(null);
  expect(changed).toHaveBeenCalledTimes(2);
  stop();
  hear(null);
  expect(changed).toHaveBeenCalledTimes(2);
});
