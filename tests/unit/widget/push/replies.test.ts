// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Problem } from "../../../../client/http/problem.ts";
import type { PushDevice } from "../../../../widget/core/kept_conversation.ts";
import { readMark, writeMark } from "../../../../widget/push/mark.ts";
import { createReplies } from "../../../../widget/push/replies.ts";
import { createPushBrowser, keyOf } from "../../../support/push_browser.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const SCOPE = `${location.origin}/push/${AGENT}/`;
const DAY = 24 * 60 * 60 * 1000;

let browser: ReturnType<typeof createPushBrowser>;
/** What the project reaches the visitor by. */
let told: Set<string>;
let answer: Problem | null;
const push = vi.fn(({ endpoint, keys }: PushDevice) => {
  if (!answer && keys) told.add(endpoint);
  if (!answer && !keys) told.delete(endpoint);
  return Promise.resolve(answer);
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  browser = createPushBrowser();
  told = new Set();
  answer = null;
  localStorage.clear();
});
afterEach(() => {
  push.mockClear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** As each page makes it, under the project's key of that day. */
const page = (pushKey = keyOf(1)) =>
  createReplies({ agentId: AGENT, pushWorker: "/push.js", pushKey, visitorId: "ada", push });

async function switchedOn() {
  expect(await page().switchOn()).toBe("on");
  expect([...told]).toEqual(["https://push.example/1"]);
  push.mockClear();
  browser.asked = 0;
}

it("a page on which nothing has changed tells the project nothing, but once a day", async () => {
  await switchedOn();
  expect(await page().isOn()).toBe(true);
  expect(push).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + DAY + 1);
  expect(await page().isOn()).toBe(true);
  expect(await page().isOn()).toBe(true);
  expect(push).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ endpoint: "https://push.example/1" }),
  );
});

it("the project hears of a new address from the next page, and forgets the old one", async () => {
  await switchedOn();
  browser.move(SCOPE, "https://push.example/moved");
  expect(await page().isOn()).toBe(true);
  expect([...told]).toEqual(["https://push.example/moved"]);
  push.mockClear();
  expect(await page().isOn()).toBe(true);
  expect(push).not.toHaveBeenCalled();
});

it("what the project did not hear it hears from the page after that", async () => {
  await switchedOn();
  browser.move(SCOPE, "https://push.example/moved");
  answer = { code: "network", message: "" };
  expect(await page().isOn()).toBe(true);
  answer = null;
  expect(await page().isOn()).toBe(true);
  expect([...told]).toEqual(["https://push.example/moved"]);
});

it.each([
  ["has lost its subscription", () => browser.lose(SCOPE)],
  ["has no worker any more, which the site has unregistered", () => browser.unregister()],
])("a browser that %s subscribes again, asking nobody", async (_, lose) => {
  await switchedOn();
  lose();
  expect(await page().isOn()).toBe(true);
  expect([...told]).toEqual(["https://push.example/2"]);
  expect((await browser.subscribed(SCOPE))?.endpoint).toBe("https://push.example/2");
  expect(browser.asked).toBe(0);
});

it("under another key of the project's it subscribes anew", async () => {
  await switchedOn();
  expect(await page(keyOf(2)).isOn()).toBe(true);
  expect([...told]).toEqual(["https://push.example/2"]);
  const key = (await browser.subscribed(SCOPE))?.options.applicationServerKey ?? new ArrayBuffer();
  expect(Buffer.from(key).toString("base64url")).toBe(keyOf(2));
});

it("pages that are opened at once subscribe once", async () => {
  await switchedOn();
  browser.lose(SCOPE);
  expect(await Promise.all([page().isOn(), page().isOn(), page().isOn()])).toEqual([true, true, true]);
  expect([...told]).toEqual(["https://push.example/2"]);
  expect((await browser.subscribed(SCOPE))?.endpoint).toBe("https://push.example/2");
});

it("nobody is told any more where they have taken back their permission, and nothing is asked", async () => {
  await switchedOn();
  browser.lose(SCOPE);
  browser.permission = "default";
  expect(await page().isOn()).toBe(false);
  expect([[...told], readMark(AGENT), browser.asked]).toEqual([[], null, 0]);
});

it("nor once they were erased", async () => {
  await switchedOn();
  vi.setSystemTime(Date.now() + DAY + 1);
  answer = { code: "item_not_found", message: "" };
  expect(await page().isOn()).toBe(false);
  expect([await browser.subscribed(SCOPE), readMark(AGENT)]).toEqual([null, null]);
});

it("who switches it off while it is being renewed is told no more", async () => {
  await switchedOn();
  browser.move(SCOPE, "https://push.example/moved");
  push.mockImplementationOnce(async (device) => {
    await page().switchOff();
    told.add(device.endpoint);
    return null;
  });
  expect(await page().isOn()).toBe(false);
  expect([[...told], await browser.subscribed(SCOPE), readMark(AGENT)]).toEqual([[], null, null]);
});

it("a page hears that another one has switched it, until it has left", () => {
  const changed = vi.fn();
  const stop = page().follow(changed);
  const hear = (key: string | null) => dispatchEvent(new StorageEvent("storage", { key }));
  hear("of the site's own");
  expect(changed).not.toHaveBeenCalled();
  hear(`heddle:${AGENT}:push`);
  hear(null);
  expect(changed).toHaveBeenCalledTimes(2);
  stop();
  hear(null);
  expect(changed).toHaveBeenCalledTimes(2);
});

it("another visitor's browser is left to them", async () => {
  await switchedOn();
  browser.move(SCOPE, "https://push.example/moved");
  writeMark(AGENT, { visitorId: "ben", endpoint: "https://push.example/1", savedAt: Date.now() });
  expect(await page().isOn()).toBe(false);
  expect(push).not.toHaveBeenCalled();
});
