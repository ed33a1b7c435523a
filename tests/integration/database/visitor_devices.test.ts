import { createECDH } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BROWSER_KEYS, NO_SUBSCRIPTIONS } from "../../support/push_subscriptions.ts";
import { AGENT, type ConversationStore, createStore, type Json, OLGA } from "./conversation_store.ts";

let store: ConversationStore;
beforeAll(async () => {
  store = await createStore();
  await store.sql`insert into heddle.push_keys (public_key, private_key) values (${"B".repeat(87)}, ${
    "p".repeat(43)
  })`;
});
afterAll(() => store.drop());
beforeEach(async () => {
  await store.sql`delete from heddle.visitors`;
  await store.sql`delete from heddle.deliveries`;
  await store.sql`delete from heddle.notification_rules`;
  await store.sql`delete from heddle.notification_cursors`;
});

const DEVICE = {
  p_endpoint: "https://push.example/1",
  p_p256dh: BROWSER_KEYS.p256dh,
  p_auth: BROWSER_KEYS.auth,
};
const rule = (p_on: boolean, p_settings: object = {}) =>
  store.visitor("set_rule", { p_rule: "away_reply", p_on, p_settings });
const notify = () => store.sql`select heddle_api.notify(${AGENT})`;
const pushOn = (p_end_user: string, more: object = {}) =>
  store.visitor("store_push_on", { p_end_user, ...DEVICE, ...more });
const reply = (id: string, body: string) =>
  store.operator(OLGA, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: body,
  });
const devices = async () => [
  ...await store.sql`
    select end_user_id as visitor, endpoint from heddle.visitor_devices device
    join heddle.visitors visitor on visitor.id = visitor_id order by endpoint`,
];

/** Seconds until what waits is due. */
async function waits(): Promise<number[]> {
  const rows = await store.sql`
    select round(extract(epoch from due - now()))::int as seconds
    from heddle.deliveries where status = 'queued' and kind = 'push' order by id`;
  return rows.map(({ seconds }) => seconds);
}

async function take(): Promise<Json[]> {
  await store.sql`update heddle.deliveries set due = now() where status = 'queued'`;
  const [row] = await store.sql`select heddle_api.take_deliveries(array['email', 'push'], 100) as taken`;
  return row?.taken;
}
/** Each that waits is tried, with this outcome. */
async function ended(outcome: string): Promise<Json[]> {
  const taken = await take();
  for (const { id, lease } of taken) {
    await store.sql`select heddle_api.end_delivery(${id}, ${lease}, ${outcome})`;
  }
  return taken.map(({ receiver }) => receiver);
}
const sent = () => ended("sent");
const works = () => store.sql`update heddle.visitor_devices set has_worked = true`;
/** Which browsers are told in a round of so many: of most the last that was queued is due longest, few and known are due last. */
async function inTurn(count: number): Promise<string[]> {
  await store.sql`
    update heddle.deliveries set due = now() - interval '1 hour' - make_interval(secs => id) where status = 'queued'`;
  await store.sql`update heddle.deliveries set due = now() - interval '1 minute' where target in (
    select id from heddle.visitor_devices where endpoint ~ '(few|known)$')`;
  const [row] = await store.sql`select heddle_api.take_deliveries('{push}', ${count}) as taken`;
  return row?.taken.map(({ receiver }: Json) => new URL(receiver.endpoint).pathname.split("/")[1]).sort();
}

