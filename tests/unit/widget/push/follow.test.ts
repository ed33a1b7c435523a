// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { signal } from "../../../../client/platform/emitter.ts";
import type { SessionState } from "../../../../widget/core/session/session.ts";
import { followPush } from "../../../../widget/push/follow.ts";
import { leave } from "../../../../widget/push/handover.ts";
import { readMark, writeMark } from "../../../../widget/push/mark.ts";
import { MESSAGES, readySession } from "../../../support/sample_widget.ts";
import { createReplies } from "../../../../widget/push/replies.ts";
import { createPushBrowser, keyOf } from "../../../support/push_browser.ts";
import { createCaches } from "./caches.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const ADA = { id: "ada", anonymous: false };
const STORE = { ...MESSAGES, source: "store" } as never;
const REQUEST = { type: "heddle:open", agentId: AGENT, conversationId: "c1" } as const;

let scope: string;
let unsubscribe: ReturnType<typeof vi.fn>;
let container: EventTarget & { getRegistration(url: string): Promise<unknown> };
let ended: AbortController;
const act = vi.fn((_: object) => Promise.resolve({ ok: true, value: {} }));

beforeEach(() => {
  vi.useFakeTimers();
  scope = new URL(`/heddle/heddle-push/${AGENT}/`, document.baseURI).href;
  unsubscribe = vi.fn(() => Promise.resolve(true));
  const subscription = { endpoint: "https://push.example/1", unsubscribe };
  const pushManager = { getSubscription: () => Promise.resolve(subscription) };
  container = Object.assign(new EventTarget(), {
    getRegistration: (url: string) => Promise.resolve({ scope: url, pushManager }),
  });
  vi.stubGlobal("caches", createCaches());
  Object.defineProperty(navigator, "serviceWorker", { value: container, configurable: true });
  ended = new AbortController();
  localStorage.clear();
});
afterEach(() => {
  ended.abort();
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  act.mockClear();
});

function follow(first: SessionState) {
  const session = signal<SessionState>(first);
  const kept: (string | null)[] = [];
  const opened: string[] = [];
  followPush({ agentId: AGENT, pushWorker: "/heddle/heddle-push.js" }, {
    core: {
      session,
      shown: { read: () => null, keep: (text) => void kept.push(text) },
      list: () => ({ writing: { calls: { act } } }) as never,
    },
    open: () => void opened.push("open"),
    close: () => void opened.push("close"),
    signal: ended.signal,
  });
  return { session, kept, opened };
}
const ready = (endUser: { id: string; anonymous: boolean }) => readySession({ endUser, tabs: [STORE] });
const settle = () => vi.advanceTimersByTimeAsync(10);
const mark = () => writeMark(AGENT, { visitorId: "ada", endpoint: "https://push.example/1", savedAt: 1 });

it("a browser goes on telling the visitor for whom it does", async () => {
  mark();
  const { session } = follow({ status: "idle" });
  await settle();
  session.value = ready(ADA);
  await settle();
  expect(unsubscribe).not.toHaveBeenCalled();
  expect(readMark(AGENT)?.visitorId).toBe("ada");
});

it.each(["ben", "anon_1"])("it tells nobody any more once %s is there in their place", async (id) => {
  mark();
  follow(ready({ id, anonymous: false }));
  await settle();
  expect(unsubscribe).toHaveBeenCalledOnce();
  expect(readMark(AGENT)).toBe(null);
});

it("nor once they have signed out, here or on a page that was left before the widget had loaded", async () => {
  mark();
  const { session } = follow(ready(ADA));
  await settle();
  session.value = { status: "idle" };
  // As the script tag does, once the core has forgotten who it was.
  localStorage.clear();
  await settle();
  expect(unsubscribe).toHaveBeenCalledOnce();
  follow({ status: "idle" });
  await settle();
  expect(unsubscribe).toHaveBeenCalledTimes(2);
});

it("a worker of the site's own keeps its subscription", async () => {
  const pushManager = { getSubscription: () => Promise.resolve({ unsubscribe }) };
  container.getRegistration = () =>
    Promise.resolve({ scope: new URL("/", document.baseURI).href, pushManager });
  follow(ready(ADA));
  await settle();
  expect(unsubscribe).not.toHaveBeenCalled();
});

it("on each page the project hears of a browser that is reached elsewhere now, or has subscribed again", async () => {
  const browser = createPushBrowser();
  const parts = { agentId: AGENT, pushWorker: "/heddle/heddle-push.js", pushKey: keyOf(1), visitorId: "ada" };
  await createReplies({ ...parts, push: () => Promise.resolve(null) }).switchOn();
  const tabs = [{ ...MESSAGES, id: "kept", source: "store", pushKey: keyOf(1) }] as never;
  const visit = async () => {
    act.mockClear();
    follow(readySession({ endUser: ADA, tabs }));
    await settle();
    await vi.dynamicImportSettled();
    await settle();
    return act.mock.calls.map(([request]) => request);
  };
  const told = (push: object) => ({
    action: "update_item",
    tabId: "kept",
    itemId: "kept",
    changes: { push },
  });
  const keys = { p256dh: "p", auth: "a" };
  expect(await visit()).toEqual([]);
  browser.move(scope, "https://push.example/moved");
  expect(await visit()).toEqual([
    told({ endpoint: "https://push.example/moved", keys }),
    told({ endpoint: "https://push.example/1", keys: null }),
  ]);
  browser.unregister();
  expect(await visit()).toEqual([
    told({ endpoint: "https://push.example/2", keys }),
    told({ endpoint: "https://push.example/moved", keys: null }),
  ]);
  expect(browser.asked).toBe(1);
  expect((await browser.subscribed(scope))?.endpoint).toBe("https://push.example/2");
});

it("opens the conversation that somebody clicked for, in an open page or a new one", async () => {
  const { kept, opened } = follow(ready(ADA));
  const port = { postMessage: vi.fn() };
  const say = (data: object) =>
    container.dispatchEvent(Object.assign(new Event("message"), { data, ports: [port] }));
  say(REQUEST);
  const shown = JSON.stringify({ tabId: MESSAGES.id, itemId: "c1" });
  expect([kept, opened]).toEqual([[shown], ["close", "open"]]);
  expect(port.postMessage).toHaveBeenCalledOnce();
  say({ ...REQUEST, type: "heddle:here" });
  expect([opened.length, port.postMessage.mock.calls.length]).toEqual([2, 2]);
  say({ ...REQUEST, conversationId: "" });
  expect([kept.length, opened.length]).toEqual([1, 4]);
  port.postMessage.mockClear();
  say({ ...REQUEST, agentId: "another" });
  say({ type: "of the site's own" });
  expect(port.postMessage).not.toHaveBeenCalled();

  await leave(scope, REQUEST, Date.now());
  const next = follow(ready(ADA));
  await settle();
  expect(next.kept).toEqual([shown]);
});
