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
  redirect,
  refuseForeignName,
  refuseForeignSite,
} from "./http.ts";
import { Changes } from "./operator/changes.ts";
import { createOperatorRoutes } from "./operator/routes.ts";
import { operatorPage } from "./pages/operator_page.ts";
import { shopPage } from "./pages/shop_page.ts";
import { signInPage } from "./pages/sign_in_page.ts";
import { readSession, signIn, signOut } from "./sessions.ts";
import { staticFile } from "./static_files.ts";

type Route = (request: Request) => Response | Promise<Response>;

export interface Shop {
  handle(request: Request): Promise<Response>;
  /** Ends the open operator pages' event streams. */
  close(): void;
}

/** The whole shop: its pages, its staff's inbox, the two webhooks that Heddle calls, and its assistant. */
export function createShop(config: Config, sql: Sql): Shop {
  const changes = new Changes();
  const operator = createOperatorRoutes(config, sql, changes);

  // Not awaited: the visitor's answer need not wait until the other screens know.
  const onStale = (stale: Stale) => {
    changes.announce();
    void publish(config, stale);
  };
  const messages = createWebhook(config, sql, messageHandlers, onStale);
  const orders = createWebhook(config, sql, orderHandlers, onStale);

  const pages: Record<string, Route> = {
    "GET /": async (request) => {
      const { shopper, cookie } = await readSession(sql, request);
      return htmlResponse(config, await shopPage(config, shopper), cookie);
    },
    "GET /sign-in": async () =>
      htmlResponse(
        config,
        signInPage(await sql<Shopper[]>`select id, name, email from shoppers order by id`),
      ),
    "POST /sign-in": async (request) => {
      const shopperId = String((await request.formData()).get("shopper"));
      return redirect("/", { "set-cookie": await signIn(sql, shopperId) });
    },
    "POST /sign-out": async (request) => {
      const then = (await request.formData()).get("then") === "/sign-in" ? "/sign-in" : "/";
      return redirect(then, { "set-cookie": await signOut(sql, request) });
    },
    "GET /account/chat-token": async (request) => {
      const { shopper } = await readSession(sql, request);
      if (!shopper) throw new HttpError(401, "Nobody is signed in.");
      return Response.json({ token: await createUserToken(config, shopper) });
    },
    "GET /operator": () => htmlResponse(config, operatorPage()),
    "GET /operator/conversations": operator.conversations,
    "GET /operator/thread": operator.thread,
    "GET /operator/changes": () => changes.subscribe(),
    "POST /operator/reply": operator.reply,
    "POST /operator/status": operator.status,
    "POST /operator/read": operator.read,
  };

  const webhooks: Record<string, Route> = {
    "/heddle/messages": messages,
    "/heddle/orders": orders,
    ...(config.heddle.botSecret === null ? {} : { "/heddle/bot": createBot(config.heddle.botSecret) }),
  };

  function route(request: Request): Response | Promise<Response> {
    refuseForeignName(request);
    const { pathname } = new URL(request.url);
    const webhook = webhooks[pathname];
    if (webhook) return webhook(request);

    if (pathname.startsWith("/static/")) return staticFile(pathname);
    // The server leaves the body of an answer to HEAD out by itself.
    const method = request.method === "HEAD" ? "GET" : request.method;
    const page = pages[`${method} ${pathname}`];
    if (!page) throw new HttpError(404, "There is no such page.");
    if (method !== "GET") refuseForeignSite(request);
    return page(request);
  }

  return {
    async handle(request) {
      try {
        return await route(request);
      } catch (error) {
        return errorResponse(error);
      }
    },
    close: () => changes.close(),
  };
}

function htmlResponse(config: Config, text: string, cookie?: string): Response {
  const headers = new Headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy(config.heddle.apiUrl),
    "cache-control": "no-store",
  });
  if (cookie) headers.set("set-cookie", cookie);
  return new Response(text, { headers });
}
