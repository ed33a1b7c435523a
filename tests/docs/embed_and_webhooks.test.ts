import { readFileSync } from "node:fs";
import { decodeJwt } from "jose";
import { describe, expect, it, vi } from "vitest";
import { verifiedCall as verifiedByShop } from "../../demo/heddle/signature.ts";
import { createUserToken } from "../../docs/examples/node/user_token.mjs";
import { verifiedCall } from "../../docs/examples/node/webhook.mjs";
import { contentSecurityPolicy } from "../../demo/http.ts";
import { realtimePublishRequest } from "../../shared/api/realtime_publish.ts";
import { verifyUserToken } from "../../supabase/functions/_shared/auth/user_token.ts";
import * as aliases from "../../supabase/functions/_shared/sources/webhook/normalise/aliases.ts";
import { normaliseList } from "../../supabase/functions/_shared/sources/webhook/normalise/list.ts";
import { normaliseThread } from "../../supabase/functions/_shared/sources/webhook/normalise/thread.ts";
import { normaliseWritten } from "../../supabase/functions/_shared/sources/webhook/normalise/written.ts";
import {
  identityHeaders,
  requestSigner,
  type WebhookMessage,
  webhookRequest,
} from "../../supabase/functions/_shared/sources/webhook/webhook_request.ts";
import type { LoaderConfig } from "../../widget/loader/config.ts";
import type { Command } from "../../widget/loader/widget/widget.ts";
import { snippets } from "./support/documents.ts";

const WEBHOOKS = "docs/webhooks.md";
const EMBED = "docs/embed.md";
const HOST = "http://127.0.0.1:4173";
const SECRETS = {
  current: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  previous: "whsec_bm90IGxvbmdlciB0aGFuIGEgZGF5IGZyb20gbm93",
};

/** The compiler sees to it that none is missing, and none too many. */
const ATTRIBUTES: Record<keyof LoaderConfig, string> = {
  agentId: "data-agent",
  apiOrigin: "data-api",
  userToken: "data-user-token",
  accent: "data-accent",
  launcher: "data-launcher",
  theme: "data-theme",
  locale: "data-locale",
  position: "data-position",
  zIndex: "data-z-index",
  signInUrl: "data-sign-in-url",
  pushWorker: "data-push-worker",
  title: "data-title",
};
const COMMANDS: Record<Command | "shutdown", true> = {
  open: true,
  close: true,
  toggle: true,
  show: true,
  hide: true,
  identify: true,
  logout: true,
  on: true,
  off: true,
  shutdown: true,
};