describe("a push message to a visitor", () => {
  it("leaves once whoever reads along has said so, and says nothing of what was answered", async () => {
    await rule(true);
    const id = await store.begin("anon_1", "Is it in stock?");
    await store.sql`update heddle.visitors set page = '{"url": "https://shop.example/ferns?q=1#top"}'`;
    await pushOn("anon_1");
    await reply(id, "Yes, under the palm.");
    await notify();
    expect(await waits()).toEqual([10]);
    expect(await sent()).toEqual([{
      endpoint: DEVICE.p_endpoint,
      keys: { p256dh: DEVICE.p_p256dh, auth: DEVICE.p_auth },
      message: {
        title: expect.any(String),
        agentId: AGENT,
        conversationId: id,
        url: "https://shop.example/ferns",
      },
      unread: { language: "en", count: 1, answers: true },
      priority: "normal",
    }]);
  });

  it("says that there is a message where it answers none", async () => {
    await rule(true);
    const id = await store.begin("u1");
    await store.sql`delete from heddle.messages where conversation_id = ${id}`;
    await store.sql`update heddle.participants set read_seq = 0`;
    await pushOn("u1");
    await reply(id, "Your parcel is here.");
    await notify();
    expect((await sent()).map(({ unread }) => unread)).toMatchObject([{ count: 1, answers: false }]);
  });

  it("leaves once in the window of a conversation, and collects what comes meanwhile", async () => {
    await rule(true);
    const [first, second] = [await store.begin("u1"), await store.begin("u1")];
    await pushOn("u1");
    await reply(first, "One");
    await notify();
    expect(await sent()).toHaveLength(1);
    await reply(first, "Two");
    await notify();
    await reply(second, "Elsewhere");
    await notify();
    expect(await waits()).toEqual([900, 10]);
    expect((await sent()).map(({ unread }) => unread)).toMatchObject([
      { count: 2 },
      { count: 1, answers: true },
    ]);
  });

  it("to who has not signed in leaves once in the window, however many conversations they begin", async () => {
    await rule(true);
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push(await store.begin("anon_1"));
    const [first = "", second = "", third = ""] = ids;
    await pushOn("anon_1");
    await reply(first, "One");
    await notify();
    await reply(second, "Two");
    await notify();
    expect(await waits()).toEqual([10]);
    expect((await sent()).map(({ message }) => message)).toMatchObject([{ conversationId: second }]);
    for (const id of ids.slice(1)) {
      await reply(id, "More");
      await notify();
    }
    await reply(third, "The newest");
    await notify();
    expect(await waits()).toEqual([900]);
    expect(await sent()).toMatchObject([{ message: { conversationId: third }, unread: { count: 2 } }]);
  });

  it("goes to each browser of theirs, for a bot's answer too, and not for what they or others write", async () => {
    await rule(true, { channels: ["push"] });
    const id = await store.begin("u1");
    await pushOn("u1");
    await pushOn("u1", { p_endpoint: "https://push.example/2" });
    await notify();
    expect(await waits()).toEqual([]);
    await store
      .sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'It is.')`;
    await notify();
    expect(await sent()).toHaveLength(2);
    await store.visitor("store_post", {
      p_end_user: "u1",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Thanks",
    });
    await notify();
    expect(await waits()).toEqual([]);
  });

  it("waits for the first to each other visitor where it is one of several to theirs", async () => {
    await rule(true);
    const many = await store.begin("u1");
    for (let n = 1; n <= 5; n++) await pushOn("u1", { p_endpoint: `https://push.example/many/${n}` });
    const few = await store.begin("u2");
    await pushOn("u2", { p_endpoint: "https://push.example/few" });
    await works();
    for (const id of [many, few]) await reply(id, "Here.");
    await notify();
    expect(await inTurn(2)).toEqual(["few", "many"]);
  });

  it("waits for those to browsers that have worked where its own never has", async () => {
    await rule(true);
    const [known, stranger] = [await store.begin("u1"), await store.begin("anon_1")];
    await pushOn("u1", { p_endpoint: "https://push.example/known" });
    await works();
    for (let n = 1; n <= 5; n++) await pushOn("anon_1", { p_endpoint: `https://push.example/new/${n}` });
    for (const id of [stranger, known]) await reply(id, "Here.");
    await notify();
    expect(await inTurn(1)).toEqual(["known"]);
    expect(await inTurn(1)).toEqual(["new"]);
  });

  it("is not sent once it was read, its rule or channel is off, or the browser is gone", async () => {
    await rule(true);
    const id = await store.begin("u1");
    await pushOn("u1");
    const receivers = async (meanwhile: () => Promise<unknown>) => {
      await reply(id, "Here.");
      await notify();
      await meanwhile();
      const taken = await take();
      await store.sql`delete from heddle.deliveries`;
      return taken.map(({ receiver }) => receiver);
    };
    expect(await receivers(() => store.sql`select 1`)).toHaveLength(1);
    const read = () =>
      store.visitor("store_read", { p_end_user: "u1", p_conversation_id: id, p_seq: 1000, p_seen: true });
    expect(await receivers(read)).toEqual([null]);
    expect(await receivers(() => rule(true, { channels: ["email"] }))).toEqual([null]);
    await rule(true, { channels: ["push"] });
    expect(await receivers(() => store.visitor("store_push_off", { p_end_user: "u1", ...endpoint }))).toEqual(
      [null],
    );
    expect(await receivers(() => store.sql`select 1`)).toEqual([]);
  });

  it("leaves nothing behind once its visitor is erased, and the export tells of their browsers", async () => {
    await rule(true);
    const id = await store.begin("u1");
    await pushOn("u1");
    await reply(id, "Here.");
    await notify();
    const exported = await store.visitor("store_export", { p_end_user: "u1" });
    expect(exported.endUser.pushedTo).toEqual([{ endpoint: DEVICE.p_endpoint, since: expect.any(String) }]);
    await store.visitor("store_erase", { p_end_user: "u1" });
    expect([await devices(), await take()]).toEqual([[], []]);
  });
});

const endpoint = { p_endpoint: DEVICE.p_endpoint };

