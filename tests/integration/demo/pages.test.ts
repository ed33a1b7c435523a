import { jwtVerify } from "jose";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_KEY, SIGNING_SECRET, startShop, type TestShop } from "./shop.ts";
import { AGENT_ID } from "./signed.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const signingKey = new TextEncoder().encode(SIGNING_SECRET);

function cookieOf(response: Response): string {
  return (response.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
}

function submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${shop.url}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
    redirect: "manual",
  });
}

describe("the shop's page", () => {
  it("embeds Heddle with a short-lived token of the shopper", async () => {
    const page = await (await fetch(shop.url)).text();
    expect(page).toContain(`${shop.heddle.url}/storage/v1/object/public/heddle/heddle.js`);
    expect(page).toContain(`data-agent="${AGENT_ID}"`);
    const [, token = ""] = /data-user-token="([^"]+)"/.exec(page) ?? [];
    const { payload } = await jwtVerify(token, signingKey, { algorithms: ["HS256"] });
    expect(payload).toMatchObject({ sub: "ada", name: "Ada Okafor", email: "ada@example.com" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  });

  it("allows scripts, styles and connections of nobody but itself and Heddle", async () => {
    for (const path of ["/", "/operator", "/sign-in"]) {
      const response = await fetch(shop.url + path);
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'self';");
      expect(policy).toContain(`script-src 'self' ${shop.heddle.url};`);
      expect(policy).toContain(shop.heddle.url.replace("http", "ws"));
      expect(policy).not.toMatch(/unsafe|\*|data:|blob:/);
      expect(await response.text()).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    }
  });

  it("answers HEAD as it answers GET, without the page itself", async () => {
    const [head, get] = await Promise.all(["HEAD", "GET"].map((method) => fetch(shop.url, { method })));
    expect(head?.status).toBe(200);
    expect(head?.headers.get("content-security-policy")).toBe(get?.headers.get("content-security-policy"));
    expect(await head?.text()).toBe("");
  });

  it("embeds Heddle without a token for a visitor who is signed out", async () => {
    const cookie = cookieOf(await fetch(shop.url));
    const signedOut = cookieOf(await submit("/sign-out", { then: "/" }, { cookie }));
    const page = await (await fetch(shop.url, { headers: { cookie: signedOut } })).text();
    expect(page).toContain("Sign in");
    expect(page).toContain(`data-agent="${AGENT_ID}"`);
    expect(page).not.toContain("data-user-token");
    expect(page).not.toContain("shop.js");
    expect((await fetch(`${shop.url}/account/chat-token`, { headers: { cookie: signedOut } })).status)
      .toBe(401);
  });

  it("signs another shopper in and renews that shopper's token", async () => {
    const cookie = cookieOf(await submit("/sign-in", { shopper: "ben" }));
    const response = await fetch(`${shop.url}/account/chat-token`, { headers: { cookie } });
    const { token } = await response.json();
    expect((await jwtVerify(token, signingKey)).payload.sub).toBe("ben");
    expect((await submit("/sign-in", { shopper: "mallory" })).status).toBe(422);
  });

  it("takes no form from another site", async () => {
    const response = await submit("/sign-in", { shopper: "ben" }, { "sec-fetch-site": "cross-site" });
    expect(response.status).toBe(403);
  });

  it("is no page of a foreign name that resolves to this machine", async () => {
    for (const path of ["/", "/account/chat-token", "/operator/conversations", "/static/shop.css"]) {
      const [answer] = await once(
        get(shop.url + path, { headers: { host: "elsewhere.example" } }),
        "response",
      ) as [IncomingMessage];
      answer.resume();
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
  });

  it("serves its own files and nothing else", async () => {
    expect((await fetch(`${shop.url}/static/shop.css`)).headers.get("content-type")).toContain("text/css");
    for (
      const path of ["/static/nothing.css", "/static/..%2fmain.ts", "/static/%2e%2e/main.ts", "/main.ts"]
    ) {
      expect((await fetch(shop.url + path)).status).toBe(404);
    }
  });
});

describe("the operator's inbox", () => {
  it("writes a reply, publishes it, and updates the other inboxes", async () => {
    const abort = new AbortController();
    const events = await fetch(`${shop.url}/operator/changes`, { signal: abort.signal });
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain("retry:");

    const reply = await shop.post("/operator/reply", { id: "gift-wrap", body: "It is wrapped!" });
    expect(await reply.json()).toMatchObject({ ok: true, status: 200, channels: ["conv-x-…"] });
    expect(await shop.heddle.nextPublish()).toEqual({
      path: "/functions/v1/realtime-publish",
      apiKey: API_KEY,
      body: { endUserId: "ben", conversationId: "gift-wrap" },
    });
    expect((await reader?.read())?.value).toBe("data: changed\n\n");
    abort.abort();

    const thread = await (await fetch(`${shop.url}/operator/thread?id=gift-wrap`)).json();
    expect(thread.at(-1)).toMatchObject({ author: "operator", body: "It is wrapped!" });
    const { body } = await shop.call("messages", { action: "get_items", as: "ben" });
    expect(body.items).toMatchObject([{ id: "gift-wrap", unread: 1 }]);
  });

  it("keeps a reply that could not be published", async () => {
    shop.heddle.answerWith(503);
    const reply = await shop.post("/operator/reply", { id: "book-club", body: "See you on Thursday" });
    expect(await reply.json()).toMatchObject({ ok: false, status: 503, problem: "try again" });
    shop.heddle.answerWith(200);
    await shop.heddle.nextPublish();
    const thread = await (await fetch(`${shop.url}/operator/thread?id=book-club`)).json();
    expect(thread.at(-1)).toMatchObject({ body: "See you on Thursday" });
  });

  it("resolves a conversation, and the visitor's next message reopens it", async () => {
    await shop.post("/operator/status", { id: "repotting", status: "resolved" });
    await shop.heddle.nextPublish();
    const clicked = { action: "item_clicked", itemId: "repotting" };
    expect((await shop.call("messages", clicked)).body.item.status).toBe("resolved");
    const message = { body: "One more thing", clientId: "11111111-1111-4111-8111-111111111111" };
    await shop.call("messages", { action: "create_item", itemId: "repotting" }, message);
    await shop.heddle.nextPublish();
    expect((await shop.call("messages", clicked)).body.item.status).toBeUndefined();
  });

  it("publishes once that a message was read", async () => {
    expect((await shop.post("/operator/read", { id: "repotting" })).status).toBe(200);
    expect(await shop.heddle.nextPublish()).toMatchObject({ body: { conversationId: "repotting" } });
    expect((await shop.post("/operator/read", { id: "repotting" })).status).toBe(204);
  });

  it("refuses empty replies, unknown conversations and other sites", async () => {
    expect((await shop.post("/operator/reply", { id: "gift-wrap", body: " " })).status).toBe(422);
    expect((await shop.post("/operator/reply", { id: "gift-wrap", body: " \0 " })).status).toBe(422);
    expect((await shop.post("/operator/reply", { id: "nothing", body: "x" })).status).toBe(404);
    const headers = { "sec-fetch-site": "cross-site" };
    expect((await shop.post("/operator/reply", { id: "gift-wrap", body: "x" }, headers)).status).toBe(403);
  });
});

describe("the shop's process", () => {
  it("ends on SIGTERM, although a page is listening for changes", async () => {
    const other = await startShop();
    const events = await fetch(`${other.url}/operator/changes`);
    const ended = once(other.process.child, "exit");
    other.process.child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    await events.body?.cancel();
    await other.stop();
  });
});
