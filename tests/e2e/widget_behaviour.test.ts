import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { usePanelPages } from "./support/panel_pages.ts";

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  hasTouch: true,
  isMobile: true,
};

const openPage = usePanelPages();

/** A page with the long thread open. */
async function longThread(options?: BrowserContextOptions): Promise<Page> {
  const { page } = await openPage(options);
  await page.locator(".launcher").click();
  await page.locator("[data-id='2']").click();
  await page.getByText("Message 59.").waitFor();
  return page;
}

const scroller = (page: Page) => page.locator(".thread .scroll");
const isAtBottom = (page: Page) =>
  scroller(page).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 2);
const isReading = (page: Page) => page.evaluate(() => core.threads.at(-1)?.reading);

/** Scrolls up and waits until the thread has taken notice. */
async function scrollUp(page: Page, top: number) {
  await scroller(page).evaluate((element, top) => {
    element.scrollTop = top;
  }, top);
  await page.locator(".to-latest").waitFor();
}

/** Opens the long thread, of which all from that entry on is unread. */
async function openUnread(page: Page, unreadFrom: string) {
  await page.evaluate((unreadFrom) => {
    const { openThread } = core;
    core.openThread = (...which) => {
      const thread = openThread(...which);
      const { state } = core.threads.at(-1) ?? {};
      if (state) state.value = { ...state.value, unreadFrom };
      return thread;
    };
  }, unreadFrom);
  await page.locator(".launcher").click();
  await page.locator("[data-id='2']").click();
  await page.getByText("Message 59.").waitFor();
}

/** How far below the top the line before what is new stands, in pixels. */
const lineTop = (page: Page) =>
  scroller(page).evaluate((element) =>
    (element.querySelector(".unread")?.getBoundingClientRect().top ?? NaN) -
    element.getBoundingClientRect().top
  );

/** Number of the newest message of the long thread that was told as seen. */
const seenIn = (page: Page) => page.evaluate(() => Number(core.threads.at(-1)?.seen?.slice(1)));

/** Text and place of the topmost message that is wholly in view. */
function topMessage(page: Page) {
  return scroller(page).evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    const shown = [...element.querySelectorAll("[data-entry]")].find((entry) =>
      entry.getBoundingClientRect().top > top
    );
    return [shown?.textContent, Math.round(shown?.getBoundingClientRect().top ?? 0)];
  });
}

function changeThread(page: Page, change: { before?: string[]; after?: string[]; deleted?: string[] }) {
  return page.evaluate(({ before = [], after = [], deleted = [] }) => {
    const state = core.threads.at(-1)?.state;
    if (!state) throw new Error("No thread is open.");
    const entry = (body: string) => ({
      id: body,
      author: { role: "operator" as const, name: "Maya" },
      body,
      attachments: [],
      fields: {},
    });
    const gone = deleted.map((id) => ({ ...entry(id), body: "", deletedAt: "2026-11-01T10:00:00Z" }));
    const entries = [...before.map(entry), ...state.value.entries, ...after.map(entry), ...gone];
    state.value = { ...state.value, entries };
  }, change);
}

