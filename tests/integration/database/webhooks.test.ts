import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../supabase/functions/_shared/net/addresses.ts";
import {
  AGENT,
  type ConversationStore,
  createStore,
  type Json,
  OLGA,
  ORG,
  PIET,
  STRANGER,
} from "./conversation_store.ts";

let store: ConversationStore;
let others: Sql;
beforeAll(async () => {
  store = await createStore();
  others = postgres(store.adminUrl, { max: 12, onnotice: () => undefined });
});
afterAll(async () => {
  await others?.end();
  await store?.drop();
});
beforeEach(async () => {
  await store.sql`delete from heddle.webhooks`;
  await store.sql`delete from heddle.deliveries`;
});

/** At both ends of every range that is not public. */
const ADDRESSES = [
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["168.63.129.16", "168.63.129.16"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.2.0", "192.88.99.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["203.0.113.0", "223.255.255.255"],
  ["224.0.0.0", "255.255.255.255"],
  ["1fff:ffff::1", "2000::1"],
  ["2001:1ff::1", "2001:200::1"],
  ["2001:db7::1", "2001:db8::1"],
  ["2002::1", "2003::1"],
  ["3fff:fff::1", "3fff:1000::1"],
  ["fe80::1", "ff02::1"],
].flat();

const URL_OF = "https://hooks.example/in?key=hidden";
const add = async (topics: object[] | null = null): Promise<string> =>
  (await store.visitor("create_webhook", { p_url: URL_OF, p_topics: topics })).id;
const log = (resourceId: string, { source = "billing", sql = store.sql, org = ORG } = {}) =>
  sql`select heddle.log_event(
    ${org}, null, ${sql.array([source, "invoice", "paid", resourceId])}, 'invoice.paid', null, '{}')`;
const look = async (sql = store.sql) => (await sql`select heddle_api.deliveries_due() as due`)[0]?.due;
async function take(limit = 10): Promise<Json[]> {
  const [row] = await store.sql`select heddle_api.take_deliveries('{webhook}', ${limit}) as taken`;
  return row?.taken;
}
const end = ({ id, lease }: Json, outcome: string) =>
  store.sql`select heddle_api.end_delivery(${id}, ${lease}, ${outcome}, ${`was ${outcome}`})`;
const queuedFor = async (webhook: string) => {
  const rows = await store.sql`
    select content ->> 'topic' as topic from heddle.deliveries where target = ${webhook} order by id`;
  return rows.map(({ topic }) => topic.split(".").at(-1));
};
const of = (p_webhook_id: string, more: object = {}) => ({ p_webhook_id, ...more });
const deliveries = (id: string, more = {}): Promise<Json[]> => store.visitor("list_deliveries", of(id, more));
const only = async (id: string) =>
  ((await store.visitor("list_webhooks")) as Json[]).find((webhook) => webhook.id === id);

describe("an event", () => {
  it("is queued once for each webhook that wants it, and for no other organisation's", async () => {
    const [all, billing] = [await add(), await add([{ source: "billing" }, { resourceId: "s1" }])];
    await log("b1");
    await log("s1", { source: "shipping" });
    await log("s2", { source: "shipping" });
    await log("foreign", { org: STRANGER });
    expect(await look()).toBe(true);
    await look();
    expect(await queuedFor(all)).toEqual(["b1", "s1", "s2"]);
    expect(await queuedFor(billing)).toEqual(["b1", "s1"]);
  });

  it("is queued once, however many look while others write", async () => {
    const id = await add();
    let isWriting = true;
    const lookers = Array.from({ length: 4 }, async () => {
      while (isWriting) await look(others);
    });
    await Promise.all(Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; n < 15; n++) {
        await others.begin(async (tx) => {
          await log(`${writer}-${n}-a`, { sql: tx as unknown as Sql });
          await tx`select pg_sleep(random() * 0.01)`;
          await log(`${writer}-${n}-b`, { sql: tx as unknown as Sql });
        });
      }
    }));
    isWriting = false;
    await Promise.all(lookers);
    await expect.poll(async () => {
      await look();
      return (await queuedFor(id)).length;
    }).toBe(180);
    expect(new Set(await queuedFor(id)).size).toBe(180);
  });

  it("about somebody is kept no longer than they are", async () => {
    const id = await add();
    const [mine, other] = [await store.begin("erin/1", "Hello"), await store.begin("u2", "Hi")];
    await store.sql`update heddle.visitors set name = 'Erin' where end_user_id = 'erin/1'`;
    await look();
    const topics = async () =>
      (await store.sql`select content ->> 'topic' as topic from heddle.deliveries where target = ${id}`)
        .map(({ topic }) => topic);
    expect((await topics()).filter((topic) => topic.endsWith(mine)).length).toBeGreaterThan(0);
    await store.visitor("store_erase", { p_end_user: "erin/1" });
    expect((await topics()).filter((topic) => topic.endsWith(mine) || topic.includes("erin"))).toEqual([]);
    expect((await topics()).filter((topic) => topic.endsWith(other)).length).toBeGreaterThan(0);
    await look();
    expect((await deliveries(id)).map(({ type }) => type)).toContain("conversation:deleted");
  });

  it("of a conversation is written to the log only while a webhook is there to hear it", async () => {
    const logged = async () =>
      (await store.sql`select logs_events as is from heddle.agents where id = ${AGENT}`)[0]?.is;
    await store.sql`update heddle.api_keys set revoked_at = now()`;
    expect(await logged()).toBe(false);
    const id = await add();
    expect(await logged()).toBe(true);
    await store.begin("u1", "Hello");
    await look();
    const types = (await deliveries(id)).map(({ type }) => type);
    expect(types).toContain("message:new");
    await store.visitor("remove_webhook", of(id));
    expect(await logged()).toBe(false);
    expect([...await store.sql`select from heddle.deliveries`]).toEqual([]);
  });
});

