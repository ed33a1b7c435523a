import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { type Browser, startPushService } from "../../support/push_service.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { callFunction } from "./support/visitor.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";

let stack: TestStack;
let service: Awaited<ReturnType<typeof startPushService>>;
beforeAll(async () => {
  service = await startPushService();
  stack = await startStack({
    functionsEnv: {
      HEDDLE_INBOX_URL: "https://inbox.shop.example/",
      HEDDLE_ALLOW_PRIVATE_WEBHOOKS: "127.0.0.1,localhost",
    },
  });
  await service.allowedBy(stack.sql);
  await stack.sql`
    insert into heddle.members (org_id, user_id, name, email, role)
    values (${DEMO_ORG}, ${OLGA}, 'Olga', 'olga@shop.example', 'owner')`;
  const [keys] = await stack.sql`select public_key from heddle.push_keys`;
  service.expectKey(keys?.public_key);
});
afterAll(async () => {
  await stack?.stop();
  await service?.stop();
});
beforeEach(async () => {
  await stack.sql`delete from heddle.visitors`;
  await stack.sql`delete from heddle.deliveries`;
  await stack.sql`delete from heddle.mail_stops`;
  await stack.sql`delete from heddle.notification_rules`;
  await stack.sql`delete from heddle.push_subscriptions`;
  await fetch(`${stack.mailUrl}/api/v1/messages`, { method: "DELETE" });
  service.received.length = 0;
});

/** No delay, so that nothing has to be waited for. */
async function rule(name: string, channels: string[]) {
  await stack.sql`select heddle_api.set_rule(${stack.agent.id}, ${name}, true, null, ${
    stack.sql.json({ channels, delay: 0, batch: 0 })
  })`;
}

/** A visitor's conversation, which Olga holds and has answered. */
async function answered(endUser: string, email: string): Promise<string> {
  const [row] = await stack.sql`select heddle_api.store_post(
    p_agent_id => ${stack.agent.id}, p_end_user => ${endUser}, p_conversation_id => null,
    p_client_id => gen_random_uuid(), p_body => 'Is it in stock?') as posted`;
  const id = row?.posted.conversationId;
  await stack.sql`update heddle.visitors set email = ${email}, name = 'Ada' where end_user_id = ${endUser}`;
  await stack.sql`insert into heddle.messages (conversation_id, role, author_id, author_name, body)
    values (${id}, 'operator', ${OLGA}, 'Olga', 'Yes, it is.')`;
  return id;
}
async function asksForAPerson(id: string) {
  await stack.sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await stack.sql`select heddle_api.notify(${stack.agent.id})`;
}
const subscribe = ({ endpoint, keys }: Browser) =>
  stack.sql`insert into heddle.push_subscriptions (org_id, user_id, endpoint, p256dh, auth)
    values (${DEMO_ORG}, ${OLGA}, ${endpoint}, ${keys.p256dh}, ${keys.auth})`;
const outcomes = async () => [
  ...await stack
    .sql`select status, last_error from heddle.deliveries where attempts > 0 and lease is null order by id`,
];

interface Caught {
  ID: string;
  Subject: string;
  Text: string;
  To: { Address: string }[];
}
async function caught(address: string): Promise<(Caught & { headers: Record<string, string[]> })[]> {
  const read = async (path: string) => await (await fetch(`${stack.mailUrl}/api/v1${path}`)).json();
  const { messages } = await read(`/search?query=to:${address}`);
  return await Promise.all(
    messages.map(async ({ ID }: Caught) => ({
      ...await read(`/message/${ID}`),
      headers: await read(`/message/${ID}/headers`),
    })),
  );
}
async function mailTo(address: string) {
  await expect.poll(() => caught(address)).toHaveLength(1);
  const [mail] = await caught(address);
  if (!mail) throw new Error("was there a moment ago");
  return mail;
}

