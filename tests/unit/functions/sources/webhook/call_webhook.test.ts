import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import type { WidgetIssue } from "../../../../../supabase/functions/_shared/database/widget_issues.ts";
import type { WebhookTab } from "../../../../../supabase/functions/_shared/database/tab_context.ts";
import type { Call } from "../../../../../supabase/functions/_shared/http/endpoint.ts";
import { WebhookError } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import {
  callWebhook,
  type WebhookDependencies,
} from "../../../../../supabase/functions/_shared/sources/webhook/call_webhook.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const AGENT = "a0000000-0000-4000-8000-000000000001";
const TAB = "b0000000-0000-4000-8000-000000000001";
const SECRET = "whsec_c2VjcmV0";
const PREVIOUS = "whsec_b2xk";

const tab: WebhookTab = {
  source: "webhook",
  tab: { id: TAB, category: "messaging" },
  action: null,
  connector: { kind: "bearer", host: "n8n.example", value: "connector-token" },
  signing: {
    current: "s",
    previous: null,
    handOutCurrentAt: "2025-01-01",
    previousUntil: null,
    former: [],
    version: "1",
  },
  webhook: { current: SECRET, previous: null },
};

function setUp(
  fetch: (url: URL, init: RequestInit) => Promise<Response>,
  { url = "https://n8n.example/webhook/a-secret-path?key=1", ...overrides }: Partial<WebhookTab> & {
    url?: string;
  } = {},
) {
  const issues: WidgetIssue[] = [];
  const sent: { url: URL; headers: Headers }[] = [];
  const call: Call = { requestId: "req_12345", startedAt: NOW, notes: {} };
  const dependencies: WebhookDependencies = {
    fetch: ((url: URL, init: RequestInit) => {
      sent.push({ url, headers: new Headers(init.headers) });
      return fetch(url, init);
    }) as typeof globalThis.fetch,
    resolve: () => Promise.resolve(["93.184.216.34"]),
    now: () => NOW,
    privateHosts: [],
    timeoutMs: 10_000,
    budgetMs: 12_000,
    report: (issue) => issues.push(issue),
  };
  const ask = (
    normalise: (json: unknown) => unknown = (json) => json,
    warnOwner?: (json: unknown, answer: unknown) => string | null,
  ) =>
    callWebhook(
      {
        agentId: AGENT,
        tab: { ...tab, ...overrides },
        url,
        message: {
          action: "item_clicked",
          tabId: TAB,
          itemId: "7",
          endUser: { id: "shopper-7", name: "Ann" },
        },
        normalise,
        warnOwner,
      },
      dependencies,
      call,
    );
  return { ask, issues, sent, call, dependencies };
}

const answers = (body: unknown) => () => Promise.resolve(Response.json(body));