describe("a webhook", () => {
  it("is refused that no event could be sent to, or that wants another organisation's", async () => {
    for (
      const refused of [
        { p_url: "ftp://hooks.example" },
        { p_url: "https://user:pass@hooks.example/" },
        { p_url: "https://hooks.example/ x" },
        { p_url: URL_OF, p_topics: [] },
        { p_url: URL_OF, p_format: "xml" },
        { p_url: URL_OF, p_topics: [{ orgId: STRANGER }] },
      ]
    ) {
      await expect(store.visitor("create_webhook", refused)).rejects.toMatchObject({ code: "PT400" });
    }
    for (let n = 0; n < 20; n++) await add();
    await expect(add()).rejects.toMatchObject({ code: "PT409" });
  });

  it("is shown without its URL and secrets, with what it wants and how it goes", async () => {
    const id = await add([{ source: "billing" }]);
    await log("b1");
    await look();
    const [taken] = await take();
    expect(taken.receiver).toMatchObject({ url: URL_OF, previousSecret: null });
    await end(taken, "failed");
    const webhook = await only(id);
    expect(webhook).toMatchObject({
      host: "hooks.example",
      topics: [{ source: "billing" }],
      on: true,
      offReason: null,
      failingSince: expect.any(String),
      queued: 1,
      failed: 0,
    });
    expect(JSON.stringify(webhook)).not.toMatch(/hidden|whsec_/);
  });

  it("that failed for five days on end is switched off, and says so", async () => {
    const id = await add();
    for (const [at, days, on] of [["first", 0, true], ["second", 4, true], ["third", 6, false]] as const) {
      await log(at);
      await look();
      await store.sql`update heddle.webhooks set failing_since = now() - make_interval(days => ${days})
        where id = ${id} and ${days} > 0`;
      const taken = (await take()).find(({ content }) => content.topic.endsWith(at));
      await end(taken, "failed");
      expect(await only(id)).toMatchObject({ on });
    }
    expect(await only(id)).toMatchObject({
      offReason: "Every try has failed for five days, the last one so: was failed",
    });
    await store.sql`update heddle.deliveries set due = now(), lease = null, leased_until = null`;
    expect(await take()).toMatchObject([{ receiver: null }, { receiver: null }, { receiver: null }]);
    await store.visitor("switch_webhook", of(id, { p_on: true }));
    expect(await only(id)).toMatchObject({ on: true, offReason: null, failingSince: null });
  });

  it("that wants nothing any more is switched off at once, and what waits is not sent", async () => {
    const id = await add();
    await log("1");
    await log("2");
    await look();
    const [first, second] = await take();
    await end(first, "dead");
    expect(await only(id)).toMatchObject({ on: false, offReason: "was dead" });
    await end(second, "failed");
    expect(await only(id)).toMatchObject({ on: false, offReason: "was dead" });
    await store.sql`update heddle.deliveries set due = now(), lease = null, leased_until = null`;
    expect(await take()).toMatchObject([{ receiver: null }]);
  });

  it("counts as good again after one try that went well", async () => {
    const id = await add();
    await log("1");
    await log("2");
    await look();
    const [first, second] = await take();
    await end(first, "failed");
    await end(second, "sent");
    expect(await only(id)).toMatchObject({ failingSince: null });
  });

  it("has two secrets for a day after the first was replaced", async () => {
    const { id, secret } = await store.visitor("create_webhook", { p_url: URL_OF });
    const rotated = await store.visitor("rotate_webhook", of(id));
    expect(rotated.secret).toMatch(/^whsec_.{44}$/);
    await log("1");
    await look();
    const [taken] = await take();
    expect(taken.receiver).toEqual({
      url: URL_OF,
      format: "heddle",
      secret: rotated.secret,
      previousSecret: secret,
    });
    await store.visitor("rotate_webhook", of(id, { p_grace: "0 seconds" }));
    await log("2");
    await look();
    expect((await take())[0].receiver).toMatchObject({ previousSecret: null });
  });
});

