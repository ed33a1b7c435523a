// @vitest-environment happy-dom
import { afterEach, describe, expect, test, vi } from "vitest";
import { browserEnvironment } from "../../../client/platform/browser_environment.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  sessionStorage.clear();
  localStorage.clear();
});

function setVisibility(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

test("the page's events arrive under their names until they are no longer listened to", () => {
  const { page } = browserEnvironment();
  const heard: string[] = [];
  const stop = page.listen((event) => heard.push(event));
  setVisibility("hidden");
  expect(page.isVisible()).toBe(false);
  setVisibility("visible");
  expect(page.isVisible()).toBe(true);
  for (const type of ["focus", "online", "pagehide"]) dispatchEvent(new Event(type));
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(heard).toEqual(["hidden", "visible", "focus", "online", "stored", "restored"]);

  stop();
  dispatchEvent(new Event("online"));
  setVisibility("hidden");
  expect(heard).toHaveLength(6);
});

describe("the page", () => {
  const at = (url: string) => vi.stubGlobal("location", new URL(url));

  test("is told by its title, its address without query and fragment, and the browser's language and zone", () => {
    at("https://shop.example/ferns/boston?token=secret#reset");
    document.title = "(2) Boston fern";
    expect(browserEnvironment().page.info()).toEqual({
      title: "Boston fern",
      url: "https://shop.example/ferns/boston",
      locale: navigator.language,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  });

  test("has a title of 200 characters at most, none of them half", () => {
    at("https://shop.example/");
    document.title = `${"a".repeat(199)}🌿`;
    expect(browserEnvironment().page.info()?.title).toBe(`${"a".repeat(199)}\ufffd`);
  });

  test.each(["file:///index.html", "about:blank", `https://shop.example/${"a".repeat(2048)}`])(
    "is not told where no link could lead to it: %#",
    (url) => {
      at(url);
      expect(browserEnvironment().page.info()).toBeUndefined();
    },
  );
});

test("values are kept in the area they were written to", () => {
  const { storage } = browserEnvironment();
  expect(storage.write("session", "k", "for the tab")).toBe(true);
  expect(storage.write("local", "k", "for good")).toBe(true);

  expect(sessionStorage.getItem("k")).toBe("for the tab");
  expect(localStorage.getItem("k")).toBe("for good");
  storage.write("session", "k", null);
  expect(storage.read("session", "k")).toBeNull();
  expect(storage.read("local", "k")).toBe("for good");
});

test("where the browser blocks storage, memory stands in and says so", () => {
  const blocked = {
    getItem: () => {
      throw new DOMException("blocked", "SecurityError");
    },
    setItem: () => {
      throw new DOMException("blocked", "SecurityError");
    },
    removeItem: () => {
      throw new DOMException("blocked", "SecurityError");
    },
  };
  vi.stubGlobal("sessionStorage", blocked);
  vi.stubGlobal("localStorage", blocked);
  const { storage } = browserEnvironment();

  expect(storage.read("session", "k")).toBeNull();
  expect(storage.write("session", "k", "tab")).toBe(false);
  expect(storage.write("local", "k", "good")).toBe(false);
  expect([storage.read("session", "k"), storage.read("local", "k")]).toEqual(["tab", "good"]);
  storage.write("session", "k", null);
  expect([storage.read("session", "k"), storage.read("local", "k")]).toEqual([null, "good"]);
});

test.each([true, false])("ids are uuids of version 4 (secure context: %s)", (secure) => {
  if (!secure) vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const { uuid } = browserEnvironment();
  const ids = Array.from({ length: 20 }, uuid);

  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(ids).size).toBe(20);
});

test("where the browser knows no locks, what asks for one runs at once", async () => {
  vi.stubGlobal("navigator", {});
  const order: string[] = [];
  const { exclusively } = browserEnvironment();
  await Promise.all(["first", "second"].map((name) =>
    exclusively("lock", async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    })
  ));

  expect(order).toEqual(["first begins", "second begins", "first ends", "second ends"]);
});

test("where the browser refuses locks with the rest of a site's storage, what asks for one runs at once", async () => {
  const request = () => Promise.reject(new DOMException("denied in this context", "SecurityError"));
  vi.stubGlobal("navigator", { locks: { request } });
  const { exclusively } = browserEnvironment();

  expect(await exclusively("lock", () => Promise.resolve("done"))).toBe("done");
});

test("a lock that another tab never gives back is waited for no longer than 16 seconds", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort());
  const request = (_name: string, { signal }: LockOptions) => Promise.reject(signal?.reason);
  vi.stubGlobal("navigator", { locks: { request } });
  const { exclusively } = browserEnvironment();

  expect(await exclusively("lock", () => Promise.resolve("done"))).toBe("done");
  expect(timeout).toHaveBeenCalledWith(16_000);
});

test("what fails under a lock fails, and is not run again", async () => {
  vi.stubGlobal("navigator", {
    locks: { request: (_name: string, _options: LockOptions, run: () => unknown) => run() },
  });
  const { exclusively } = browserEnvironment();
  const run = vi.fn(() => Promise.reject(new DOMException("of its own", "SecurityError")));

  await expect(exclusively("lock", run)).rejects.toThrow("of its own");
  expect(run).toHaveBeenCalledTimes(1);
});
