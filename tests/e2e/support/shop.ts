import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, inject, onTestFinished } from "vitest";
import { conversationChannelBase, userChannelBase } from "../../../shared/channels.ts";
import { sharedBrowser } from "../../support/browser.ts";
import type { DatabaseCluster } from "../../support/database.ts";
import { eventually, ShopPage } from "../../support/shop_page.ts";
import { startStack, type TestStack } from "../../support/stack.ts";

export interface Shopper {
  id: string;
  name: string;
}

type Line = ["visitor" | "operator", string];

interface Conversation {
  subject?: string;
  /** All but the last are read. */
  lines?: Line[];
}

interface Topic {
  topic: string;
  members: number;
}

/** The demo shop with its own database, Heddle behind it, and a browser in front of it. */
export interface Shop {
  readonly stack: TestStack;
  /** The shop's own database. */
  readonly sql: Sql;
  readonly browser: Browser;
  newShopper(): Promise<Shopper>;
  /** Returns its id. What the operator wrote last is unread. */
  newConversation(shopper: Shopper, conversation?: Conversation): Promise<string>;
  /** A row in the shop's database, and nothing else. */
  write(conversationId: string, body: string): Promise<void>;
  /** What the shop's database holds of a conversation, in order. */
  stored(conversationId: string): Promise<string[]>;
  publish(
    stale: { endUserId?: string; conversationId?: string; event?: { type: string; data: object } },
  ): Promise<void>;
  /** The operator's form: a row, then a publish. */
  reply(conversationId: string, body: string): Promise<void>;
  /** Value of the cookie `shop_session` of a browser that is signed in. */
  newSession(shopper: Shopper): Promise<string>;
  /** A browser of its own, signed in; it is closed at the end of the test. */
  visit(shopper: Shopper, options?: BrowserContextOptions): Promise<ShopPage>;
  /** Like `visit`, until the closed widget listens and has nothing left to fetch. */
  visitLive(shopper: Shopper): Promise<ShopPage>;
  /** A page of a browser of its own that has not gone anywhere yet. */
  newPage(shopper: Shopper | null, options?: BrowserContextOptions): Promise<ShopPage>;
  /** Operator's messages that the visitor has not read. */
  unread(conversationId: string): Promise<number>;
  /** The channels that are joined by the visitor, or for one of their conversations. */
  topicsOf(shopper: Shopper, ...conversationIds: string[]): Promise<string[]>;
  /** Resolves once the visitor's channel, and that of the conversation, are joined in so many tabs. */
  listening(shopper: Shopper, conversationId?: string, tabs?: number): Promise<void>;
}

