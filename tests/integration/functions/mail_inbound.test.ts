import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEMO_ORG } from "../../support/event_readers.ts";
import { listen } from "../../support/listen.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { expectError } from "./support/errors.ts";
import { callFunction } from "./support/visitor.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const DOMAIN = "reply.shop.example";

/** Mails that the API hands out, by their ids. */
const received = new Map<string, object>();
const api = createServer((request, response) => {
  const mail = received.get(request.url ?? "");
  const isKnown = request.headers.authorization === "Bearer re_test" && mail !== undefined;
  response.writeHead(isKnown ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(isKnown ? mail : {}));
});

let stack: TestStack;
let mailApi: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  mailApi = await listen(api);
  stack = await startStack({
    storeTab: true,
    functionsEnv: {
      HEDDLE_INBOUND_DOMAIN: DOMAIN,
      HEDDLE_INBOUND_SECRET: SECRET,
      HEDDLE_MAIL_API_KEY: "re_test",
      HEDDLE_MAIL_API_URL: `${mailApi.url}/emails`,
    },
  });
  for (const name of ["away_reply", "needs_human"]) {
    const settings = stack.sql.json({ channels: ["email"], delay: 0, batch: 0 });
    await stack.sql`select heddle_api.set_rule(${stack.agent.id}, ${name}, true, null, ${settings})`;
  }
});
afterAll(async () => {
  await stack?.stop();
  await mailApi?.stop();
});
beforeEach(async () => {
  await stack.sql`delete from heddle.visitors`;
  await stack.sql`delete from heddle.deliveries`;
  await stack.sql`delete from heddle.members`;
  await stack.sql`
    insert into heddle.members (org_id, user_id, name, email, role)
    values (${DEMO_ORG}, ${OLGA}, 'Olga', 'olga@shop.example', 'owner')`;
  await fetch(`${stack.mailUrl}/api/v1/messages`, { method: "DELETE" });
});

