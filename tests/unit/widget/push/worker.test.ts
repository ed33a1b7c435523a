import { beforeEach, expect, it, vi } from "vitest";
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

/** What the worker reaches, and the pages of the site that are open. */
async function startWorker(pages: Page[]) {
  const listeners = new Map<string, (event: object) => void>();
  const windows = pages.map(({ visibilityState, answers }) => ({
    visibilityState,
    focus: vi.fn(() => Promise.resolve()),
    postMessage: vi.fn((_: unknown, [port]: MessagePort[]) => answers && port?.postMessage(true)),
  }));
  const scope = {
    registration: { scope: SCOPE, showNotification: vi.fn(() => Promise.resolve()) },
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
