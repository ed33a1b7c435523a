import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ensureInboxBuilt } from "../../../scripts/ensure_inbox.mjs";
import { ensureWidgetBuilt } from "../../../scripts/ensure_widget.mjs";
import { serveInbox } from "../../../scripts/serve_inbox.mjs";
import { sharedBrowser } from "../../support/browser.ts";
import { freePort } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { Terminal } from "../../support/terminal.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/own_site.md";
const SILENT = <Value>(_: string, work: Promise<Value>) => work;
const [, setUp = "", serve = "", invite = "", tell = "", connect = "", backend = ""] = snippets(
  DOCUMENT,
  "sh",
);
const [html = ""] = snippets(DOCUMENT, "html");
const site = mkdtempSync(join(tmpdir(), "heddle-site-"));

let stack: TestStack;
let inbox: { url: string; stop(): Promise<void> };
let server: Terminal;
/** What the page has at fixed addresses, and where this run has it. */
const places = new Map<string, string>();
/** What the commands have printed. */
const values = new Map<string, string>();

beforeAll(async () => {
  const dir = await ensureInboxBuilt(SILENT);
  await ensureWidgetBuilt();
  stack = await startStack();
  const [sitePort, backendPort] = [await freePort(), await freePort()];
  inbox = await serveInbox({ dir, port: 0, url: stack.apiUrl, publishableKey: stack.publishableKey });
  places.set("http://127.0.0.1:54321", stack.apiUrl).set("5500", String(sitePort))
    .set("8080", String(backendPort)).set("../my-site", site);
});
afterAll(async () => {
  await server?.interrupt();
  await inbox.stop();
  await stack.stop();
  rmSync(site, { recursive: true });
});

/** A line of the page as it is run here. */
function here(line: string): string {
  for (const [printed, actual] of places) line = line.replaceAll(printed, actual);
  return line.replace(/<([\w-]+)>/g, (all, name: string) => values.get(name) ?? all);
}

/** Runs lines of the `heddle` command, and keeps what they print once. */
function heddle(lines: string): void {
  for (const line of lines.split("\n")) {
    const command = here(line).replace("npm run heddle --", "node scripts/heddle.mjs");
    const run = spawnSync("bash", ["-c", `${command} --json`], {
      encoding: "utf8",
      env: {
        ...process.env,
        HEDDLE_URL: stack.apiUrl,
        HEDDLE_SECRET_KEY: stack.secretKey,
        HEDDLE_INBOX_URL: inbox.url,
      },
    });
    expect(run.stderr, line).toBe("");
    const { id, webhookSecret, key, scriptTag } = JSON.parse(run.stdout);
    const [, made] = / -- (agent|tab) (?:create|add)/.exec(line) ?? [];
    if (made) values.set(`${made}-id`, id);
    if (webhookSecret) values.set("webhook-secret", webhookSecret);
    if (key) values.set("api-key", key);
    if (scriptTag) expect(here(html)).toContain(scriptTag);
  }
}

describe(DOCUMENT, () => {
  let browser: BrowserContext;
  let panel: Locator;
  const composer = () => panel.getByRole("textbox", { name: "Write a message" });

  /** In another tab of the visitor's browser. */
  async function openChat(): Promise<void> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${places.get("5500")}`);
    await page.getByRole("button", { name: "Open messages" }).click();
    panel = page.getByRole("dialog");
  }

  async function write(body: string): Promise<void> {
    await composer().fill(body);
    await composer().press("Enter");
    // Where somebody has it open it is seen at once.
    await panel.getByText(/^(Sent|Delivered|Seen)$/).waitFor();
  }

  beforeAll(async () => {
    browser = await (await sharedBrowser()).newContext();
    return () => browser.close();
  });

  it("begins with a start", () => expect(snippets(DOCUMENT, "sh")[0]).toBe("npm start"));

  it("puts a chat into a page of one's own, for which a store tab is enough", async () => {
    heddle(setUp);
    writeFileSync(join(site, "index.html"), here(html));
    server = new Terminal(here(serve));
    await server.shows(/ready in/);
    await openChat();
    await panel.getByRole("button", { name: "Start a conversation" }).click();
    await write("Is anybody there?");
  });

  it("has its owner answer in the inbox, and both see at once what the other writes", async () => {
    heddle(invite);
    const api = `${stack.mailUrl}/api/v1`;
    const { messages: [mail] } = await (await fetch(`${api}/messages`)).json();
    const { Text } = await (await fetch(`${api}/message/${mail.ID}`)).json();
    const operators = await (await sharedBrowser()).newContext();
    onTestFinished(() => operators.close());
    const operator = await operators.newPage();
    await operator.goto(/https?:\S+/.exec(Text)?.[0] ?? "");
    await operator.getByRole("button", { name: /^Continue as you@/ }).click();
    await operator.getByLabel("New password").fill("ten minutes are enough");
    await operator.getByRole("button", { name: "Save password" }).click();
    await operator.getByRole("link", { name: "Is anybody there?" }).click();
    const answer = operator.getByRole("textbox", { name: "Reply" });
    await answer.fill("Yes, good morning");
    await answer.press("Enter");
    await panel.getByText("Yes, good morning").first().waitFor();
    await write("Wonderful");
    await operator.getByText("Wonderful", { exact: true }).first().waitFor();
  });

  it("has the team told of visitors who wait, once it is switched on", async () => {
    const rule = async () => {
      const [row] = await stack.sql`select rule, minutes, channels from heddle.notification_rules
        where agent_id = ${values.get("agent-id") ?? ""} and is_on`;
      return row;
    };
    expect(await rule()).toBeUndefined();
    heddle(tell);
    expect(await rule()).toEqual({ rule: "waiting", minutes: 10, channels: ["email", "push"] });
  });

  it("has a backend of one's own answer in another tab, and publish what an operator writes", async () => {
    heddle(connect);
    const shop = new Terminal(here(backend), { input: true });
    onTestFinished(async () => void await shop.interrupt());
    await shop.shows(/Type an answer/);
    await openChat();
    await panel.getByRole("tab", { name: "Ask the shop" }).click();
    await panel.getByRole("button", { name: "Your messages" }).click();
    await write("Do you have tree ferns?");
    await shop.shows(/: "Do you have tree ferns\?"/);
    shop.type("Two of them.\n");
    await panel.getByText("Two of them.").first().waitFor();
    expect(shop.screen).not.toContain("Heddle answered");
  });
});
