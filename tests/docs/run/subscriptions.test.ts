import { spawnSync } from "node:child_process";
import { subscribe, type Subscription } from "heddle/client";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { curl } from "../../support/curl.ts";
import { ensureOperators } from "../../../scripts/demo_operators.mjs";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { tokenFor } from "../../realtime/support/tokens.ts";
import { snippets } from "../support/documents.ts";

const DOCUMENT = "docs/subscriptions.md";
const LOCAL_API = "http://127.0.0.1:54321";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
afterEach(() => vi.unstubAllGlobals());

describe(DOCUMENT, () => {
  const [keyCreate = "", write = "", reads = "", live = ""] = snippets(DOCUMENT, "sh");
  const [subscribing = ""] = snippets(DOCUMENT, "js");
  const [written = "", read = ""] = snippets(DOCUMENT, "json");
  const [now = "", since = ""] = reads.trim().split("\n");
  const run = async (line: string) => {
    const { status, body } = await curl(
      line.replaceAll(LOCAL_API, stack.apiUrl).replace("<events-key>", stack.eventsKey),
    );
    expect({ line, status }).toEqual({ line, status: 200 });
    return JSON.parse(body);
  };

  const heddle = (line: string) => {
    const command = line.replace("npm run heddle --", "node scripts/heddle.mjs").replace(
      "<agent-id>",
      stack.agent.id,
    );
    const { stdout } = spawnSync("bash", ["-c", `${command} --json`], {
      encoding: "utf8",
      env: { ...process.env, HEDDLE_URL: stack.apiUrl, HEDDLE_SECRET_KEY: stack.secretKey },
    });
    return JSON.parse(stdout);
  };

  it("makes a key with which both can be done", async () => {
    const { key } = heddle(keyCreate);
    await run(write.replace("<events-key>", key));
    await run(now.replace("<events-key>", key));
  });

  it("shows what writing and reading answer, line by line", async () => {
    const shown = (json: unknown) =>
      JSON.parse(
        JSON.stringify(json).replaceAll(DEMO_ORG, "<org>")
          .replace(/"id":"[^"]+"/g, '"id":"<uuid>"')
          .replace(/"cursor":"[^"]+"/g, '"cursor":"<cursor>"')
          .replace(
            /"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00"/g,
            '"at":"2026-11-29T10:00:00.000000+00:00"',
          ),
      );
    const { cursor } = await run(now);
    expect(shown(await run(write.replace("invoice-7-paid", "again")))).toEqual(JSON.parse(written));
    expect(shown(await run(since.replace("<cursor>", cursor)))).toEqual(JSON.parse(read));
  });

  it("hears live in a page what it subscribes to, and goes on there after a reload", async () => {
    // A page has one; Node before 22 has none.
    vi.stubGlobal("WebSocket", WebSocket);
    heddle(live);
    const olga = "10000000-0000-4000-8000-000000000001";
    await stack.sql`
      insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${olga}, 'Olga', 'owner')`;
    const access_token = await tokenFor("authenticated", { sub: olga });
    const [posted] = await stack.sql`
      select heddle_api.store_post(${stack.agent.id}, 'pia', null, gen_random_uuid(), 'Hello') as answer`;
    const conversation: string = posted?.answer.conversationId;
    const kept = new Map<string, string>();
    const told: unknown[] = [];
    const page = {
      subscribe,
      supabase: { auth: { getSession: () => Promise.resolve({ data: { session: { access_token } } }) } },
      localStorage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => kept.set(key, value),
      },
      console: { log: (type: string) => told.push(type) },
      location: {},
    };
    const [, code = ""] = subscribing.split('from "heddle/client";');
    const open = new Function(
      ...Object.keys(page),
      `${
        code.replace("<org>", DEMO_ORG).replace("conversation:<id>", `conversation:${conversation}`).replace(
          "https://<project>.supabase.co",
          stack.apiUrl,
        )
      }\nreturn subscription;`,
    );
    const first: Subscription = open(...Object.values(page));
    await expect.poll(() => first.position()).not.toBeNull();
    await run(write.replace("invoice-7-paid", "first"));
    await expect.poll(() => told).toEqual(["invoice.paid"]);
    const listeners = async () => {
      const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
      return topics.find(({ topic }) => topic.includes("-inbox-"))?.members;
    };
    await expect.poll(listeners).toBe(1);
    await stack.sql`select heddle_api.store_typing(${stack.agent.id}, 'pia', ${conversation})`;
    await expect.poll(() => told).toEqual(["invoice.paid", "typing"]);
    first.close();
    await run(write.replace("invoice-7-paid", "while-away"));
    const second: Subscription = open(...Object.values(page));
    await expect.poll(() => told).toEqual(["invoice.paid", "typing", "invoice.paid"]);
    second.close();
  });
});

it("docs/examples/node/polling_inbox.mjs shows the open conversations, asks for news, and answers once", async () => {
  const { openInbox } = await import(
    new URL("../../../docs/examples/node/polling_inbox.mjs", import.meta.url).href
  );
  const { apiUrl, secretKey, agent } = stack;
  const [operator] = await ensureOperators({ apiUrl, secretKey, agentId: agent.id });
  const ending = new AbortController();
  const post = (text: string, conversationId: string | null = null) =>
    stack
      .sql`select heddle_api.store_post(${stack.agent.id}, 'pia', ${conversationId}, gen_random_uuid(), ${text}) as posted`
      .then(([row]) => row?.posted.conversationId as string);
  const id = await post("Is anybody there?");
  const shown: string[] = [];
  const inbox = await openInbox(
    {
      url: stack.apiUrl,
      publishableKey: stack.publishableKey,
      agentId: stack.agent.id,
      ...operator,
      signal: ending.signal,
    },
    (rows: { id: string; lastMessage: { text: string } }[]) =>
      shown.push(rows.find((row) => row.id === id)?.lastMessage.text ?? ""),
  );
  await expect.poll(() => shown).toEqual(["Is anybody there?"]);
  await post("Hello?", id);
  await expect.poll(() => shown.at(-1)).toBe("Hello?");
  const clientId = crypto.randomUUID();
  for (let time = 0; time < 2; time++) await inbox.reply(id, "Yes!", clientId);
  await expect.poll(() => shown.at(-1)).toBe("Yes!");
  const [{ count = 0 } = {}] = await stack.sql`
    select count(*)::integer from heddle.messages where conversation_id = ${id} and role = 'operator'`;
  expect(count).toBe(1);
  ending.abort();
  await inbox.asking;
});
