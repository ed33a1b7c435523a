import { fileURLToPath } from "node:url";
import { type Context, Hono } from "hono";
import { serveStatic } from "hono/deno";
import type { Sql } from "postgres";
import type { Config } from "./config.ts";
import { createBot } from "./heddle/bot.ts";
import { messageHandlers } from "./heddle/messages.ts";
import { orderHandlers } from "./heddle/orders.ts";
import { publish, type Stale } from "./heddle/publish.ts";
import { createUserToken, type Shopper } from "./heddle/user_token.ts";
import { createWebhook } from "./heddle/webhook.ts";
import {
  contentSecurityPolicy,
  errorResponse,
  HttpError,
  refuseForeignName,
  refuseForeignSite,
} from "./http.ts";
import { Changes } from "./operator/changes.ts";
import { createOperatorRoutes } from "./operator/routes.ts";
import { operatorPage } from "./pages/operator_page.ts";
import { shopPage } from "./pages/shop_page.ts";
import { signInPage } from "./pages/sign_in_page.ts";
import { readSession, signIn, signOut } from "./sessions.ts";

const STATIC = fileURLToPath(new URL("static/", import.meta.url));

export interface Shop {
  handle(request: Request): Response | Promise<Response>;
  /** Ends the open operator pages' event streams. */
  close(): void;
}

/** The whole shop: its pages, its staff's inbox, the two webhooks that Heddle calls, and its assistant. */
export function createShop(config: Config, sql: Sql): Shop {
  const changes = new Changes();
  // Not awaited: the visitor's answer need not wait until the other screens know.
  const onStale = (stale: Stale) => {
    changes.announce();
    void publish(config, stale);
  };

  const app = new Hono();
  app.onError(errorResponse);
  app.notFound(() => errorResponse(new HttpError(404, "There is no such page.")));
  app.use(refuseForeignName);
  app.route("/heddle", createHeddleRoutes(config, sql, onStale));
  app.use(refuseForeignSite);
  app.use(
    "/static/*",
    serveStatic({
      root: STATIC,
      rewriteRequestPath: (path) => path.replace("/static", ""),
      onFound: (_, context) => context.header("cache-control", "no-cache"),
    }),
  );
  app.route("/operator", createOperatorRoutes(config, sql, changes));
  app.route("/", createPages(config, sql));
  return { handle: (request) => app.fetch(request), close: () => changes.close() };
}

/** What Heddle calls. */
function createHeddleRoutes(config: Config, sql: Sql, onStale: (stale: Stale) => void): Hono {
  const messages = createWebhook(config, sql, messageHandlers, onStale);
  const orders = createWebhook(config, sql, orderHandlers, onStale);
  const routes = new Hono();
  routes.all("/messages", ({ req }) => messages(req.raw));
  routes.all("/orders", ({ req }) => orders(req.raw));
  if (config.heddle.botSecret !== null) {
    const bot = createBot(config.heddle.botSecret);
    routes.all("/bot", ({ req }) => bot(req.raw));
  }
  return routes;
}

function createPages(config: Config, sql: Sql): Hono {
  const html = (context: Context, text: string) =>
    context.html(text, 200, {
      "content-security-policy": contentSecurityPolicy(config.heddle.apiUrl),
      "cache-control": "no-store",
    });

  const pages = new Hono();
  pages.get("/", async (context) => html(context, await shopPage(config, await readSession(sql, context))));
  pages.get("/sign-in", async (context) => {
    const shoppers = await sql<Shopper[]>`select id, name, email from shoppers order by id`;
    return html(context, signInPage(shoppers));
  });
  pages.post("/sign-in", async (context) => {
    const { shopper } = await context.req.parseBody();
    await signIn(sql, context, String(shopper));
    return context.redirect("/", 303);
  });
  pages.post("/sign-out", async (context) => {
    const { then } = await context.req.parseBody();
    await signOut(sql, context);
    return context.redirect(then === "/sign-in" ? then : "/", 303);
  });
  pages.get("/account/chat-token", async (context) => {
    const shopper = await readSession(sql, context);
    if (!shopper) throw new HttpError(401, "Nobody is signed in.");
    return context.json({ token: await createUserToken(config, shopper) });
  });
  pages.get("/operator", (context) => html(context, operatorPage()));
  return pages;
}