describe("reading a thread", () => {
  it("begins at the bottom and stays there when messages arrive", async () => {
    const page = await longThread();
    expect(await isAtBottom(page)).toBe(true);
    await changeThread(page, { after: ["Another one"] });
    await page.getByText("Another one").first().waitFor();
    expect(await isAtBottom(page)).toBe(true);
    expect(await isReading(page)).toBe(true);
  });

  it("stays where it is when messages arrive below, and says so", async () => {
    const page = await longThread();
    await scrollUp(page, 900);
    const before = await topMessage(page);
    await changeThread(page, { after: ["Late one"], deleted: ["Taken back"] });
    const pill = page.getByRole("button", { name: "1 new message" });
    await pill.waitFor();
    expect(await topMessage(page)).toEqual(before);
    expect(await isReading(page)).toBe(false);
    await pill.click();
    await pill.waitFor({ state: "detached" });
    expect(await isAtBottom(page)).toBe(true);
    expect(await isReading(page)).toBe(true);
  });

  it("stays on its page when a file is dropped on it, and says that files can't be sent until somebody types", async () => {
    const page = await longThread();
    const drop = (type: string) =>
      page.locator("textarea").evaluate((field, type) => {
        const dataTransfer = new DataTransfer();
        if (type === "Files") dataTransfer.items.add(new File(["x"], "x.txt"));
        else dataTransfer.setData(type, "x");
        return !field.dispatchEvent(
          new DragEvent("drop", { dataTransfer, bubbles: true, composed: true, cancelable: true }),
        );
      }, type);
    await expect.poll(() => drop("Files")).toBe(true);
    await page.getByRole("alert").getByText("Files can't be sent here.").waitFor();
    expect(await drop("text/plain")).toBe(false);
    await page.locator("textarea").fill("Then not");
    await page.getByText("Files can't be sent here.").waitFor({ state: "detached" });
  });

  it("does not jump when older messages appear above", async () => {
    const page = await longThread();
    await scrollUp(page, 900);
    const before = await topMessage(page);
    await changeThread(page, { before: ["Long ago", "Less long ago"] });
    await page.getByText("Less long ago").waitFor({ state: "attached" });
    expect(await topMessage(page)).toEqual(before);
  });

  it("asks for older messages near the top", async () => {
    const page = await longThread();
    await page.evaluate(() => {
      const state = core.threads.at(-1)?.state;
      if (state) state.value = { ...state.value, hasOlder: true };
    });
    await scrollUp(page, 50);
    expect(await page.evaluate(() => core.threads.at(-1)?.calls)).toContain("older");
  });

  it("goes to the bottom with what the visitor sends", async () => {
    const page = await longThread();
    await scrollUp(page, 500);
    await page.locator("textarea").fill("Mine");
    await page.keyboard.press("Enter");
    await page.locator(".to-latest").waitFor({ state: "detached" });
    expect(await isAtBottom(page)).toBe(true);
  });

  it("begins at the line before what is new where that is more than a screenful, and tells no more than is seen", async () => {
    const { page } = await openPage();
    await openUnread(page, "m20");
    const news = page.getByRole("button", { name: /^\d+ new messages$/ });
    await news.waitFor();
    expect(await lineTop(page)).toBeLessThan(30);
    const below = async () => Number.parseInt(await news.innerText());
    const atFirst = await below();
    expect(atFirst).toBeLessThan(27);
    expect(await isReading(page)).toBe(false);
    const seenFirst = await seenIn(page);
    expect(seenFirst).toBeGreaterThanOrEqual(20);
    expect(seenFirst).toBeLessThan(40);

    await changeThread(page, { after: ["Late one"] });
    await page.getByRole("button", { name: `${atFirst + 1} new messages` }).waitFor();
    expect(await lineTop(page)).toBeLessThan(30);
    await scroller(page).evaluate((element) => element.scrollBy(0, 500));
    await expect.poll(below).toBeLessThan(atFirst);
    expect(await seenIn(page)).toBeGreaterThan(seenFirst);
    expect(await isReading(page)).toBe(false);

    await news.click();
    await news.waitFor({ state: "detached" });
    await expect.poll(() => isReading(page)).toBe(true);
    await changeThread(page, { after: ["And another"] });
    await page.getByText("And another").first().waitFor();
    expect(await isAtBottom(page)).toBe(true);
  });

  it("begins at the bottom where all that is new fits on the screen", async () => {
    const { page } = await openPage();
    await openUnread(page, "m59");
    await page.getByText("New", { exact: true }).waitFor();
    expect(await isAtBottom(page)).toBe(true);
    await expect.poll(() => isReading(page)).toBe(true);
  });

  it("is at the line again when the panel was closed while much came", async () => {
    const page = await longThread();
    await page.keyboard.press("Escape");
    await page.locator(".panel").waitFor({ state: "hidden" });
    await page.evaluate(() => {
      const { state } = core.threads[0] ?? {};
      if (!state) throw new Error("No thread is open.");
      const entries = Array.from({ length: 20 }, (_, index) => {
        const author = { role: "operator" as const, name: "Maya" };
        return { id: `late${index}`, author, body: `Late ${index}`, attachments: [], fields: {} };
      });
      state.value = { ...state.value, entries: [...state.value.entries, ...entries], unreadFrom: "late0" };
    });
    await page.locator(".launcher").click();
    await page.getByRole("button", { name: /^\d+ new messages$/ }).waitFor();
    expect(await lineTop(page)).toBeLessThan(30);
    expect(await isReading(page)).toBe(false);
  });

  it("keeps its place when a router swaps all of the page", async () => {
    const page = await longThread();
    await page.evaluate(() => {
      const parts = [document.createElement("head"), document.createElement("body")];
      document.documentElement.replaceChildren(...parts);
    });
    await page.waitForFunction(() => document.querySelector("heddle-widget"));
    expect(await isAtBottom(page)).toBe(true);
  });
});