describe("a browser", () => {
  it("tells the visitor alone who asked for it there last, in five browsers at most", async () => {
    await store.begin("u1");
    await store.begin("u2");
    await pushOn("u1");
    await pushOn("u2");
    expect(await devices()).toEqual([{ visitor: "u2", endpoint: DEVICE.p_endpoint }]);
    // Another's is none of theirs to end.
    await store.visitor("store_push_off", { p_end_user: "u1", ...endpoint });
    for (let n = 2; n <= 6; n++) await pushOn("u2", { p_endpoint: `https://push.example/${n}` });
    expect((await devices()).map(({ endpoint }) => endpoint.slice(-1))).toEqual(["2", "3", "4", "5", "6"]);
  });

  it("of an anonymous visitor tells nobody any more once they have signed in", async () => {
    await store.begin("anon_1");
    await pushOn("anon_1");
    await store.visitor("store_sign_in", { p_anonymous: "anon_1", p_end_user: "u1" });
    expect(await devices()).toEqual([]);
  });

  it("is forgotten when its push service says that it is gone", async () => {
    await store.begin("u1");
    await pushOn("u1");
    await store.sql`select heddle_api.forget_push(id) from heddle.visitor_devices`;
    expect(await devices()).toEqual([]);
  });

  it("that has never worked is forgotten once a message to it is refused, another after three in a row", async () => {
    await rule(true, { batch: 0 });
    const id = await store.begin("u1");
    const told = async (outcome: string) => {
      await reply(id, "Here.");
      await notify();
      await ended(outcome);
      return (await devices()).length;
    };
    await pushOn("u1");
    expect(await told("dead")).toBe(0);
    await pushOn("u1");
    const seen = [];
    for (const outcome of ["sent", "dead", "dead", "sent", "dead", "dead", "dead"]) {
      seen.push(await told(outcome));
    }
    expect(seen).toEqual([1, 1, 1, 1, 1, 1, 0]);
  });

  it("that has never worked is forgotten after six tries, however many messages wait; another is not", async () => {
    await rule(true, { batch: 0 });
    const ids = [await store.begin("u1"), await store.begin("u1"), await store.begin("u1")];
    const fail = async () => {
      for (const id of ids) await reply(id, "Here.");
      await notify();
      await ended("failed");
      return (await devices()).length;
    };
    await pushOn("u1");
    expect([await fail(), await fail()]).toEqual([1, 0]);
    // What waits for it is not wanted any more.
    expect(new Set(await ended("suppressed"))).toEqual(new Set([null]));
    await pushOn("u1");
    await reply(ids[0] ?? "", "Here.");
    await notify();
    await ended("sent");
    for (let n = 0; n < 4; n++) expect(await fail()).toBe(1);
  });

  it("tells nobody who has never written", async () => {
    await expect(pushOn("nobody")).rejects.toMatchObject({ code: "PT404" });
  });

  it.each(NO_SUBSCRIPTIONS)("that is none is refused: %j", async ({ endpoint, p256dh, auth }, detail) => {
    await store.begin("u1");
    const wrong = {
      p_endpoint: endpoint ?? DEVICE.p_endpoint,
      p_p256dh: p256dh ?? DEVICE.p_p256dh,
      p_auth: auth ?? DEVICE.p_auth,
    };
    await expect(pushOn("u1", wrong)).rejects.toMatchObject({ code: "PT400", detail });
  });

  it("has the keys that a browser makes, and an address anywhere on the internet", async () => {
    await store.begin("u1");
    for (
      const p_endpoint of ["https://push.example:443/1", "https://8.8.8.8/1", "https://[2606:4700::1111]/1"]
    ) {
      const ecdh = createECDH("prime256v1");
      ecdh.generateKeys();
      await pushOn("u1", { p_endpoint, p_p256dh: ecdh.getPublicKey("base64url") });
    }
    expect(await devices()).toHaveLength(3);
  });

  it("may be behind a private push service where this database names its host, and nowhere else", async () => {
    await store.begin("u1");
    await store.sql`update heddle.delivery_worker set private_hosts = '{127.0.0.1,10.0.0.7}'`;
    const at = (p_endpoint: string) => pushOn("u1", { p_endpoint });
    await expect(at("http://127.0.0.1:9/1")).rejects.toMatchObject({ code: "PT400" });
    await store.sql`update heddle.delivery_worker set push_hosts = '{127.0.0.1}'`;
    await at("http://127.0.0.1:9/1");
    await expect(at("http://10.0.0.7/1")).rejects.toMatchObject({ code: "PT400" });
    await expect(at("http://user@127.0.0.1:9/1")).rejects.toMatchObject({ code: "PT400" });
    await store.sql`update heddle.delivery_worker set push_hosts = default, private_hosts = null`;
  });
});

it("the widget learns what to subscribe with only while a rule tells visitors by push", async () => {
  const keys = async () => {
    const { tabs } = await store.visitor("widget_context", {});
    return tabs.map(({ source, pushKey }: Json) => [source, pushKey]);
  };
  const [store_] = await store.sql`select id from heddle.tabs where agent_id = ${AGENT} and source = 'store'`;
  expect(store_).toBeDefined();
  const off = (await keys()).filter(([, key]: [string, string | null]) => key !== null);
  expect(off).toEqual([]);
  await rule(true);
  expect((await keys()).filter(([, key]: [string, string | null]) => key !== null)).toEqual([
    ["store", "B".repeat(87)],
  ]);
  await rule(true, { channels: ["email"] });
  expect((await keys()).filter(([, key]: [string, string | null]) => key !== null)).toEqual([]);
});
