import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { sharedBrowser } from "../../support/browser.ts";
import { type PanelPage, type PanelPageOptions, servePanelPages } from "../../support/panel_page/page.ts";

/**
 * What opens the widget's panel over a fake core in a page of its own, without animations. The page is closed at the
 * end of the test, which fails if the page complained.
 */
export function usePanelPages(): (options?: PanelPageOptions) => Promise<PanelPage> {
  let pages: Awaited<ReturnType<typeof servePanelPages>>;

  beforeAll(async () => {
    pages = await servePanelPages(await sharedBrowser());
  });
  afterAll(() => pages.close());

  return async (options) => {
    const opened = await pages.open({ reducedMotion: "reduce", ...options });
    onTestFinished(async () => {
      await opened.close();
      expect(opened.complaints).toEqual([]);
    });
    return opened;
  };
}

/**
 * The same with one page for all tests of a suite, loaded anew in each as a browser that has never been there: what a renderer's
 * start costs is paid once.
 */
export function usePanelPage(options: PanelPageOptions): () => Promise<PanelPage> {
  let pages: Awaited<ReturnType<typeof servePanelPages>>;
  let opened: PanelPage;

  beforeAll(async () => {
    pages = await servePanelPages(await sharedBrowser());
    opened = await pages.open({ reducedMotion: "reduce", ...options });
  });
  afterAll(async () => {
    await opened.close();
    await pages.close();
  });

  return async () => {
    const { page, complaints } = opened;
    onTestFinished(() => expect(complaints).toEqual([]));
    await page.emulateMedia({ colorScheme: null });
    await page.evaluate(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
    await page.reload();
    await page.locator(".launcher").waitFor();
    return opened;
  };
}
