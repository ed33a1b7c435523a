import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { ensureWidgetBuilt } from "../../scripts/ensure_widget.mjs";
import { sharedBrowser } from "../support/browser.ts";
import { listen, type Listening } from "../support/listen.ts";

const WIDGET = fileURLToPath(new URL("../../dist/widget", import.meta.url));
const ISOLATED = {
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
};

let browser: Browser;
/** Like Storage: any page may read it, and no header says that any page may embed it. */
let project: Listening;
let site: Listening;
/** What lies below `/late/` is answered once this is settled. */
let late = deferred();
let body = "";
let headers: Record<string, string> = {};

beforeAll(async () => {
  await ensureWidgetBuilt();
  browser = await sharedBrowser();
  project = await listen(createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://project");
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
    if (pathname.startsWith("/late/")) await late.promise;
    if (!pathname.endsWith(".js")) return void response.writeHead(404, cors).end();
    const script = readFileSync(join(WIDGET, pathname.replace("/late/", "/")));
    response.writeHead(200, { ...cors, "content-type": "text/javascript" }).end(script);
  }));
  site = await listen(createServer((_, response) => {
    const html = `<!doctype html><html lang="en"><head><title>Shop</title></head><body>${body}</body></html>`;
    response.writeHead(200, { ...headers, "content-type": "text/html" }).end(html);
  }));
});
afterAll(async () => {
  await Promise.all([site.stop(), project.stop()]);
});

function tag(agent: string, attributes = "", path = "/heddle.js"): string {
  return `<script async src="${project.url}${path}" data-agent="${agent}" ${attributes}></script>`;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  return { promise: new Promise((resolved) => resolve = resolved), resolve };
}

/** A page with this in its body, and what it wrote to the console. */
async function visit(
  html: string,
  sent: Record<string, string> = {},
): Promise<{ page: Page; log: string[] }> {
  [body, headers] = [html, sent];
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const log: string[] = [];
  page.on("console", (message) => log.push(message.text()));
  page.on("pageerror", (error) => log.push(String(error)));
  // The site may call the project, which is on this machine.
  await page.context().grantPermissions(["local-network-access"]);
  await page.goto(site.url, { waitUntil: "domcontentloaded" });
  return { page, log };
}

const launcher = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

it("the first of two agents' tags stays, and the console says so", async () => {
  const { page, log } = await visit(
    tag("first", 'data-launcher="First"') + tag("second", 'data-launcher="Second"'),
  );
  await launcher(page, "First").waitFor({ timeout: 60_000 });
  await expect.poll(() => log).toEqual(["heddle: agent first is here already."]);
  expect(await page.locator("heddle-widget").count()).toBe(1);
  expect(await launcher(page, "Second").count()).toBe(0);
});

it("the first of two agents' tags stays where the other's script runs before it", async () => {
  late = deferred();
  const { page, log } = await visit(
    tag("first", 'data-launcher="First"', "/late/heddle.js") +
      tag("second", `data-launcher="Second" onload="document.title = 'second ran'"`),
  );
  await expect.poll(() => page.title()).toContain("second ran");
  expect(log).toEqual(["heddle: agent first is here already."]);
  expect(await page.locator("heddle-widget").count()).toBe(0);
  late.resolve();
  await launcher(page, "First").waitFor();
  expect(await launcher(page, "Second").count()).toBe(0);
});

it("after shutdown a tag for another agent stays, though the first one's is still in the page", async () => {
  const { page } = await visit(tag("first", 'data-launcher="First"'));
  await launcher(page, "First").waitFor();
  await page.evaluate((html) => {
    globalThis.heddle?.("shutdown");
    document.body.append(document.createRange().createContextualFragment(html));
  }, tag("second", 'data-launcher="Second"'));
  await launcher(page, "Second").waitFor();
  expect(await launcher(page, "First").count()).toBe(0);
});

it.each(["currentScript", "body", "heddle", "scripts"])(
  "elements that are named %s do not hide the tag, and the widget opens",
  async (name) => {
    const decoy = `data-agent="decoy" data-api="https://decoy.example" src="${site.url}/decoy.png"`;
    const { page, log } = await visit(
      `<img name="${name}" id="${name}" ${decoy}><form name="${name}"></form>` +
        tag("agent", 'data-launcher="Ask us"'),
    );
    await launcher(page, "Ask us").click();
    await page.getByRole("dialog").waitFor();
    await page.getByRole("alert").first().waitFor();
    const ours = (await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name)))
      .filter((url) => url.includes("decoy.example"));
    expect(ours).toEqual([]);
    expect(log.filter((line) => /TypeError|^Error|heddle:/.test(line))).toEqual([]);
  },
);

it("a module whose tag is gone when it runs says that there is none, and does nothing", async () => {
  const { page, log } = await visit(
    tag("agent", 'type="module"') + "<script>document.scripts[0].remove()</script>",
  );
  await expect.poll(() => log).toEqual(["heddle: there is no tag with data-agent."]);
  expect(await page.locator("heddle-widget").count()).toBe(0);
});

it("a page that is isolated from other origins loads the widget with crossorigin, and not without it", async () => {
  const without = await visit(tag("agent"), ISOLATED);
  await expect.poll(() => without.log.join("\n")).toContain("NotSameOriginAfterDefaultedToSameOriginByCoep");
  expect(await without.page.locator("heddle-widget").count()).toBe(0);

  const { page } = await visit(tag("agent", "crossorigin"), ISOLATED);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await launcher(page, "Open messages").click();
  await page.getByRole("dialog").waitFor();
});
