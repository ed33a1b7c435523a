import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { pickUp } from "../../../../widget/push/handover.ts";
import { createCaches } from "./caches.ts";

const TOLD = {
  title: "Fern & Fable",
  body: "You have an answer.",
  agentId: "a0000000-0000-4000-8000-000000000001",
  conversationId: "d0000000-0000-4000-8000-000000000001",
  url: "https://shop.example/ferns",
};
const SCOPE = `https://shop.example/heddle/heddle-push/${TOLD.agentId}/`;

interface Page {
  visibilityState: "visible" | "hidden";
  /** There is a widget in it that opens the conversation. */
  answers?: boolean;
}

const APPLE = "https://web.push.apple.com/QGuQ";

/** What the worker reaches, and the pages of the site that are open. */
async function startWorker(pages: Page[], endpoint = "https://fcm.googleapis.com/fcm/send/1") {
  const listeners = new Map<string, (event: object) => void>();
  const windows = pages.map(({ visibilityState, answers }) => ({
    visibilityState,
    focus: vi.fn(() => Promise.resolve()),
    postMessage: vi.fn((_: unknown, ports?: MessagePort[]) => answers && ports?.[0]?.postMessage(true)),
  }));
  const scope = {
    registration: {
      scope: SCOPE,
      showNotification: vi.fn(() => Promise.resolve()),
      pushManager: {
        getSubscription: () => Promise.resolve({ endpoint }),
        subscribe: vi.fn(() => Promise.resolve()),
      },
    },
    clients: {
      matchAll: () => Promise.resolve(windows),
      openWindow: vi.fn(() => Promise.resolve()),
    },
    skipWaiting: () => Promise.resolve(),
    addEventListener: (type: string, listen: (event: object) => void) => listeners.set(type, listen),
  };
  vi.stubGlobal("self", scope);
  vi.stubGlobal("caches", createCaches());
  await import("../../../../widget/push/worker.ts");
  return {
    scope,
    windows,
    /** Resolves once the worker may be stopped. */
    async dispatch(type: string, event: object) {
      const works: Promise<unknown>[] = [];
      listeners.get(type)?.({ ...event, waitUntil: (work: Promise<unknown>) => works.push(work) });
      await Promise.all(works);
    },
  };
}
beforeEach(() => {
  vi.resetModules();
  vi.unstubAllGlobals();
});

const push = { data: { json: () => TOLD } };
const click = (data: object = TOLD) => ({ notification: { data, close: vi.fn() } });

it("shows that there is an answer, of each conversation the newest", async () => {
  const { scope, dispatch } = await startWorker([{ visibilityState: "hidden" }]);
  await dispatch("push", push);
  expect(scope.registration.showNotification).toHaveBeenCalledExactlyOnceWith("Fern & Fable", {
    body: "You have an answer.",
    tag: TOLD.conversationId,
    renotify: true,
    data: TOLD,
  });
});

it("shows nothing to whoever has the widget before them, other pages of the site don't count", async () => {
  const seen = await startWorker([{ visibilityState: "hidden" }, {
    visibilityState: "visible",
    answers: true,
  }]);
  await seen.dispatch("push", push);
  expect(seen.scope.registration.showNotification).not.toHaveBeenCalled();
  vi.resetModules();
  const unseen = await startWorker([{ visibilityState: "visible" }, {
    visibilityState: "hidden",
    answers: true,
  }]);
  await unseen.dispatch("push", push);
  expect(unseen.scope.registration.showNotification).toHaveBeenCalledOnce();
});

it("where silence ends the subscription, whoever has the widget before them is shown it without a sound", async () => {
  const { scope, dispatch } = await startWorker([{ visibilityState: "visible", answers: true }], APPLE);
  await dispatch("push", push);
  expect(scope.registration.showNotification).toHaveBeenCalledExactlyOnceWith(
    "Fern & Fable",
    expect.objectContaining({ body: "You have an answer.", silent: true, renotify: false }),
  );
  vi.resetModules();
  const away = await startWorker([{ visibilityState: "hidden", answers: true }], APPLE);
  await away.dispatch("push", push);
  expect(away.scope.registration.showNotification).toHaveBeenCalledExactlyOnceWith(
    "Fern & Fable",
    expect.not.objectContaining({ silent: true }),
  );
});