function source(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

const messages: { path: string; message: WebhookMessage }[] = [];
{
  const endUser = { id: "ada", name: "Ada Okafor", email: "ada@example.com" };
  const messaging = { tabId: "b0000000-0000-4000-8000-000000000001", endUser };
  const orders = { tabId: "b0000000-0000-4000-8000-000000000002", endUser, itemId: "FF-1021" };
  const itemId = "drooping-fern";
  const clientId = "0b9d8d5e-4c0e-4c62-9c0f-8f3a8a3c1a11";
  const path = "/heddle/messages";
  messages.push(
    { path, message: { ...messaging, action: "get_items" } },
    { path, message: { ...messaging, action: "item_clicked", itemId, refresh: true } },
    { path, message: { ...messaging, action: "create_item", itemId, clientId, body: "It has recovered!" } },
    { path, message: { ...messaging, action: "update_item", itemId, changes: { read: true } } },
    {
      path: "/heddle/orders",
      message: { ...orders, action: "update_item", changes: { note: "Ring twice" } },
    },
    { path: "/heddle/orders", message: { ...orders, action: "delete_item" } },
  );
}

describe("docs/webhooks.md", () => {
  const json = snippets(WEBHOOKS, "json").map((text) => JSON.parse(text));

  it("shows the demo's own visibility check", () => {
    expect(source("demo/heddle/visibility.ts")).toContain(snippets(WEBHOOKS, "ts")[0]);
  });

  it("shows requests as Heddle makes them", () => {
    const requests = messages.map(({ path, message }) => webhookRequest(HOST + path, message));
    expect(snippets(WEBHOOKS, "http"))
      .toEqual(requests.map(({ method, url }) => `${method} ${url.pathname}${url.search}`));
    const bodies = requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body));
    expect(json.filter((example) => "action" in example)).toEqual(bodies);
  });

  it("shows an identity as Heddle makes it", () => {
    const [text = ""] = snippets(WEBHOOKS, "jsonc");
    const claims = JSON.parse(text.replace(/ \/\/.*$/gm, ""));
    const clicked = messages.find(({ message }) => message.action === "item_clicked")?.message;
    if (!clicked) throw new Error("there is a click among the messages");
    const { "x-heddle-identity": token = "" } = identityHeaders(
      { ...clicked, agentId: claims.aud },
      SECRETS,
      {
        jti: claims.jti,
        now: claims.iat * 1000,
      },
    );
    expect(decodeJwt(token)).toEqual(claims);
  });

  it("leads to a check that accepts what Heddle signs, as the demo's does, with the old secret too", async () => {
    const agentId = "a0000000-0000-4000-8000-000000000001";
    for (const { path, message } of messages) {
      const { method, url, body } = webhookRequest(HOST + path, message);
      const headers = requestSigner({ method, url, body }, message, { agentId, secrets: SECRETS })(
        Date.now(),
      );
      for (const webhookSecret of [SECRETS.current, SECRETS.previous]) {
        const agent = { agentId, webhookSecret };
        expect(await verifiedCall({ method, headers, body }, agent)).toMatchObject(message);
        const { endUser, tabId: _, refresh: __, ...call } = message;
        const request = new Request(url, { method, headers, body: method === "POST" ? body : undefined });
        expect(await verifiedByShop(request, agent)).toMatchObject({ ...call, visitor: endUser });
      }
    }
  });

  it("shows answers that Heddle understands", () => {
    const [list, thread, created, updated] = json.filter((example) => !("action" in example));
    expect(normaliseList(list)).toMatchObject({
      items: [{ id: "drooping-fern", unread: 2, fields: {} }],
      nextCursor: "25",
    });
    expect(normaliseThread(thread, "drooping-fern", "ada")).toMatchObject({
      confirmed: true,
      item: { id: "drooping-fern" },
      entries: [{ id: "24", author: { role: "visitor" } }, { id: "25", author: { role: "operator" } }],
      nextCursor: "24",
    });
    const authors = { endUserId: "ada", otherwise: "visitor" } as const;
    const write = { authors, itemId: "drooping-fern", bare: "item" } as const;
    expect(normaliseWritten(created, write)).toMatchObject({
      item: { id: "drooping-fern" },
      entry: { id: "26", clientId: created.entry.clientId },
    });
    expect(normaliseWritten(updated, { ...write, itemId: "FF-1021" }).item?.fields)
      .toEqual({ note: "Ring twice" });
  });

  it("shows a publish call that is well-formed", () => {
    const [curl = ""] = snippets(WEBHOOKS, "sh");
    const [, body = ""] = /-d '([^']+)'/.exec(curl) ?? [];
    expect(realtimePublishRequest.safeParse(JSON.parse(body)).success).toBe(true);
  });

  it("names every spelling", () => {
    const { LIST_KEYS, ENTRIES_KEYS, ITEM_KEYS, ENTRY_KEYS, ENVELOPE_KEYS, NEXT_CURSOR } = aliases;
    const { ITEM_ID, ITEM, ENTRY_ID, ENTRY } = aliases;
    const rows = [LIST_KEYS, ENTRIES_KEYS, ITEM_KEYS, ENTRY_KEYS, ENVELOPE_KEYS, NEXT_CURSOR, ITEM_ID]
      .concat([ENTRY_ID], Object.values(ITEM), Object.values(ENTRY));
    const text = source(WEBHOOKS);
    for (const row of rows) expect(text).toContain(row.map((name) => `\`${name}\``).join(" "));
  });
});

describe("docs/embed.md", () => {
  const text = source(EMBED);
  const [stub = "", renewal = ""] = snippets(EMBED, "js");

  it("names every option of the script tag", () => {
    const documented = [...text.matchAll(/^\| `(data-[\w-]+)`/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(Object.values(ATTRIBUTES).sort());
  });

  it("names every command", () => {
    const commands = Object.keys(COMMANDS);
    expect(commands.filter((command) => !text.includes(`heddle("${command}"`))).toEqual([]);
  });

  it("shows the stub and the renewal that the demo shop uses", () => {
    expect(source("demo/static/shop.js")).toContain(stub);
    expect(source("demo/static/shop.js")).toContain(renewal);
  });

  it.each([
    ["above the script tag", "loading"],
    ["below it", "interactive"],
  ])("shows a renewal that works %s", (_, readyState) => {
    const tag = { dataset: { userToken: "signed" } };
    const parsed: (() => void)[] = [];
    const page = { readyState, querySelector: () => readyState === "loading" ? null : tag };
    vi.stubGlobal("heddle", undefined);
    vi.stubGlobal("document", page);
    vi.stubGlobal(
      "addEventListener",
      (_type: "DOMContentLoaded", listener: () => void) => parsed.push(listener),
    );
    try {
      new Function(`${stub}\n${renewal}`)();
      page.querySelector = () => tag;
      for (const listener of parsed) listener();
      expect(globalThis.heddle?.q).toEqual([["identify", "signed", { getUserToken: expect.any(Function) }]]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("leads to a token that Heddle accepts", async () => {
    expect(text).toContain("](examples/node/user_token.mjs)");
    const user = { id: "ada", name: "Ada Okafor", email: "ada@example.com" };
    const token = createUserToken(user, "a secret");
    expect(await verifyUserToken(token, { provider: "hs256", secrets: ["a secret"] }, Date.now()))
      .toMatchObject(user);
  });

  it("shows the policy that the demo shop sends", () => {
    expect(snippets(EMBED, "http")).toEqual([
      `Content-Security-Policy: ${contentSecurityPolicy("https://<project>.supabase.co")}`,
    ]);
  });
});