describe("what was sent", () => {
  it("is listed, the latest first, and sent again by its id", async () => {
    const id = await add();
    for (const name of ["1", "2", "3"]) await log(name);
    await look();
    const taken = await take();
    await end(taken[0], "sent");
    await end(taken[1], "dead");
    const listed = await deliveries(id);
    expect(listed.map(({ status, error }) => [status, error])).toEqual([
      ["queued", null],
      ["dead", "was dead"],
      ["sent", "was sent"],
    ]);
    expect(await deliveries(id, { p_failed: true })).toMatchObject([{ status: "dead" }]);
    expect(await deliveries(id, { p_before: listed[1].id })).toMatchObject([{ status: "sent" }]);
    const replayed = await store.visitor(
      "replay_webhook",
      of(id, { p_delivery_ids: [taken[0].id, taken[2].id] }),
    );
    expect(replayed).toEqual({ replayed: 1 });
    const [again] = await take();
    expect(again).toMatchObject({ id: taken[0].id, attempts: 1, content: { id: listed[2].eventId } });
  });

  it("is sent again by its time: what failed, what it never got since it was off, or all", async () => {
    const id = await add();
    await add();
    for (const name of ["1", "2"]) await log(name);
    await look();
    for (const each of await take(20)) {
      if (each.target === id) await end(each, each.content.topic.endsWith("1") ? "sent" : "dead");
    }
    await store.visitor("switch_webhook", of(id, { p_on: false }));
    await log("missed");
    await store.visitor("switch_webhook", of(id, { p_on: true }));
    await look();
    expect(await queuedFor(id)).toEqual(["1", "2"]);
    const window = { p_from: new Date(Date.now() - 3600_000).toISOString() };
    // Also events of the other tests stand in the log.
    expect((await store.visitor("replay_webhook", of(id, window))).replayed).toBeGreaterThanOrEqual(2);
    expect((await queuedFor(id)).filter((name) => name === "missed")).toHaveLength(1);
    const again = async () =>
      (await store.sql`
        select content ->> 'topic' as topic from heddle.deliveries
        where target = ${id} and status = 'queued'`).map(({ topic }) => topic.split(".").at(-1));
    expect(await again()).toEqual(expect.arrayContaining(["2", "missed"]));
    expect(await store.visitor("replay_webhook", of(id, window))).toEqual({ replayed: 0 });
    expect(await store.visitor("replay_webhook", of(id, { ...window, p_all: true }))).toEqual({
      replayed: 1,
    });
    await expect(store.visitor("replay_webhook", of(id))).rejects.toMatchObject({ code: "PT400" });
  });

  it("may be a test", async () => {
    const id = await add([{ source: "nothing" }]);
    const { id: delivery } = await store.visitor("test_webhook", of(id));
    expect(await take()).toMatchObject([{
      id: delivery,
      content: { type: "webhook.test", data: { webhookId: id } },
    }]);
  });
});