const signed = (body: string, type: string, secret = SECRET) => {
  const id = `msg_${crypto.randomUUID()}`;
  const at = new Date();
  return {
    method: "POST",
    body,
    headers: {
      "content-type": type,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    },
  };
};
async function send(body: string, type = "message/rfc822") {
  const response = await callFunction(stack, "mail-inbound", signed(body, type));
  expect([response.status, response.body]).toEqual([200, expect.anything()]);
  return response.body;
}
let count = 0;
const mail = (to: string, text: string, headers: Record<string, string> = {}) =>
  Object.entries({
    "From": "Ada <ada@home.example>",
    "To": to,
    "Message-ID": `<${count++}@home.example>`,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("") + `\r\n${text}\r\n`;

/** A conversation of Ada's in which Olga has answered. */
async function answered(endUser = "ada"): Promise<string> {
  const [row] = await stack.sql`select heddle_api.store_post(
    p_agent_id => ${stack.agent.id}, p_end_user => ${endUser}, p_conversation_id => null,
    p_client_id => gen_random_uuid(), p_body => 'Is it in stock?') as posted`;
  const id = row?.posted.conversationId;
  await stack
    .sql`update heddle.visitors set email = 'Ada@home.example', name = 'Ada' where end_user_id = ${endUser}`;
  await stack.sql`insert into heddle.messages (conversation_id, role, author_id, author_name, body)
    values (${id}, 'operator', ${OLGA}, 'Olga', 'Yes, it is.')`;
  return id;
}
/** The address that the mail to this one is answered to, and what that mail says. */
async function replyAddress(address: string) {
  await stack.sql`select heddle_api.notify(${stack.agent.id})`;
  const read = async (path: string) => await (await fetch(`${stack.mailUrl}/api/v1${path}`)).json();
  let found: { ID: string }[] = [];
  await expect.poll(async () => {
    ({ messages: found } = await read(`/search?query=to:${address}`));
    return found.length;
  }).toBe(1);
  // It may be there before the database knows.
  const { total } = await read("/messages");
  await expect.poll(() => stack.sql`select from heddle.deliveries where kind = 'email' and status = 'sent'`)
    .toHaveLength(total);
  const { Text } = await read(`/message/${found[0]?.ID}`);
  const headers = await read(`/message/${found[0]?.ID}/headers`);
  return { text: String(Text), replyTo: String(headers["Reply-To"]?.[0]) };
}
const thread = (id: string) =>
  stack.sql`select role, author_name, body from heddle.messages where conversation_id = ${id} order by seq`;
const said = async (id: string) => (await thread(id)).map(({ role, body }) => `${role}: ${body}`);
const ALREADY = ["visitor: Is it in stock?", "operator: Yes, it is."];

describe("a visitor's answer by mail", () => {
  it("is what they wrote, also where they read another language by now than that of the mail", async () => {
    const id = await answered();
    await stack.sql`update heddle.visitors set language = 'de'`;
    const { replyTo, text } = await replyAddress("ada@home.example");
    expect(text).toMatch(/^-- Bitte schreiben Sie Ihre Antwort über diese Zeile --\n/);
    await stack.sql`update heddle.visitors set language = 'fr'`;
    const quoted = text.split("\n").map((line) => `> ${line}`).join("\r\n");
    const utf8 = { "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit" };
    expect(await send(mail(replyTo, `Zwei, bitte.\r\n\r\nAm Sonntag schrieb Shop:\r\n${quoted}`, utf8)))
      .toEqual({ outcome: "posted" });
    expect(await said(id)).toEqual([...ALREADY, "visitor: Zwei, bitte."]);
  });

  it("is a message of theirs, once, and what the mail had counts as read", async () => {
    const id = await answered();
    const { replyTo, text } = await replyAddress("ada@home.example");
    expect(text).toMatch(/^-- Write your answer above this line --\n/);
    const quoted = text.split("\n").map((line) => `> ${line}`).join("\r\n");
    const answer = mail(replyTo, `Two, please.\r\n\r\nOn Sunday Shop <${replyTo}> wrote:\r\n${quoted}`);
    expect(await send(answer)).toEqual({ outcome: "posted" });
    expect(await send(answer)).toEqual({ outcome: "known" });
    expect(await said(id)).toEqual([...ALREADY, "visitor: Two, please."]);
    const [seat] = await stack
      .sql`select read_seq from heddle.participants where conversation_id = ${id} and role = 'visitor'`;
    expect(seat?.read_seq).toBeGreaterThanOrEqual(2);
  });

  it("comes through the API as well", async () => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    received.set("/emails/receiving/m1", {
      from: "Ada <ada@home.example>",
      to: [replyTo],
      subject: "Re: an answer",
      message_id: "<api@home.example>",
      text: "Two, please.",
      html: null,
      headers: {},
      attachments: [{ id: "a1" }],
    });
    const event = (email_id: string) => JSON.stringify({ type: "email.received", data: { email_id } });
    expect(await send(event("m1"), "application/json")).toEqual({ outcome: "posted" });
    expect(await said(id)).toEqual([...ALREADY, "visitor: Two, please.\n\n(A file came with this by mail.)"]);
    expectError(
      await callFunction(stack, "mail-inbound", signed(event("m2"), "application/json")),
      "source_failed",
    );
    expect(await send('{"type":"email.sent","data":{}}', "application/json")).toMatchObject({
      outcome: "ignored",
    });
  });

  it.each([
    [{ "Auto-Submitted": "auto-replied" }, "auto-submitted"],
    [{ "Precedence": "bulk" }, "bulk"],
    [{ "Return-Path": "<>" }, "bounce"],
  ])("is ignored where nobody wrote it: %j", async (headers, reason) => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    expect(await send(mail(replyTo, "I am away.", headers))).toEqual({ outcome: "ignored", reason });
    expect(await said(id)).toEqual(ALREADY);
  });

  it("is what its subject says where nothing else stands in it", async () => {
    const id = await answered();
    const { replyTo, text } = await replyAddress("ada@home.example");
    const quoted = text.split("\n").map((line) => `> ${line}`).join("\r\n");
    const quoting = `\r\n\r\nOn Sunday Shop <${replyTo}> wrote:\r\n${quoted}`;
    expect(await send(mail(replyTo, quoting, { Subject: "Re: Fern & Fable has answered you" })))
      .toEqual({ outcome: "empty" });
    expect(await send(mail(replyTo, quoting, { Subject: "Call me at 555-1234" }))).toEqual({
      outcome: "posted",
    });
    expect(await said(id)).toEqual([...ALREADY, "visitor: Call me at 555-1234"]);
  });

  it("is no sign that they put to the mail, which reopens nothing", async () => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    await stack.sql`update heddle.conversations set status = 'resolved' where id = ${id}`;
    const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
    const reaction = part("text/plain; charset=utf-8", "👍\r\n\r\nAda reacted via Gmail") +
      part("text/vnd.google.email-reaction+json", '{"emoji":"👍","version":1}') +
      `${part("text/html; charset=utf-8", "<p>👍</p>")}--b--`;
    const headers = { "Content-Type": 'multipart/alternative; boundary="b"' };
    expect(await send(mail(replyTo, reaction, headers))).toEqual({ outcome: "ignored", reason: "reaction" });
    expect(await said(id)).toEqual(ALREADY);
    expect(await stack.sql`select status, waiting_since from heddle.conversations where id = ${id}`)
      .toMatchObject([{ status: "resolved", waiting_since: null }]);
  });

  it("is held where it came from elsewhere, or its domain does not vouch for it", async () => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    const forged = { "Authentication-Results": "mx.example; dmarc=fail" };
    expect(await send(mail(replyTo, "Send it to Eve.", { From: "eve@evil.example" }))).toEqual({
      outcome: "held",
    });
    expect(await send(mail(replyTo, "Send it to Eve.", forged))).toEqual({ outcome: "held" });
    expect(await said(id)).toEqual(ALREADY);
    const held = await stack.sql`select sender, body, reason from heddle.held_mails order by id`;
    expect(held).toMatchObject([
      {
        sender: "eve@evil.example",
        body: "Send it to Eve.",
        reason: expect.stringContaining("another address"),
      },
      { sender: "ada@home.example", reason: expect.stringContaining("DMARC") },
    ]);
  });

  it.each([
    ["ada+shop@home.example", "ada@home.example", "posted"],
    ["ada@home.example", "ada+lists@home.example", "posted"],
    ["a.d.a@gmail.com", "ada@googlemail.com", "posted"],
    ["ada+shop@home.example", "bob@home.example", "held"],
    ["ada+shop@home.example", "ada@evil.example", "held"],
    ["a.d.a@home.example", "ada@home.example", "held"],
    ["ada+shop@home.example", "+shop@home.example", "held"],
  ])("to %s from %s, which its domain vouches for, is %s", async (to, from, outcome) => {
    const id = await answered();
    await stack.sql`update heddle.visitors set email = ${to}`;
    const { replyTo } = await replyAddress(encodeURIComponent(to));
    const verdict = (dmarc: string) => ({
      "From": from,
      "Authentication-Results": `mx.example; dmarc=${dmarc} header.from=${
        from.split("@")[1]
      }; dkim=pass header.d=${from.split("@")[1]}`,
    });
    expect(await send(mail(replyTo, "Not found out by DMARC", verdict("none")))).toEqual({ outcome: "held" });
    expect(await send(mail(replyTo, "Two, please.", verdict("pass")))).toEqual({ outcome });
    expect(await said(id)).toEqual([...ALREADY, ...(outcome === "posted" ? ["visitor: Two, please."] : [])]);
  });

  it("goes on after they have signed in, and what the mail had counts as read", async () => {
    const anonymous = `anon_${"0".repeat(31)}1`;
    const id = await answered(anonymous);
    await stack.sql`update heddle.visitors set answered_from = heddle.address_hash('ada@home.example')`;
    const { replyTo } = await replyAddress("ada@home.example");
    await stack.sql`select heddle_api.store_sign_in(
      ${stack.agent.id}, ${anonymous}, 'ada', ${stack.sql.json({ email: "ada@home.example" })})`;
    expect(await send(mail(replyTo, "Two, please."))).toEqual({ outcome: "posted" });
    expect(await said(id)).toEqual([...ALREADY, "visitor: Two, please."]);
    const [seat] = await stack
      .sql`select read_seq from heddle.participants where conversation_id = ${id} and role = 'visitor'`;
    expect(seat?.read_seq).toBeGreaterThanOrEqual(2);
  });

  it("goes nowhere once they are no part of the conversation, or are erased", async () => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    await stack.sql`delete from heddle.participants where conversation_id = ${id} and role = 'visitor'`;
    expect(await send(mail(replyTo, "Hello?"))).toEqual({ outcome: "refused" });
    expect(await said(id)).toEqual(ALREADY);
    await stack.sql`select heddle_api.store_erase(${stack.agent.id}, 'ada')`;
    expect(await send(mail(replyTo, "Hello?"))).toEqual({ outcome: "refused" });
    expect(await stack.sql`select from heddle.held_mails`).toHaveLength(0);
  });

  it("is asked of a bot that answers there although the team has written", async () => {
    await stack
      .sql`select heddle_api.create_bot(${stack.agent.id}, 'Fern bot', 'http://127.0.0.1:9/bot', 'always')`;
    try {
      const id = await answered();
      const { replyTo } = await replyAddress("ada@home.example");
      await stack.sql`delete from heddle.bot_turns`;
      expect(await send(mail(replyTo, "And a pot?"))).toEqual({ outcome: "posted" });
      // Nothing listens there, so that the bot fails; that it was asked is what shows.
      await expect.poll(
        () => stack.sql`select from heddle.widget_issues where agent_id = ${stack.agent.id}`,
      ).not.toHaveLength(0);
      expect(id).toBeTruthy();
    } finally {
      await stack.sql`delete from heddle.bots`;
    }
  });
});

