import type { RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../client/http/problem.ts";
import { bringAxe, COLORS, keepScreenshot, violations } from "../support/axe.ts";
import type { PanelPageOptions } from "../support/panel_page/page.ts";
import { usePanelPage } from "./support/panel_pages.ts";

const PROBLEM: Problem = { code: "source_rejected", message: "Your order has left our shop already." };

const open = async (page: Page) => {
  await page.evaluate(() => globalThis.heddle?.("open"));
  // With its list, which comes after the frame.
  await page.locator(".panel[data-open] .base").waitFor();
  await page.waitForFunction(() => core.lists.size > 0 || core.session.value.status !== "ready");
};
const openFirst = async (page: Page) => {
  await open(page);
  await page.locator(".row").first().click();
  await page.locator(".over").waitFor();
};
const openOrder = async (page: Page) => {
  await open(page);
  await page.getByRole("tab", { name: "Orders" }).click();
  await page.locator("[data-id=o1]").click();
  await page.locator(".facts").waitFor();
};

/** How to bring the page into each state that a visitor may see. */
const STATES: Record<string, (page: Page) => Promise<unknown>> = {
  closed: () => Promise.resolve(),
  "closed, with unread messages": async (page) => {
    await open(page);
    await page.evaluate(() => {
      core.emit("unread", 2);
      globalThis.heddle?.("close");
    });
  },
  list: open,
  "another tab": async (page) => {
    await open(page);
    await page.getByRole("tab", { name: "Orders" }).click();
  },
  "empty list": async (page) => {
    await open(page);
    await page.evaluate(() => {
      const list = core.lists.get("messages");
      if (list) list.state.value = { ...list.state.value, items: [] };
    });
    await page.getByText("No conversations yet.").waitFor();
  },
  "loading list": async (page) => {
    await open(page);
    await page.evaluate(() => {
      const list = core.lists.get("messages");
      if (list) list.state.value = { ...list.state.value, status: "loading", items: [] };
    });
    await page.locator(".skeleton").waitFor();
  },
  "failed list": async (page) => {
    await open(page);
    await page.evaluate((problem) => {
      const list = core.lists.get("messages");
      if (list) list.state.value = { ...list.state.value, status: "failed", items: [], problem };
    }, PROBLEM);
    await page.getByText(PROBLEM.message).waitFor();
  },
  "list that is out of date, offline": async (page) => {
    await open(page);
    await page.evaluate((problem) => {
      const list = core.lists.get("messages");
      if (list) list.state.value = { ...list.state.value, hasMore: true, problem };
      core.live.value = "offline";
    }, PROBLEM);
    await page.locator(".strip").nth(1).waitFor();
  },
  "failed session": async (page) => {
    await open(page);
    await page.evaluate((problem) => {
      core.session.value = { status: "failed", problem };
    }, PROBLEM);
    await page.getByText(PROBLEM.message).waitFor();
  },
  "loading session": async (page) => {
    await open(page);
    await page.evaluate(() => {
      core.session.value = { status: "loading" };
    });
    await page.locator(".skeleton").waitFor();
  },
  thread: openFirst,
  "thread with unsent messages": async (page) => {
    await openFirst(page);
    await page.evaluate((problem) => {
      const state = core.threads[0]?.state;
      if (!state) return;
      const entry = (id: string) => ({
        id,
        clientId: id,
        author: { role: "visitor" as const },
        body: "And ivy?",
        attachments: [],
        fields: {},
      });
      const unsent = [
        { ...entry("c1"), delivery: "not_confirmed" as const },
        { ...entry("c2"), delivery: "failed" as const, problem },
        { ...entry("c3"), delivery: "sending" as const },
      ];
      state.value = { ...state.value, hasOlder: true, entries: [...state.value.entries, ...unsent] };
    }, PROBLEM);
    await page.locator("textarea").fill("Hello\nthere");
    await page.getByText("Sending…").waitFor();
  },
  "loading thread": async (page) => {
    await openFirst(page);
    await page.evaluate(() => {
      const state = core.threads[0]?.state;
      if (state) state.value = { ...state.value, status: "loading", entries: [] };
    });
    await page.locator(".skeleton").waitFor();
  },
  "failed thread": async (page) => {
    await openFirst(page);
    await page.evaluate((problem) => {
      const state = core.threads[0]?.state;
      if (state) state.value = { ...state.value, status: "failed", problem };
    }, PROBLEM);
    await page.getByText(PROBLEM.message).waitFor();
  },
  "new conversation": async (page) => {
    await open(page);
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.locator(".hint").waitFor();
  },
  detail: openOrder,
  "detail about to be deleted": async (page) => {
    await openOrder(page);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.locator(".confirm").waitFor();
  },
  "detail whose change was refused": async (page) => {
    await openOrder(page);
    await page.evaluate((problem) => {
      core.refusal = problem;
    }, PROBLEM);
    await page.locator("textarea").fill("Number 14");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(PROBLEM.message).waitFor();
  },
};

/** Only colours differ between light and dark, so dark is asked about colours alone. */
const COLOR_SCHEMES: ["light" | "dark", RunOptions][] = [
  ["light", { resultTypes: ["violations"] }],
  ["dark", COLORS],
];

const LOOKS: Record<string, PanelPageOptions> = {
  "on a desktop": {},
  "on a phone, right to left, with a pale accent": {
    viewport: { width: 390, height: 780 },
    hasTouch: true,
    dir: "rtl",
    query: "locale=ar&accent=%23ffe066",
  },
};

describe.each(Object.entries(LOOKS))("%s", (look, options) => {
  const openPage = usePanelPage(options);

  it.each(Object.entries(STATES))("axe finds nothing: %s", async (state, reach) => {
    const { page } = await openPage();
    await reach(page);
    await bringAxe(page);
    for (const [colorScheme, rules] of COLOR_SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await keepScreenshot(page, `widget/${look}/${state}, ${colorScheme}`);
      const found = (await violations(page, rules)).map(({ id, nodes }) =>
        `${id}: ${nodes.map(({ html }) => html).join(" ")}`
      );
      expect(found, colorScheme).toEqual([]);
    }
  });
});