describe("the inbox", () => {
  const about = { p_agent_id: AGENT };

  it("lets owners keep webhooks who answer for every agent", async () => {
    const { id, secret } = await store.operator(OLGA, "inbox_create_webhook", { ...about, p_url: URL_OF });
    expect(secret).toMatch(/^whsec_/);
    const { id: delivery } = await store.operator(OLGA, "inbox_test_webhook", { ...about, ...of(id) });
    const { webhooks } = await store.operator(OLGA, "inbox_webhooks", about);
    expect(webhooks).toMatchObject([{ id, queued: 1 }]);
    const listed = await store.operator(OLGA, "inbox_deliveries", { ...about, ...of(id) });
    expect(listed.deliveries).toMatchObject([{ id: delivery, status: "queued" }]);
    await store.sql`update heddle.members set every_agent = false where user_id = ${OLGA}`;
    await store
      .sql`insert into heddle.member_agents (org_id, user_id, agent_id) values (${ORG}, ${OLGA}, ${AGENT})`;
    await expect(store.operator(OLGA, "inbox_webhooks", about)).rejects.toMatchObject({ code: "PT403" });
    await store.sql`delete from heddle.member_agents`;
    await store.sql`update heddle.members set every_agent = true where user_id = ${OLGA}`;
    await store.operator(OLGA, "inbox_remove_webhook", { ...about, ...of(id) });
    await expect(store.operator(OLGA, "inbox_deliveries", { ...about, ...of(id) }))
      .rejects.toMatchObject({ code: "PT404" });
  });

  it("shows operators and strangers nothing of them", async () => {
    await expect(store.operator(PIET, "inbox_webhooks", about)).rejects.toMatchObject({ code: "PT403" });
    await expect(store.operator(STRANGER, "inbox_webhooks", about)).rejects.toMatchObject({ code: "PT404" });
  });
});