/** Starts all of it once for the tests of a file. `cluster`: where Heddle's database is to be, instead of the shared one. */
export function useShop(
  options: { cluster?: () => Promise<DatabaseCluster>; storeTab?: boolean; bot?: boolean } = {},
): Shop {
  const parts = {} as { stack: TestStack; sql: Sql; browser: Browser };

  beforeAll(async () => {
    const cluster = await options.cluster?.();
    const { storeTab, bot } = options;
    [parts.stack, parts.browser] = await Promise.all([
      startStack({ demo: true, cluster, storeTab, bot }),
      sharedBrowser(),
    ]);
    parts.sql = postgres(shopDatabaseUrl(parts.stack), { max: 2, onnotice: () => undefined });
  });
  afterAll(async () => {
    await parts.sql?.end();
    await parts.stack?.stop();
  });

  async function joined(shopper: Shopper, conversationIds: string[]): Promise<Topic[]> {
    const bases = [
      userChannelBase(parts.stack.agent.id, shopper.id),
      ...conversationIds.map(conversationChannelBase),
    ];
    const { topics } = await parts.stack.realtime() as { topics: Topic[] };
    return topics.filter(({ topic }) => bases.includes(topic.replace(/-[0-9a-f]{64}$/, "")));
  }

  const shop: Shop = {
    get stack() {
      return parts.stack;
    },
    get sql() {
      return parts.sql;
    },
    get browser() {
      return parts.browser;
    },

    async newShopper() {
      const id = `shopper-${randomUUID().slice(0, 8)}`;
      const shopper = { id, name: `Robin ${id.slice(-8)}` };
      await parts.sql`insert into shoppers ${parts.sql({ ...shopper, email: `${id}@example.com` })}`;
      return shopper;
    },

    async newConversation(shopper, conversation = {}) {
      const { subject = "Is it too dark here?", lines = DEFAULT_LINES } = conversation;
      const id = `conversation-${randomUUID().slice(0, 8)}`;
      await parts.sql`
        insert into conversations (id, visitor_id, visitor_name, subject)
        values (${id}, ${shopper.id}, ${shopper.name}, ${subject})`;
      for (const [index, [author, body]] of lines.entries()) {
        const isNew = index === lines.length - 1 && author === "operator";
        await parts.sql`
          insert into messages (conversation_id, author, body, created_at, read_at)
          values (${id}, ${author}, ${body}, now() - ${lines.length - index} * interval '1 minute',
            case when ${isNew} then null else now() end)`;
      }
      return id;
    },

    async write(conversationId, body) {
      await parts.sql`
        insert into messages (conversation_id, author, body) values (${conversationId}, 'operator', ${body})`;
    },

    async stored(conversationId) {
      const rows = await parts.sql`
        select body from messages where conversation_id = ${conversationId} order by id`;
      return rows.map(({ body }) => body);
    },

    async publish(stale) {
      await post(`${parts.stack.apiUrl}/functions/v1/realtime-publish`, stale, {
        "x-api-key": parts.stack.agent.apiKey,
      });
    },

    async reply(conversationId, body) {
      await post(`${parts.stack.shopUrl}/operator/reply`, { id: conversationId, body });
    },

    async newSession(shopper) {
      const [session] = await parts.sql<[{ id: string }]>`
        insert into sessions (shopper_id) values (${shopper.id}) returning id`;
      return session.id;
    },

    async newPage(shopper, options) {
      const context = await parts.browser.newContext({
        viewport: { width: 1180, height: 820 },
        reducedMotion: "reduce",
        ...options,
      });
      onTestFinished(() => context.close());
      if (shopper) {
        const value = await shop.newSession(shopper);
        await context.addCookies([{ name: "shop_session", value, url: parts.stack.shopUrl }]);
      }
      return ShopPage.of(await context.newPage(), parts.stack.shopUrl);
    },

    async visit(shopper, options) {
      const page = await shop.newPage(shopper, options);
      await page.load();
      return page;
    },

    async visitLive(shopper) {
      const page = await shop.visit(shopper);
      await page.passTimeUntil(() => page.channelsReady === 1);
      await page.isQuiet();
      return page;
    },

    async unread(conversationId) {
      const [row] = await parts.sql<[{ count: number }]>`
        select count(*)::int from messages
        where conversation_id = ${conversationId} and author = 'operator' and read_at is null`;
      return row.count;
    },

    async topicsOf(shopper, ...conversationIds) {
      return (await joined(shopper, conversationIds)).map(({ topic }) => topic);
    },

    async listening(shopper, conversationId, tabs = 1) {
      const ids = conversationId ? [conversationId] : [];
      await eventually(async () => (await joined(shopper, ids)).map(({ members }) => members))
        .toEqual(Array(1 + ids.length).fill(tabs));
    },
  };
  return shop;
}

const DEFAULT_LINES: Line[] = [
  ["visitor", "Is a north window enough for a fern?"],
  ["operator", "For most of them it is."],
];

/** More than fits on one screen. */
export const longConversation: Conversation = {
  lines: Array.from({ length: 30 }, (_, index) => [index % 2 ? "operator" : "visitor", `Line ${index + 1}`]),
};

function shopDatabaseUrl(stack: TestStack): string {
  const url = new URL(inject("adminUrl"));
  url.pathname = `${new URL(stack.dbUrl).pathname}_shop`;
  return url.href;
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}
