import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { ensureOperators } from "../../scripts/demo_operators.mjs";
import { ensureInboxBuilt } from "../../scripts/ensure_inbox.mjs";
import { serveInbox } from "../../scripts/serve_inbox.mjs";
import { bringAxe, COLORS, keepScreenshot, STANDARD, violations } from "./axe.ts";
import { sharedBrowser } from "./browser.ts";
import { startStack, type TestStack } from "./stack.ts";

const SILENT = <Value>(_: string, work: Promise<Value>) => work;
/** Only colours differ between light and dark, so dark is asked about colours alone. */
const COLOR_SCHEMES = [["dark", COLORS], ["light", STANDARD]] as const;

export interface TestInbox {
  stack: TestStack;
  url: string;
  operators: { email: string; password: string }[];
  /** A visitor's message as the functions store it; without a conversation it begins one. Returns the conversation's id. */
  visitorWrites(endUser: string, conversationId: string | null, body: string, name?: string): Promise<string>;
  /** What the database holds of a conversation, in order. */
  stored(conversationId: string): Promise<{ role: string; text: string; author: string | null }[]>;
  /** How many pages hear what the team is told. */
  listening(): Promise<number>;
  /** A page of a browser of its own, on the inbox; closed at the end of the test. */
  visit(options?: BrowserContextOptions): Promise<OperatorPage>;
  stop(): Promise<void>;
}

export interface OperatorPage {
  page: Page;
  /** Path and query of each request to the project since `forget`. */
  requests: string[];
  signIn(operator: { email: string; password: string }): Promise<void>;
  open(name: string): Promise<void>;
}

/** The demo team, the built inbox, and unless it is given what they need: a stack and a browser. */
export async function startInbox(given?: { stack: TestStack; browser: Browser }): Promise<TestInbox> {
  const [stack, browser, dir] = await Promise.all([
    given?.stack ?? startStack(),
    given?.browser ?? sharedBrowser(),
    ensureInboxBuilt(SILENT),
  ]);
  const { apiUrl, secretKey, publishableKey, agent, sql } = stack;
  const operators = await ensureOperators({ apiUrl, secretKey, agentId: agent.id });
  const server = await serveInbox({ dir, port: 0, url: apiUrl, publishableKey });

  return {
    stack,
    url: server.url,
    operators,
    async visitorWrites(endUser, conversationId, body, name) {
      const visitor = name === undefined ? null : { name };
      const [row] = await sql`
        select heddle_api.store_post(${agent.id}, ${endUser}, ${conversationId}, gen_random_uuid(), ${body},
          null, ${sql.json(visitor)}) as answer`;
      return row?.answer.conversationId;
    },
    async stored(conversationId) {
      const [row] = await sql`
        select heddle_api.store_export(${agent.id}, visitor.end_user_id) as person
        from heddle.conversations conversation join heddle.visitors visitor on visitor.id = conversation.visitor_id
        where conversation.id = ${conversationId}`;
      const conversation = row?.person.conversations.find(({ id }: { id: string }) => id === conversationId);
      return conversation.messages.map((
        { role, text, meta }: { role: string; text: string; meta: { author: { name?: string } } },
      ) => ({ role, text, author: meta.author.name ?? null }));
    },
    async listening() {
      const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
      return topics.find(({ topic }) => topic.includes("-inbox-"))?.members ?? 0;
    },
    async visit(options) {
      const context = await browser.newContext({
        viewport: { width: 1360, height: 820 },
        reducedMotion: "reduce",
        ...options,
      });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const requests: string[] = [];
      page.on("request", (request) => {
        if (request.url().startsWith(apiUrl)) requests.push(request.url().slice(apiUrl.length));
      });
      await page.goto(server.url);
      return {
        page,
        requests,
        async signIn({ email, password }) {
          await page.getByLabel("Email").fill(email);
          await page.getByLabel("Password").fill(password);
          await page.getByRole("button", { name: "Sign in" }).click();
        },
        async open(name) {
          await page.getByRole("link", { name }).click();
          await page.getByRole("textbox", { name: "Reply" }).waitFor();
        },
      };
    },
    async stop() {
      await server.stop();
      if (!given) await stack.stop();
    },
  };
}

/** Rules that the page breaks as it is, in light and in dark. */
export async function violationsOn(page: Page, name: string): Promise<string[]> {
  await bringAxe(page);
  const found: string[] = [];
  for (const [colorScheme, rules] of COLOR_SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await keepScreenshot(page, `inbox/${name}, ${colorScheme}`);
    const broken = await violations(page, rules);
    found.push(...broken.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`));
  }
  return found;
}