describe("a visitor who was away", () => {
  it("gets by mail what the team answered, and no more of it after one click", async () => {
    await rule("away_reply", ["email"]);
    const id = await answered("away", "ada@home.example");
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    const mail = await mailTo("ada@home.example");
    expect(mail.Text).toContain("Olga:\nYes, it is.");
    expect(mail.Subject).toMatch(/ has answered you$/);
    expect(mail.Text).toMatch(/\nYou get this because you wrote to .*, which knows you by this address\.\n/);
    const header = (name: string) => mail.headers[name]?.[0] ?? "";
    expect(header("References")).toBe(`<conversation.${id}@shop.example>`);
    expect(header("Auto-Submitted")).toBe("auto-generated");
    expect(header("List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
    const link = header("List-Unsubscribe").slice(1, -1);

    const looked = await fetch(link);
    expect([looked.status, await looked.text()]).toEqual([200, expect.stringContaining("&confirm=yes")]);
    expect(await stack.sql`select from heddle.mail_stops`).toHaveLength(0);
    const clicked = await fetch(link, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    expect(clicked.status).toBe(200);
    await clicked.body?.cancel();
    await answered("away again", "Ada@Home.example");
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    await expect.poll(outcomes).toEqual([
      { status: "sent", last_error: null },
      {
        status: "suppressed",
        last_error: "It was seen, is not wanted any more, or the address had too many.",
      },
    ]);
  });

  it("gets mail, push message and the page behind the mail's link in their language", async () => {
    await rule("away_reply", ["email", "push"]);
    await answered("away", "ada@home.example");
    await stack.sql`update heddle.visitors set language = 'de'`;
    const { endpoint, keys } = service.subscribe();
    await stack.sql`insert into heddle.visitor_devices (agent_id, visitor_id, endpoint, p256dh, auth)
      select agent_id, id, ${endpoint}, ${keys.p256dh}, ${keys.auth} from heddle.visitors`;
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    const mail = await mailTo("ada@home.example");
    expect(mail.Subject).toMatch(/ hat Ihnen geantwortet$/);
    expect(mail.Text).toMatch(/\nKeine weiteren E-Mails dieser Art: https?:\S+&language=de\n/);
    await stack.sql`update heddle.deliveries set due = now() where status = 'queued'`;
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    await expect.poll(() => service.received.map(({ message }) => message.body)).toEqual([
      "Sie haben eine Antwort.",
    ]);
    const link = mail.headers["List-Unsubscribe"]?.[0]?.slice(1, -1) ?? "";
    const read = async (query: string) => await (await fetch(link.replace("&language=de", query))).text();
    expect(await read("&language=de")).toMatch(/^Um keine weiteren .* fügen Sie .*&confirm=yes/);
    expect(await read("&language=xx")).toMatch(/^To get no more /);
    expect(await stack.sql`select from heddle.mail_stops`).toHaveLength(0);
    expect(await read("&language=de&confirm=yes")).toBe("Sie erhalten keine weiteren E-Mails dieser Art.\n");
    expect(await stack.sql`select from heddle.mail_stops`).toHaveLength(1);
  });

  it("gives a browser whose push service wants nothing of it: it is asked once, and no owner hears of it", async () => {
    await rule("away_reply", ["push"]);
    await answered("away", "ada@home.example");
    const refusing = [{ status: 403 }, { status: 403 }];
    for (const { endpoint, keys } of [service.subscribe(refusing), service.subscribe(refusing)]) {
      await stack.sql`insert into heddle.visitor_devices (agent_id, visitor_id, endpoint, p256dh, auth)
        select agent_id, id, ${endpoint}, ${keys.p256dh}, ${keys.auth} from heddle.visitors`;
    }
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    await expect.poll(outcomes).toEqual(
      Array(2).fill({ status: "dead", last_error: "The push service answered 403." }),
    );
    expect(service.received).toHaveLength(2);
    expect(await stack.sql`select from heddle.visitor_devices`).toHaveLength(0);
    const [list] = await stack.sql`select heddle_api.list_undelivered(${stack.agent.id}) as undelivered`;
    expect(list?.undelivered).toEqual([]);
  });

  it("is not said to be answered where the team began, and is led to the site", async () => {
    await rule("away_reply", ["email"]);
    const id = await answered("customer", "ada@home.example");
    await stack.sql`delete from heddle.messages where conversation_id = ${id} and role = 'visitor'`;
    await stack.sql`select heddle_api.notify(${stack.agent.id})`;
    const { Subject, Text } = await mailTo("ada@home.example");
    expect(Subject).toMatch(/ has written to you$/);
    expect(Text).toMatch(/\nYou get this because .* knows you by this address and has written to you\.\n/);
    expect(Text).toMatch(/\nOpen the site: https?:\/\/\S+\n/);
  });

  it.each(["", "?token=x", `?token=${"A".repeat(120)}`])(
    "can't be unsubscribed by others: %s",
    async (query) => {
      expectError(
        await callFunction(stack, `mail-unsubscribe${query}`, { method: "POST" }),
        "invalid_request",
      );
    },
  );
});

describe("a member of the team", () => {
  it("gets a mail that leads to the conversation", async () => {
    await rule("needs_human", ["email"]);
    const id = await answered("asking", "ada@home.example");
    await asksForAPerson(id);
    const { Subject, Text } = await mailTo("olga@shop.example");
    expect(Subject).toBe("Ada needs a person");
    expect(Text).toContain(`https://inbox.shop.example/#/${stack.agent.id}/open/${id}`);
  });

  it("gets a push message in each browser, and those that are gone are forgotten", async () => {
    await rule("needs_human", ["push"]);
    await subscribe(service.subscribe());
    await subscribe(service.subscribe([{ status: 410 }]));
    const id = await answered("asking", "ada@home.example");
    await asksForAPerson(id);
    await expect.poll(outcomes).toEqual([
      { status: "sent", last_error: null },
      { status: "dead", last_error: "The browser has unsubscribed." },
    ]);
    expect(service.received.map(({ message }) => message)).toEqual(
      Array(2).fill({
        title: expect.any(String),
        body: "Ada needs a person.",
        agentId: stack.agent.id,
        conversationId: id,
      }),
    );
    expect(service.received[0]?.headers).toMatchObject({ topic: id.replaceAll("-", ""), urgency: "high" });
    expect(await stack.sql`select from heddle.push_subscriptions`).toHaveLength(1);
  });

  it("gets none at an address that only the owner's webhooks may have", async () => {
    await rule("needs_human", ["push"]);
    const browser = service.subscribe();
    await subscribe({ ...browser, endpoint: browser.endpoint.replace("127.0.0.1", "localhost") });
    await asksForAPerson(await answered("asking", "ada@home.example"));
    await expect.poll(outcomes).toEqual([
      { status: "dead", last_error: "The push service URL must use https." },
    ]);
    expect(service.received).toEqual([]);
    expect(await stack.sql`select from heddle.push_subscriptions`).toHaveLength(0);
  });
});
