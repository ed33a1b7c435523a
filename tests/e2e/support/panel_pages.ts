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