describe("a URL that the worker would refuse", () => {
  const HTTPS = "The webhook URL must use https.";
  const PUBLIC = "The webhook's host must have public addresses only.";
  /** What is for whoever runs the installation, and not for an owner in the inbox. */
  const hint = "HEDDLE_ALLOW_PRIVATE_WEBHOOKS names hosts that may be otherwise.";
  const addOf = (p_url: string) => store.visitor("create_webhook", { p_url });
  const tellHosts = (hosts: string[] | null) =>
    store.sql`select heddle_api.take_deliveries('{webhook}', 1, null, ${hosts})`;
  afterAll(() => store.sql`update heddle.delivery_worker set private_hosts = null`);

  it("is taken while the worker has not said which hosts it calls", async () => {
    expect(await addOf("http://10.1.2.3/x")).toMatchObject({ secret: expect.any(String) });
  });

  it.each([
    ["http://10.1.2.3/x", HTTPS],
    ["http://hooks.example/x", HTTPS],
    ["https://10.1.2.3/x", PUBLIC],
    ["https://[::1]:8443/x", PUBLIC],
    ["https://[::ffff:8.8.8.8]/x", PUBLIC],
    ["https://LOCALHOST:8443", PUBLIC],
    ["https://169.254.169.254/latest", PUBLIC],
    ["https://2852039166/latest", PUBLIC],
    ["https://0x7f.1:8443", PUBLIC],
    ["https://0177.0.0.1/x", PUBLIC],
    ["https://127.0.0.%31/x", PUBLIC],
  ])("is refused at once: %s", async (url, detail) => {
    await tellHosts(["10.9.9.9", "127.0.0.1:5500"]);
    await expect(addOf(url)).rejects.toMatchObject({ detail, hint });
  });

  it.each([
    "https://hooks.example/x",
    "https://8.8.8.8/x",
    "https://[2606:4700::1111]/x",
    "http://10.9.9.9:81/x",
    "http://127.0.0.1:5500/x",
  ])("is none: %s", async (url) => {
    await tellHosts(["10.9.9.9", "127.0.0.1:5500"]);
    expect(await addOf(url)).toMatchObject({ secret: expect.any(String) });
  });

  it("of a bot is refused as well, and a bot that has one may still be renamed", async () => {
    const bot = (p_url: string) => store.visitor("create_bot", { p_name: "Fern", p_url });
    await tellHosts(null);
    await store.sql`update heddle.delivery_worker set private_hosts = null`;
    const { id: p_bot_id } = await bot("http://10.1.2.3/bot");
    await tellHosts([]);
    expect(await store.visitor("update_bot", { p_bot_id, p_changes: { name: "Ivy" } })).toMatchObject({
      name: "Ivy",
    });
    await expect(store.visitor("update_bot", { p_bot_id, p_changes: { url: "http://10.1.2.4/bot" } })).rejects
      .toMatchObject({ detail: HTTPS.replace("webhook", "bot") });
  });

  it("of a bot holds no user or password, whatever hosts are allowed", async () => {
    const detail = "The bot URL must not hold a user name or password.";
    const bot = (p_url: string, p_name = "Fern") =>
      store.operator(OLGA, "inbox_create_bot", { p_agent_id: AGENT, p_name, p_url });
    const { id: p_bot_id } = await bot("https://bot.example/a@b?c=d@e", "Moss");
    for (const hosts of [null, ["bot.example"]]) {
      await store.sql`update heddle.delivery_worker set private_hosts = ${hosts}`;
      for (
        const url of ["https://user:secret@bot.example/", "https://user@bot.example", "https://@bot.example"]
      ) {
        await expect(bot(url)).rejects.toMatchObject({ code: "PT400", detail });
        await expect(
          store.operator(OLGA, "inbox_update_bot", { p_agent_id: AGENT, p_bot_id, p_changes: { url } }),
        )
          .rejects.toMatchObject({ code: "PT400", detail });
      }
    }
  });

  it("differs by no address from what the worker refuses", async () => {
    for (const address of ADDRESSES) {
      const [row] = await store.sql`select heddle.is_public_address(${address}) as public`;
      expect([address, row?.public]).toEqual([address, isPublicAddress(address)]);
    }
  });
});

it("a webhook is known by its path, of which nothing is shown that may be a secret", async () => {
  const shown = async (url: string) => (await store.sql`select heddle.shown_path(${url}) as path`)[0]?.path;
  expect(await shown("https://shop.example")).toBe("");
  expect(await shown("https://shop.example/?key=hidden")).toBe("");
  expect(await shown("https://shop.example/heddle/orders#x")).toBe("/heddle/orders");
  expect(await shown("https://shop.example/v1/in/?key=hidden")).toBe("/v1/in/");
  expect(await shown("https://hooks.example/services/T024BE7LD/B024BE7LD/XoXhGpL0cOqTnMd8")).toBe(
    "/services/…/…/…",
  );
});