describe("a list of 1,000 rows", () => {
  const list = (page: Page) => page.locator(".tab-panel .scroll");

  /** The page with the list shown: some rows have a preview, a status, unread messages, and others nothing. */
  async function longList(options?: BrowserContextOptions): Promise<Page> {
    const { page } = await openPage(options);
    await page.locator(".launcher").click();
    await page.locator(".row").first().waitFor();
    await page.evaluate(() => {
      const state = core.lists.get("messages")?.state;
      const items = Array.from({ length: 1000 }, (_, index) => ({
        id: `${index}`,
        title: `Row ${index}`,
        preview: index % 2 ? "How are the ferns? ".repeat(9) : undefined,
        status: index % 3 ? undefined : "open",
        timestamp: index % 5 ? undefined : "2026-03-01T09:30:00Z",
        unread: index % 7 ? 0 : 2,
        fields: {},
      }));
      if (state) state.value = { ...state.value, items };
    });
    await page.getByText("Row 3", { exact: true }).waitFor();
    return page;
  }

  /** Scrolls, and resolves when the page has been drawn after that. */
  const scrollTo = (page: Page, top: number) =>
    list(page).evaluate(async (element, top) => {
      element.scrollTop = top;
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    }, top);

  /** Titles of the rows at the upper and the lower edge, and how many stand in the document, after scrolling to each of these. */
  const seenAt = (page: Page, tops: (number | null)[]) =>
    list(page).evaluate(async (element, tops) => {
      const { left, top, bottom } = element.getBoundingClientRect();
      const root = element.getRootNode() as ShadowRoot;
      const titleAt = (y: number) =>
        root.elementFromPoint(left + 30, y)?.closest("li")?.querySelector(".row-title")?.textContent;
      const all = [];
      for (const to of tops) {
        if (to !== null) element.scrollTop = to;
        for (let frame = 0; to !== null && frame < 2; frame++) await new Promise(requestAnimationFrame);
        const { length } = element.querySelectorAll(".row");
        all.push({ upper: titleAt(top + 8), lower: titleAt(bottom - 100), length });
      }
      return all;
    }, tops);

  it.each([["on a desktop", {}], ["on a phone", PHONE]])(
    "shows the rows of every scroll position, of at most 80 in the document, %s",
    async (_, options) => {
      const page = await longList(options);
      const { height, view } = await list(page).evaluate((element) => ({
        height: element.querySelector("li")?.getBoundingClientRect().height ?? 0,
        view: element.clientHeight,
      }));
      // Forth in leaps, and back again, as a scroll bar is dragged.
      const leaps = [0, 3, 11, 29, 64, 71, 128, 300, 500, 731, 900, 980];
      const rows = [...leaps, ...leaps.toReversed()];
      const all = await seenAt(page, rows.map((row) => row * height + 6));
      expect(Math.max(...all.map(({ length }) => length))).toBeLessThanOrEqual(80);
      const lowest = Math.floor((view - 100) / height);
      expect(all.map(({ upper, lower }) => [upper, lower])).toEqual(
        rows.map((row) => [`Row ${row}`, `Row ${Math.min(999, row + lowest)}`]),
      );
    },
  );

  it("is as high as all its rows, and ends with the last one", async () => {
    const page = await longList();
    const height = () => list(page).evaluate((element) => element.scrollHeight);
    const before = await height();
    await scrollTo(page, before);
    expect(await height()).toBe(before);
    await page.getByText("Row 999", { exact: true }).waitFor();
  });

  it("is walked through by keys, and what is focused is in view", async () => {
    const page = await longList();
    await page.locator(".row").first().focus();
    const focusedRow = () =>
      list(page).evaluate((element) => {
        const row = (element.getRootNode() as ShadowRoot).activeElement;
        const { top, bottom } = row?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
        const view = element.getBoundingClientRect();
        return [row?.getAttribute("data-id"), top >= view.top - 1 && bottom <= view.bottom + 1];
      });
    for (
      const [key, id] of [["End", "999"], ["ArrowUp", "998"], ["Home", "0"], ["ArrowDown", "1"]] as const
    ) {
      await page.keyboard.press(key);
      await expect.poll(focusedRow).toEqual([id, true]);
    }
  });

  it("is where it was after a row was opened, and after a router has swapped all of the page", async () => {
    const page = await longList();
    await scrollTo(page, 36_000);
    const edges = async () => {
      const [{ upper, lower } = {}] = await seenAt(page, [null]);
      return { upper, lower };
    };
    const before = await edges();
    await page.locator("[data-id='502']").click();
    await page.getByRole("button", { name: "Back" }).click();
    await page.locator(".over").waitFor({ state: "detached" });
    expect(await edges()).toEqual(before);
    await page.evaluate(() => {
      const parts = [document.createElement("head"), document.createElement("body")];
      document.documentElement.replaceChildren(...parts);
    });
    await page.waitForFunction(() => document.querySelector("heddle-widget"));
    await expect.poll(edges).toEqual(before);
  });
});

