import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { snippets } from "../docs/support/documents.ts";
import { usePanelPages } from "./support/panel_pages.ts";

/** All that a page can hear of what a visitor does. */
const DONE = [
  ..."auxclick beforeinput click compositionend compositionstart compositionupdate contextmenu copy cut dblclick"
    .split(" "),
  ..."drag dragend dragenter dragleave dragover dragstart drop focusin focusout gotpointercapture input"
    .split(" "),
  ..."keydown keypress keyup lostpointercapture mousedown mousemove mouseout mouseover mouseup mousewheel paste"
    .split(" "),
  ..."pointercancel pointerdown pointermove pointerout pointerover pointerup touchcancel touchend touchmove"
    .split(" "),
  ..."touchstart wheel submit change selectstart scroll".split(" "),
];
const TEXT = "and/or yes please";

const openPage = usePanelPages();
const newPage = async (options?: BrowserContextOptions): Promise<Page> => (await openPage(options)).page;

const composer = (page: Page) => page.locator("textarea");
const thread = (page: Page) => page.locator(".thread .scroll");

/** Opens the long thread by hand. */
async function openThread(page: Page) {
  await page.locator(".launcher").click();
  await page.locator("[data-id='2']").click();
  await page.getByText("Message 59.").waitFor();
}

async function writes(page: Page) {
  await composer(page).click();
  await page.keyboard.type(TEXT);
  return composer(page).inputValue();
}

describe("what a visitor does in the widget", () => {
  it("is not heard by the page", async () => {
    const page = await newPage({ hasTouch: true });
    await page.evaluate((names) => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      for (const target of [globalThis, document, document.documentElement]) {
        for (const name of names) {
          target.addEventListener(name, ({ type, target }) => {
            if (target instanceof Element && target.localName === "heddle-widget") heard.push(type);
          });
        }
      }
    }, DONE);

    await openThread(page);
    await writes(page);
    for (const keys of ["Control+A", "Control+C", "Control+X", "Control+V", "Shift+Enter", "Escape"]) {
      await page.keyboard.press(keys);
    }
    await openPanel(page);
    await composer(page).click({ button: "right" });
    await composer(page).dblclick();
    await thread(page).hover();
    await page.mouse.wheel(0, -400);
    await page.touchscreen.tap(900 - 60, 800 - 300);
    const client = await page.context().newCDPSession(page);
    await composer(page).click();
    await client.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 });
    await client.send("Input.insertText", { text: "日" });

    expect(await page.evaluate(() => [...new Set(Reflect.get(globalThis, "heard") as string[])])).toEqual([]);
  });

  it("is known to listeners in the capture phase as something in the widget", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(globalThis, { heard });
      document.addEventListener("keydown", ({ key, target }) => {
        heard.push(`${key} ${(target as Element).localName}`);
      }, true);
    });
    await openThread(page);
    await composer(page).press("a");
    expect(await page.evaluate(() => Reflect.get(globalThis, "heard"))).toEqual(["a heddle-widget"]);
  });

  it("is left alone by a listener in the capture phase like the one that docs/embed.md shows", async () => {
    const page = await newPage();
    const listener = snippets("docs/embed.md", "js").find((text) => text.includes("heddle-widget"));
    await page.evaluate(listener ?? "");
    await openThread(page);
    expect(await writes(page)).toBe(TEXT);
  });

  it("still closes and goes back by the keyboard, and leaves a popover of the page open", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      const popover = Object.assign(document.createElement("div"), { popover: "manual", id: "menu" });
      document.body.append(popover);
    });
    await openThread(page);
    await page.evaluate(() => {
      const popover = document.getElementById("menu");
      popover?.setAttribute("popover", "auto");
      popover?.showPopover();
    });
    await composer(page).press("Escape");
    await page.locator(".panel:not([data-open])").waitFor({ state: "attached" });
    expect(await page.evaluate(() => document.getElementById("menu")?.matches(":popover-open"))).toBe(true);
  });
});