it.each([
  ["is empty", null],
  ["is no JSON", { json: () => JSON.parse("hello") }],
  ["says something else", { json: () => "hello" }],
  ["is of another make", { json: () => ({ title: 1, conversationId: null }) }],
])("a message that %s says that there is an answer, and a click opens the widget", async (_, data) => {
  const { scope, windows: [shop], dispatch } = await startWorker([{
    visibilityState: "hidden",
    answers: true,
  }]);
  await dispatch("push", { data });
  const shown = scope.registration.showNotification.mock.calls as unknown as [string, { data: object }][];
  expect(shown).toEqual([["shop.example", {
    body: "You have an answer.",
    tag: TOLD.agentId,
    renotify: true,
    data: { title: "shop.example", body: "You have an answer.", agentId: TOLD.agentId, conversationId: "" },
  }]]);
  await dispatch("notificationclick", click(shown[0]?.[1].data));
  expect(shop?.focus).toHaveBeenCalledOnce();
  vi.resetModules();
  const closed = await startWorker([]);
  await closed.dispatch("notificationclick", click(shown[0]?.[1].data));
  expect(closed.scope.clients.openWindow).toHaveBeenCalledWith("https://shop.example/");
});

it("a click opens the conversation in the first page whose widget takes it", async () => {
  const { scope, windows: [other, shop], dispatch } = await startWorker([
    { visibilityState: "hidden" },
    { visibilityState: "hidden", answers: true },
  ]);
  await dispatch("notificationclick", click());
  expect([other?.focus, shop?.focus].map((focus) => focus?.mock.calls.length)).toEqual([0, 1]);
  expect(scope.clients.openWindow).not.toHaveBeenCalled();
  expect(await pickUp(SCOPE, Date.now())).toBe(null);
});

it("asks all pages at once, and has but one of them open it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { scope, windows, dispatch } = await startWorker(Array.from({ length: 6 }, () => ({
    visibilityState: "hidden" as const,
  })));
  const clicked = dispatch("notificationclick", click());
  await vi.advanceTimersByTimeAsync(300);
  await clicked;
  expect(windows.map(({ postMessage }) => postMessage.mock.calls.length)).toEqual(Array(6).fill(1));
  expect(scope.clients.openWindow).toHaveBeenCalledWith(TOLD.url);

  vi.resetModules();
  const both = await startWorker([
    { visibilityState: "hidden", answers: true },
    { visibilityState: "hidden", answers: true },
  ]);
  await both.dispatch("notificationclick", click());
  const sent = both.windows.flatMap(({ postMessage }) => postMessage.mock.calls);
  expect(sent.filter(([request]) => Object(request).type === "heddle:open")).toHaveLength(1);
  expect(both.windows.filter(({ focus }) => focus.mock.calls.length > 0)).toHaveLength(1);
});

it("where there is none it opens the page where they wrote, which finds what was clicked for once, and not much later", async () => {
  const { scope, dispatch } = await startWorker([{ visibilityState: "hidden" }]);
  await dispatch("notificationclick", click());
  expect(scope.clients.openWindow).toHaveBeenCalledWith(TOLD.url);
  const { agentId, conversationId } = TOLD;
  expect(await pickUp(SCOPE, Date.now())).toMatchObject({ agentId, conversationId });
  expect(await pickUp(SCOPE, Date.now())).toBe(null);
  await dispatch("notificationclick", click());
  expect(await pickUp(SCOPE, Date.now() + 5 * 60 * 1000)).toBe(null);
});

it.each([undefined, "https://evil.example/", "nonsense"])(
  "never leads to another site: %s",
  async (url) => {
    const { scope, dispatch } = await startWorker([]);
    await dispatch("notificationclick", click({ ...TOLD, url }));
    expect(scope.clients.openWindow).toHaveBeenCalledWith("https://shop.example/");
  },
);

it("subscribes again under the same key where the browser has ended it, unless the browser has", async () => {
  const { scope: { registration: { pushManager } }, dispatch } = await startWorker([]);
  const applicationServerKey = new Uint8Array(65).buffer;
  const former = { options: { userVisibleOnly: true, applicationServerKey } };
  await dispatch("pushsubscriptionchange", { oldSubscription: former, newSubscription: { endpoint: "new" } });
  await dispatch("pushsubscriptionchange", {});
  expect(pushManager.subscribe).not.toHaveBeenCalled();
  await dispatch("pushsubscriptionchange", { oldSubscription: former, newSubscription: null });
  expect(pushManager.subscribe).toHaveBeenCalledExactlyOnceWith({
    userVisibleOnly: true,
    applicationServerKey,
  });
});
