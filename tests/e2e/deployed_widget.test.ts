import { createServer } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type FakeStorage, SECRET_KEY, startFakeStorage } from "../integration/cli/fake_storage.ts";
import { heddleJson } from "../integration/cli/run.ts";
import { sharedBrowser } from "../support/browser.ts";
import { listen, type Listening } from "../support/listen.ts";
import { startStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let storage: FakeStorage;
let site: Listening;
let browser: Browser;

beforeAll(async () => {
  [stack, storage, browser] = await Promise.all([startStack(), startFakeStorage(), sharedBrowser()]);
  const tag = `${storage.url}/storage/v1/object/public/heddle/heddle.js`;
  site = await listen(createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(
      `<!doctype html><meta charset="utf-8"><title>A site</title>
      <script async src="${tag}" data-agent="${stack.agent.id}" data-api="${stack.apiUrl}"></script>`,
    );
  }));
});

afterAll(async () => {
  await Promise.all([site.stop(), storage.stop(), stack.stop()]);
});

it("a page of any site opens the widget that heddle deploy has put into Storage", async () => {
  const { widget } = await heddleJson<{ widget: { sent: string[] } }>(["deploy", "--only", "widget"], {
    HEDDLE_URL: storage.url,
    HEDDLE_SECRET_KEY: SECRET_KEY,
  });
  await heddleJson(["agent", "update", stack.agent.id, "--add-origin", site.url, "--anonymous"], {
    HEDDLE_URL: stack.apiUrl,
    HEDDLE_SECRET_KEY: stack.secretKey,
  });
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));

  await page.goto(site.url);
  await page.getByRole("button", { name: "Open messages" }).click();
  await page.getByRole("dialog").getByRole("tab", { name: "Orders" }).waitFor();

  const loaded = storage.asked.map(({ request }) =>
    /^GET \/storage\/v1\/object\/public\/heddle\/(.+)$/.exec(request)?.[1]
  )
    .filter((path) => path !== undefined);
  expect(loaded).toContain("heddle.js");
  expect(widget.sent).toEqual(expect.arrayContaining(loaded));
  expect(complaints).toEqual([]);
});