describe("a page", () => {
  it("with shortcuts of single keys gets none of what is typed", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      const search = Object.assign(document.createElement("input"), { id: "search" });
      document.body.append(search);
      const react = (event: KeyboardEvent) => {
        if ((event.target as Element).matches("input,textarea,select")) return;
        if (/^[/ ?jkgy]$|Arrow|Escape/.test(event.key)) event.preventDefault();
        if (event.key === "/") search.focus();
      };
      for (const name of ["keydown", "keypress", "keyup"] as const) document.addEventListener(name, react);
      addEventListener("keydown", react);
    });
    await openThread(page);
    expect(await writes(page)).toBe(TEXT);
    expect(await page.locator("#search").inputValue()).toBe("");
  });

  it("that scrolls smoothly by script leaves the wheel to the thread", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      for (const name of ["wheel", "touchmove"]) {
        addEventListener(name, (event) => event.preventDefault(), { passive: false });
        document.documentElement.addEventListener(name, (event) => event.preventDefault(), {
          passive: false,
        });
      }
    });
    await openThread(page);
    const before = await thread(page).evaluate(({ scrollTop }) => scrollTop);
    await thread(page).hover();
    await page.mouse.wheel(0, -600);
    await expect.poll(() => thread(page).evaluate(({ scrollTop }) => scrollTop)).toBeLessThan(before);
  });

  it.each<[string, (dialog: HTMLElement) => void]>([
    ["Bootstrap's", (dialog) => {
      document.addEventListener("focusin", ({ target }) => {
        if (target !== document && !dialog.contains(target as Node)) dialog.querySelector("input")?.focus();
      });
    }],
    ["focus-trap's", (dialog) => {
      document.addEventListener("focusin", (event) => {
        if (dialog.contains(event.target as Node)) return;
        event.stopImmediatePropagation();
        dialog.querySelector("input")?.focus();
      }, true);
    }],
    ["Radix's", (dialog) => {
      let last = dialog.querySelector("input");
      document.addEventListener("focusin", ({ target }) => {
        if (dialog.contains(target as Node)) last = target as HTMLInputElement;
        else last?.focus();
      });
      document.addEventListener("focusout", ({ relatedTarget }) => {
        if (relatedTarget && !dialog.contains(relatedTarget as Node)) last?.focus();
      });
    }],
  ])("whose dialog holds the focus, like %s, lets a visitor write", async (_, trap) => {
    const page = await newPage();
    await page.evaluate(() => {
      const dialog = Object.assign(document.createElement("div"), { id: "trap" });
      dialog.append(document.createElement("input"));
      document.body.append(dialog);
    });
    await page.evaluate(`(${trap})(document.getElementById("trap"))`);
    await page.locator("#trap input").click();
    await openThread(page);
    await page.locator("#trap input").click();

    expect(await writes(page)).toBe(TEXT);
    expect(await page.locator("#trap input").inputValue()).toBe("");
  });

  it("that counts clicks and copies counts none of the widget", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      const counted: string[] = [];
      Object.assign(globalThis, { counted });
      for (const name of ["click", "mousedown", "touchstart", "copy"]) {
        document.addEventListener(name, ({ type }) => counted.push(type));
        document.body.addEventListener(name, ({ type }) => counted.push(type), true);
      }
    });
    await openThread(page);
    await writes(page);
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+C");
    expect(await page.evaluate(() => Reflect.get(globalThis, "counted"))).toEqual([]);
  });

  it("whose body is transformed leaves the launcher in its corner", async () => {
    const page = await newPage();
    await page.evaluate(() => {
      document.body.style.transform = "translateZ(0)";
      document.body.style.height = "5000px";
      scrollTo(0, 2000);
    });
    const { x = 0, y = 0 } = await page.locator(".launcher").boundingBox() ?? {};
    expect([x + 56 + 20, y + 56 + 20]).toEqual([900, 800]);
  });

  it("gets its policy's reports about what the widget shows", async () => {
    const { page, complaints } = await openPage();
    const reported = page.evaluate(() =>
      new Promise((resolve) =>
        document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
          resolve(violatedDirective);
        })
      )
    );
    await page.evaluate(() => {
      const image = document.createElement("img");
      document.querySelector("heddle-widget")?.shadowRoot?.append(image);
      image.src = "https://elsewhere.example/avatar.png";
    });
    expect(await reported).toBe("img-src");
    complaints.length = 0;
  });
});

describe('heddle("open")', () => {
  const open = async (page: Page) => {
    await page.evaluate(() => globalThis.heddle?.("open"));
    await page.locator(".panel[data-open]").waitFor();
  };

  it.each<[string, string]>([
    ["a text field", "<input id=here>"],
    ["a text that can be edited", "<p contenteditable id=here></p>"],
    ["a field in a component", '<x-field id=here><template shadowrootmode="open"><textarea>'],
  ])("leaves the focus to %s", async (_, html) => {
    const page = await newPage();
    await page.evaluate((html) => {
      const policy = Reflect.get(globalThis, "trustedTypes").createPolicy("page", { createHTML: String });
      document.querySelector("main")?.setHTMLUnsafe(policy.createHTML(html));
      const here = document.getElementById("here");
      (here?.shadowRoot?.querySelector("textarea") ?? here)?.focus();
    }, html);
    await page.keyboard.type("my na");
    await open(page);
    await page.keyboard.type("me");
    const written = await page.evaluate(() => {
      const here = document.getElementById("here");
      const field = here?.shadowRoot?.querySelector("textarea") ?? here;
      return field && "value" in field ? field.value : field?.textContent;
    });
    expect(written).toBe("my name");
  });

  it("moves the focus into the panel for a button of the page, and from a field that the panel covers", async () => {
    const page = await newPage();
    await page.locator("#before").focus();
    await open(page);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe("heddle-widget");

    const phone = await newPage({ viewport: { width: 390, height: 780 } });
    await phone.evaluate(() => {
      const field = document.createElement("input");
      document.body.append(field);
      field.focus();
    });
    await open(phone);
    expect(await phone.evaluate(() => document.activeElement?.localName)).toBe("heddle-widget");
  });
});

describe("the system's Back on a phone", () => {
  /** Chromium takes Escape, where no element has the focus, for the system's Back. */
  const back = async (page: Page) => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Escape");
  };
  const entries = (page: Page) => page.evaluate(() => history.length);

  it("closes the thread, then the panel, and leaves the page's history alone", async () => {
    const page = await newPage({ viewport: { width: 390, height: 780 }, hasTouch: true });
    const before = await entries(page);
    for (let round = 0; round < 2; round++) {
      await openThread(page);
      await back(page);
      await page.locator(".over").waitFor({ state: "detached" });
      expect(await page.locator(".panel[data-open]").count()).toBe(1);
      await back(page);
      await page.locator(".panel:not([data-open])").waitFor({ state: "attached" });
    }
    expect(await entries(page)).toBe(before);
  });

  it("is the page's where the panel stands beside it", async () => {
    const page = await newPage();
    await openThread(page);
    await back(page);
    expect(await page.locator(".panel[data-open] .over").count()).toBe(1);
  });
});

/** Opens what was open before. */
async function openPanel(page: Page) {
  await page.locator(".launcher").click();
  await page.locator(".panel[data-open]").waitFor();
}