describe("an operator's answer by mail", () => {
  async function asked() {
    const id = await answered();
    await stack.sql`update heddle.conversations set needs_human = true where id = ${id}`;
    return { id, ...await replyAddress("olga@shop.example") };
  }

  it("is a reply of theirs in the conversation", async () => {
    const { id, replyTo } = await asked();
    const answer = mail(replyTo, "I have set two aside.", { From: "Olga <Olga@Shop.example>" });
    expect(await send(answer)).toEqual({ outcome: "posted" });
    expect((await thread(id)).at(-1)).toMatchObject({
      role: "operator",
      author_name: "Olga",
      body: "I have set two aside.",
    });
  });

  it("is refused once they have left the team, and held if a visitor has their address", async () => {
    const { id, replyTo } = await asked();
    expect(await send(mail(replyTo, "I am Olga."))).toEqual({ outcome: "held" });
    await stack.sql`delete from heddle.members`;
    expect(await send(mail(replyTo, "Still me.", { From: "olga@shop.example" }))).toEqual({
      outcome: "refused",
    });
    expect(await said(id)).toEqual(ALREADY);
  });
});

describe("nobody else gets into a conversation", () => {
  it("with what takes long to read: it is not read before the address is", async () => {
    await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    const reaction = { "Content-Type": "text/vnd.google.email-reaction+json" };
    const outcomeAt = (to: string) => send(mail(to, "{}", reaction));
    expect(await outcomeAt(replyTo)).toEqual({ outcome: "ignored", reason: "reaction" });
    expect(await outcomeAt(`nobody@${DOMAIN}`)).toEqual({ outcome: "ignored", reason: "no-address" });
  });

  it("with an address that is made up, or changed, or of another domain", async () => {
    const id = await answered();
    const { replyTo } = await replyAddress("ada@home.example");
    const at = replyTo.indexOf("@");
    const last = replyTo[at - 1] === "a" ? "b" : "a";
    for (
      const to of [
        replyTo.slice(0, at - 1) + last + replyTo.slice(at),
        `reply+${"a".repeat(56)}@${DOMAIN}`,
        replyTo.replace(DOMAIN, "evil.example"),
        `chat@${DOMAIN}`,
      ]
    ) {
      expect(await send(mail(to, "Hello"))).toEqual({ outcome: "ignored", reason: "no-address" });
    }
    expect(await said(id)).toEqual(ALREADY);
  });

  it("without the provider's signature", async () => {
    const body = mail(`reply+x@${DOMAIN}`, "Hello");
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    const unsigned = { method: "POST", body, headers: { "content-type": "message/rfc822" } };
    expectError(await callFunction(stack, "mail-inbound", unsigned), "invalid_api_key");
    expectError(
      await callFunction(stack, "mail-inbound", signed(body, "message/rfc822", other)),
      "invalid_api_key",
    );
    const changed = { ...signed(body, "message/rfc822"), body: `${body}!` };
    expectError(await callFunction(stack, "mail-inbound", changed), "invalid_api_key");
  });
});
