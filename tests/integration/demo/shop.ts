import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { runDeno } from "../../support/process.ts";
import { startFakeHeddle } from "./fake_heddle.ts";
import {
  AGENT_ID,
  CONNECTOR_TOKEN,
  signedRead,
  signedWrite,
  type Signing,
  WEBHOOK_SECRET,
} from "./signed.ts";

export const SIGNING_SECRET = "test-signing-secret-of-the-shop-0001";
export const API_KEY = "hdl_test_key_of_the_shop";

interface Call {
  action: string;
  /** The visitor who asks; `ada` by default. */
  as?: string;
  itemId?: string;
  cursor?: string;
}

/** The demo shop as a process, on a database that it creates itself, with a stand-in for Heddle's API. */
export async function startShop() {
  const heddle = await startFakeHeddle();
  const database = `shop_${randomUUID().replaceAll("-", "")}`;
  const databaseUrl = new URL(inject("adminUrl"));
  databaseUrl.pathname = `/${database}`;
  const shop = runDeno(["scripts/tethered.ts", "demo/main.ts"], {
    SHOP_PORT: "0",
    SHOP_DATABASE_URL: databaseUrl.href,
    HEDDLE_API_URL: heddle.url,
    HEDDLE_AGENT_ID: AGENT_ID,
    HEDDLE_API_KEY: API_KEY,
    HEDDLE_SIGNING_SECRET: SIGNING_SECRET,
    HEDDLE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    HEDDLE_CONNECTOR_TOKEN: CONNECTOR_TOKEN,
  });
  const port = await shop.event<number>("listening");
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    databaseUrl: databaseUrl.href,
    heddle,
    process: shop,

    /** Calls a webhook as Heddle does: with a `body` it is a POST, otherwise a GET. */
    async call(path: "messages" | "orders", call: Call, body?: object, signing?: Signing) {
      const endUser = { id: call.as ?? "ada", name: "Ada Okafor", email: "ada@example.com" };
      const message = {
        action: call.action,
        tabId: "tab",
        itemId: call.itemId,
        cursor: call.cursor,
        endUser,
      };
      const webhook = `${url}/heddle/${path}?action=${call.action}`;
      const response = await fetch(
        body
          ? signedWrite(webhook, { ...message, ...body }, signing)
          : await signedRead(webhook, message, signing),
      );
      return { status: response.status, body: await response.json() };
    },

    /** Posts as a page of the shop would. */
    post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body), headers });
    },

    async stop(): Promise<void> {
      await shop.stop();
      await heddle.stop();
      const sql = postgres(inject("adminUrl"), { max: 1 });
      await sql`drop database ${sql(database)} with (force)`;
      await sql.end();
    },
  };
}

export type TestShop = Awaited<ReturnType<typeof startShop>>;
