import { beforeEach, expect, it, vi } from "vitest";

const TOLD = {
  title: "Fern & Fable",
  body: "Ada needs a person.",
  agentId: "a0000000-0000-4000-8000-000000000001",
  conversationId: "d0000000-0000-4000-8000-000000000001",
};
const HASH = `#/${TOLD.agentId}/open/${TOLD.conversationId}`;

const INBOX = "https://shop.example/inbox/";

const APPLE = "https://web.push.apple.com/QGuQ";

/** What the worker reaches, and the windows that are open: of the inbox, or of `url`. */
async function startWorker(
  visibilityStates: ("visible" | "hidden")[],
  url = `${INBOX}index.html#/x`,
  endpoint = "https://fcm.googleapis.com/fcm/send/1",
) {
  const listeners = new Map<string, (event: object) => void>();
  const windows = visibilityStates.map((visibilityState) => ({
    url,
    visibilityState,
    focus: vi.fn(() => Promise.resolve()),
    postMessage: vi.fn(),
  }));
  const scope = {
    registration: {
      scope: INBOX,
      showNotification: vi.fn(() => Promise.resolve()),
      pushManager: {
        getSubscription: () => Promise.resolve({ endpoint }),
        subscribe: vi.fn(() => Promise.resolve()),
      },
    },
    clients: {
      claim: () => Promise.resolve(),
      matchAll: () => Promise.resolve(windows),
      openWindow: vi.fn(() => Promise.resolve()),
    },
    skipWaiting: () => Promise.resolve(),
    addEventListener: (type: string, listen: (event: object) => void) => listeners.set(type, listen),
  };
  vi.stubGlobal("self", scope);
  await import("../../../inbox/push_worker.ts");
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

it("shows what came, of each conversation the newest", async () => {
  const { scope, dispatch } = await startWorker(["hidden"]);
  await dispatch("push", { data: { json: () => TOLD } });
  expect(scope.registration.showNotification).toHaveBeenCalledExactlyOnceWith("Fern & Fable", {
    body: "Ada needs a person.",
    tag: TOLD.conversationId,
    renotify: true,
    data: TOLD,
  });
});

it("shows nothing to whoever has the inbox before them, but without a sound where silence ends the subscription", async () => {
  const seen = await startWorker(["hidden", "visible"]);
  await seen.dispatch("push", { data: { json: () => TOLD } });
  expect(seen.scope.registration.showNotification).not.toHaveBeenCalled();
  vi.resetModules();
  const apple = await startWorker(["hidden", "visible"], INBOX, APPLE);
  await apple.dispatch("push", { data: { json: () => TOLD } });
  expect(apple.scope.registration.showNotification).toHaveBeenCalledExactlyOnceWith(
    "Fern & Fable",
    expect.objectContaining({ silent: true, renotify: false }),
  );
});

it.each([
  ["is empty", null],
  ["is no JSON", { json: () => JSON.parse("hello") }],
  ["says something else", { json: () => "hello" }],
])("a message that %s says that there is something, and a click leads to the inbox", async (_, data) => {
  const { scope, dispatch } = await startWorker([]);
  await dispatch("push", { data });
  const shown = scope.registration.showNotification.mock.calls as unknown as [string, { data: object }][];
  expect(shown).toMatchObject([["shop.example", { body: "There is something new in the inbox." }]]);
  // Browsers refuse to tell again of what has no tag.
  expect(shown[0]?.[1]).toMatchObject({ renotify: true, tag: expect.stringMatching(/./) });
  await dispatch("notificationclick", { notification: { data: shown[0]?.[1].data, close: vi.fn() } });
  expect(scope.clients.openWindow).toHaveBeenCalledWith(INBOX);
});

it("subscribes again under the same key where the browser has ended it", async () => {
  const { scope: { registration: { pushManager } }, dispatch } = await startWorker([]);
  const applicationServerKey = new Uint8Array(65).buffer;
  await dispatch("pushsubscriptionchange", { oldSubscription: { options: { applicationServerKey } } });
  expect(pushManager.subscribe).toHaveBeenCalledExactlyOnceWith({
    userVisibleOnly: true,
    applicationServerKey,
  });
});

it("what is about no conversation is shown, and a click leads to the inbox as it is", async () => {
  const told = { ...TOLD, conversationId: null };
  const { scope, dispatch, windows } = await startWorker(["hidden"]);
  await dispatch("push", { data: { json: () => told } });
  expect(scope.registration.showNotification).toHaveBeenCalledWith(
    told.title,
    expect.objectContaining({ tag: told.agentId }),
  );
  await dispatch("notificationclick", { notification: { data: told, close: vi.fn() } });
  expect(windows[0]?.postMessage).not.toHaveBeenCalled();
  expect(windows[0]?.focus).toHaveBeenCalled();
});

it("a click opens the conversation in the inbox that is there, or else in a new window", async () => {
  const close = vi.fn();
  const there = await startWorker(["hidden"]);
  await there.dispatch("notificationclick", { notification: { data: TOLD, close } });
  expect(there.windows[0]?.postMessage).toHaveBeenCalledWith({ type: "heddle:open", hash: HASH });
  expect(there.windows[0]?.focus).toHaveBeenCalled();
  expect(there.scope.clients.openWindow).not.toHaveBeenCalled();
  vi.resetModules();
  const alone = await startWorker([]);
  await alone.dispatch("notificationclick", { notification: { data: TOLD, close } });
  expect(alone.scope.clients.openWindow).toHaveBeenCalledWith(`${INBOX}${HASH}`);
  expect(close).toHaveBeenCalledTimes(2);
});

it("pages of the same origin that are no inbox neither keep a message back nor take a click", async () => {
  const { scope, windows, dispatch } = await startWorker(["visible"], "https://shop.example/orders");
  await dispatch("push", { data: { json: () => TOLD } });
  expect(scope.registration.showNotification).toHaveBeenCalledOnce();
  await dispatch("notificationclick", { notification: { data: TOLD, close: vi.fn() } });
  expect(scope.clients.openWindow).toHaveBeenCalledWith(`${INBOX}${HASH}`);
  expect(windows[0]?.postMessage).not.toHaveBeenCalled();
  expect(windows[0]?.focus).not.toHaveBeenCalled();
});