describe("the composer", () => {
  it("grows from one to six lines and shrinks again", async () => {
    const page = await longThread();
    const field = page.locator("textarea");
    const heightOf = async (text: string) => {
      await field.fill(text);
      return field.evaluate((element) => element.getBoundingClientRect().height);
    };
    const one = await heightOf("");
    const line = await heightOf("a\nb") - one;
    expect(await heightOf("a\nb\nc\nd\ne\nf")).toBe(one + 5 * line);
    expect(await heightOf("a\n".repeat(30))).toBe(one + 5 * line);
    expect(await heightOf("")).toBe(one);
  });

  it("stays in view at a zoom of 400 %", async () => {
    const page = await longThread({ viewport: { width: 320, height: 256 } });
    const box = await page.locator(".composer").boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(256);
  });

  it.each([
    { width: 320, height: 256 },
    { width: 740, height: 180 },
  ])("keeps field and button of a first message inside a window of $width × $height", async (viewport) => {
    const { page } = await openPage({ viewport });
    await page.locator(".launcher").click();
    await page.getByRole("button", { name: "New conversation" }).click();
    const field = page.locator("textarea");
    await field.fill("line\n".repeat(8));
    for (const part of [field, page.getByRole("button", { name: "Send" })]) {
      const box = await part.boundingBox();
      expect(box?.y).toBeGreaterThanOrEqual(56);
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(viewport.height);
    }
    expect(await field.evaluate((element) => element.scrollHeight > element.clientHeight)).toBe(true);
  });

  it("lays a text that is too long for any message out by one direction, which takes no seconds", async () => {
    const page = await longThread();
    const field = page.locator(".composer textarea");
    const layout = () => field.evaluate((element) => getComputedStyle(element).unicodeBidi);
    await field.focus();
    await page.keyboard.insertText("y".repeat(9_000));
    expect(await layout()).toBe("plaintext");
    await page.keyboard.insertText("y".repeat(11_000));
    expect(await layout()).toBe("isolate");
  });
});

describe("a page with a zoom of its own", () => {
  it.each([
    { zoom: 1.5, viewport: { width: 1100, height: 700 } },
    { zoom: 0.8, viewport: { width: 1100, height: 700 } },
    { zoom: 1.5, viewport: { width: 390, height: 664 } },
  ])("of $zoom has the whole panel inside its window of $viewport.width", async ({ zoom, viewport }) => {
    const { page } = await openPage({ viewport });
    await page.evaluate((zoom) => document.documentElement.style.setProperty("zoom", String(zoom)), zoom);
    await page.locator(".launcher").click();
    const panel = page.getByRole("dialog");
    const isInside = () =>
      panel.evaluate((element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && bottom - top > 300;
      });
    await expect.poll(isInside).toBe(true);
    await page.locator("[data-id='2']").click();
    await page.getByText("Message 59.").waitFor();
    await expect.poll(isInside).toBe(true);
  });
});