describe("calling a webhook", () => {
  it("returns what was made of the answer, and notes how long it took", async () => {
    const { ask, issues, call } = setUp(answers({ id: 7 }));
    expect(await ask()).toEqual({ id: 7 });
    expect(call.notes.sourceMs).toBe(0);
    expect(issues).toEqual([]);
  });

  it("sends who asks, signed, with the connector's credentials and the request id", async () => {
    const { ask, sent } = setUp(answers({}));
    await ask();
    const headers = sent[0]?.headers ?? new Headers();
    expect(headers.get("authorization")).toBe("Bearer connector-token");
    expect(headers.get("user-agent")).toMatch(/^Heddle\/\d+\.\d+\.\d+$/);
    expect(headers.get("x-request-id")).toBe("req_12345");
    const { payload } = await jwtVerify(
      headers.get("x-heddle-identity") ?? "",
      new TextEncoder().encode(SECRET),
      { algorithms: ["HS256"], currentDate: new Date(NOW + 59_000) },
    );
    expect(payload).toEqual({
      iss: "heddle",
      aud: AGENT,
      sub: "shopper-7",
      name: "Ann",
      action: "item_clicked",
      tabId: TAB,
      itemId: "7",
      jti: expect.any(String),
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
    });
  });

  it("signs with both secrets during a rotation", async () => {
    const { ask, sent } = setUp(answers({}), { webhook: { current: SECRET, previous: PREVIOUS } });
    await ask();
    const { headers = new Headers() } = sent[0] ?? {};
    for (const [name, secret] of [["x-heddle-identity", SECRET], ["x-heddle-identity-previous", PREVIOUS]]) {
      await jwtVerify(headers.get(name ?? "") ?? "", new TextEncoder().encode(secret), {
        currentDate: new Date(NOW),
      });
    }
  });

  it.each(["n8n.example:443", "N8N.example"])(
    "sends the credentials of a connector that is bound to the webhook's host: %s",
    async (host) => {
      const { ask, sent } = setUp(answers({}), {
        connector: { kind: "bearer", host, value: "connector-token" },
      });
      await ask();
      expect(sent[0]?.headers.get("authorization")).toBe("Bearer connector-token");
    },
  );

  it.each(["x-heddle-identity", "user-agent", "x-request-id"])(
    "does not let a connector override a header of Heddle's own: %s",
    async (header) => {
      const { ask, sent } = setUp(answers({}), {
        connector: { kind: "header", host: "n8n.example", header, value: "forged" },
      });
      await ask();
      expect(sent[0]?.headers.get(header)).not.toContain("forged");
    },
  );

  it.each(["n8n.example:8443", "evil.example", "example", ""])(
    "calls nobody with a connector that is bound to another host, and tells the owner: %j",
    async (host) => {
      const { ask, sent, issues } = setUp(answers({}), {
        connector: { kind: "bearer", host, value: "connector-token" },
      });
      await expect(ask()).rejects.toMatchObject({ code: "source_failed" });
      expect(sent).toEqual([]);
      expect(issues).toMatchObject([{
        kind: "target_refused",
        detail: expect.stringContaining("connector"),
      }]);
    },
  );

  it("tells the owner of a failure by its host, and the visitor in plain words", async () => {
    const { ask, issues } = setUp(() => Promise.resolve(new Response("stack trace", { status: 500 })));
    await expect(ask()).rejects.toMatchObject({
      code: "source_failed",
      message: "The webhook of this tab failed.",
    });
    expect(issues).toEqual([{
      agentId: AGENT,
      tabId: TAB,
      action: "item_clicked",
      kind: "error_status",
      host: "n8n.example",
      detail: "The webhook answered 500.",
    }]);
  });

  it("names to the owner the place where an answer has the wrong shape", async () => {
    const { ask, issues } = setUp(answers([]));
    const asked = ask(() => {
      throw new WebhookError("invalid_shape", "items[3].id must not be empty");
    });
    await expect(asked).rejects.toMatchObject({ code: "source_invalid" });
    expect(issues).toMatchObject([{ kind: "invalid_shape", detail: "items[3].id must not be empty" }]);
  });

  it("passes an answer on that it warns the owner of", async () => {
    const { ask, issues } = setUp(answers([1]));
    const seen: unknown[] = [];
    const answer = await ask(() => "taken", (...what) => {
      seen.push(...what);
      return "names no entry";
    });

    expect(answer).toBe("taken");
    expect(seen).toEqual([[1], "taken"]);
    expect(issues).toMatchObject([{ kind: "invalid_shape", host: "n8n.example", detail: "names no entry" }]);
  });

  it("does not warn the owner without a reason", async () => {
    const { ask, issues } = setUp(answers([1]));
    await ask(undefined, () => null);
    expect(issues).toEqual([]);
  });

  it.each([
    ["http://n8n.example/", "target_refused"],
    ["https://10.0.0.1/", "target_refused"],
    ["not a url", "target_refused"],
    ["", "target_refused"],
  ])("sends nothing to %j", async (url, kind) => {
    const { ask, issues, sent } = setUp(answers({}), { url });
    await expect(ask()).rejects.toMatchObject({ code: "source_failed" });
    expect(issues).toMatchObject([{ kind }]);
    expect(sent).toEqual([]);
  });

  it("gives up on a resolver that does not answer", async () => {
    const { ask, issues, dependencies } = setUp(answers({}));
    dependencies.resolve = () => new Promise(() => undefined);
    dependencies.budgetMs = 5;
    await expect(ask()).rejects.toMatchObject({ code: "source_timeout" });
    expect(issues).toMatchObject([{ kind: "timeout" }]);
  });

  it("calls nobody once the time of the whole call is spent", async () => {
    const { ask, issues, sent, dependencies } = setUp(answers({}));
    dependencies.now = () => NOW + dependencies.budgetMs;
    await expect(ask()).rejects.toMatchObject({ code: "source_timeout" });
    expect(issues).toMatchObject([{ kind: "timeout" }]);
    expect(sent).toEqual([]);
  });

  it("does not take its own mistakes for the owner's", async () => {
    const { ask, issues } = setUp(answers({}));
    const asked = ask(() => {
      throw new RangeError("a mistake");
    });
    await expect(asked).rejects.toThrow(RangeError);
    expect(issues).toEqual([]);
  });
});