describe("the keyboard", () => {
  const focused = (page: Page) =>
    page.evaluate(() => {
      const element = document.querySelector("heddle-widget")?.shadowRoot?.activeElement;
      return element
        ? element.getAttribute("class") ?? element.localName
        : `page: ${document.activeElement?.id}`;
    });

  it("opens, chooses, goes back and closes, and gives the focus back", async () => {
    const { page } = await openPage();
    await page.locator("#before").focus();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("launcher");
    await page.keyboard.press("Enter");
    await page.locator(".panel[data-open]").waitFor();
    await page.locator(".row").first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("Message 59.").waitFor();
    await page.getByRole("button", { name: "Back", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".over").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("row");
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("launcher");
  });

  it("goes round inside a panel that fills the screen", async () => {
    const page = await longThread(PHONE);
    expect(await page.locator(".panel").getAttribute("aria-modal")).toBe("true");
    const reached = new Set<string>();
    for (let press = 0; press < 10; press++) {
      await page.keyboard.press(press < 5 ? "Tab" : "Shift+Tab");
      reached.add(await focused(page));
    }
    expect([...reached].filter((name) => name.startsWith("page"))).toEqual([]);
    expect(reached).toContain("textarea");
  });
});

describe("the focus", () => {
  const focused = (page: Page) =>
    page.evaluate(() => document.querySelector("heddle-widget")?.shadowRoot?.activeElement?.textContent);
  const setThread = (page: Page, change: { hasOlder: boolean; loadingOlder?: boolean }) =>
    page.evaluate((change) => {
      const state = core.threads.at(-1)?.state;
      if (state) state.value = { ...state.value, ...change };
    }, change);
  /** Browsers take the focus from what can't have it only when they draw. */
  const drawn = (page: Page) =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    });
  const closesWithEscape = async (page: Page) => {
    await page.keyboard.press("Escape");
    await page.locator(".panel:not([data-open])").waitFor({ state: "attached" });
  };

  it("stays on what loads older messages while they load, and in the thread when there are no more", async () => {
    const page = await longThread();
    await setThread(page, { hasOlder: true });
    await page.locator("textarea").focus();
    // Coming to it scrolls to the top, and that loads already.
    await page.keyboard.press("Shift+Tab");
    await expect.poll(() => focused(page)).toBe("Loading");
    await drawn(page);
    expect(await focused(page)).toBe("Loading");

    await setThread(page, { hasOlder: false, loadingOlder: false });
    await expect.poll(() => focused(page)).toContain("Message 0.");
    await closesWithEscape(page);
  });

  it("stays in a form that is saved with Enter, by its button and in a field", async () => {
    const { page } = await openPage();
    await page.locator(".launcher").click();
    await page.getByRole("tab", { name: "Orders" }).click();
    await page.locator("[data-id='o1']").click();
    await page.locator("textarea").fill("Number 14");
    await page.getByRole("button", { name: "Save" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    await drawn(page);
    expect(await focused(page)).toBe("Save");

    await page.getByRole("checkbox").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    expect(await page.getByRole("checkbox").evaluate((box) => box.matches(":focus"))).toBe(true);
    await closesWithEscape(page);
  });

  it("stays in the panel when the button that had it has done its work", async () => {
    const page = await longThread();
    await scrollUp(page, 500);
    await page.locator(".to-latest").focus();
    await page.keyboard.press("Enter");
    await page.locator(".to-latest").waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toContain("Message 59.");
    await closesWithEscape(page);
  });

  it("is left to the page when the visitor has gone there", async () => {
    const page = await longThread();
    await scrollUp(page, 500);
    await page.locator(".to-latest").focus();
    await page.locator("h1").click();
    await scroller(page).evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.locator(".to-latest").waitFor({ state: "detached" });
    expect(await focused(page)).toBeUndefined();
  });
});

describe("a finger", () => {
  async function drag(page: Page, from: [x: number, y: number], to: [x: number, y: number]) {
    const session = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [{ x: from[0], y: from[1] }]);
    for (let step = 1; step <= 10; step++) {
      const at = (index: 0 | 1) => from[index] + (to[index] - from[index]) * step / 10;
      await touch("touchMove", [{ x: at(0), y: at(1) }]);
    }
    await touch("touchEnd", []);
  }

  it("swipes back to the list", async () => {
    const page = await longThread(PHONE);
    await drag(page, [60, 300], [300, 310]);
    await page.locator(".over").waitFor({ state: "detached" });
    expect(await page.evaluate(() => core.threads.at(-1)?.calls)).toContain("close");
  });

  it("scrolls the thread without leaving it", async () => {
    const page = await longThread(PHONE);
    await drag(page, [200, 300], [260, 600]);
    await page.locator(".to-latest").waitFor();
    expect(await page.evaluate(() => core.threads.at(-1)?.calls)).not.toContain("close");
  });
});

describe("shutdown", () => {
  it("leaves the page as it was", async () => {
    const page = await longThread();
    await page.evaluate(() => {
      core.emit("unread", 3);
      globalThis.heddle?.("shutdown");
    });
    expect(await page.locator("heddle-widget").count()).toBe(0);
    expect(await page.title()).toBe("Shop");
    expect(await page.evaluate(() => typeof globalThis.heddle)).toBe("undefined");
  });
});

it("a link reads from its first letter on, also behind a sign that turns the writing direction", async () => {
  const page = await longThread();
  await changeThread(page, { after: ["\u202ehttps://shop.example/moc.elgoog.www//:sptth"] });
  const link = page.getByRole("link", { name: "https://shop.example/moc" });
  await link.waitFor();
  const [first, second] = await link.evaluate((element) =>
    [0, 1].map((offset) => {
      const range = document.createRange();
      range.setStart(element.firstChild as Text, offset);
      range.setEnd(element.firstChild as Text, offset + 1);
      return range.getBoundingClientRect().left;
    })
  );
  expect(first).toBeLessThan(second ?? 0);
});
