import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { LANGUAGES } from "../../../shared/languages.ts";
import { BROWSER_KEYS } from "../../support/push_subscriptions.ts";
import { AGENT, type Json, OLGA, useStore } from "./conversation_store.ts";

const store = useStore();
beforeEach(async () => {
  await store.sql`delete from heddle.bots`;
  await store.sql`delete from heddle.deliveries`;
  await store.sql`delete from heddle.visitors`;
});

const someone = () => `anon_${randomBytes(16).toString("hex")}`;
const write = async (endUser: string, language?: unknown, id: string | null = null): Promise<string> => {
  const { conversationId } = await store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Hello",
    p_visitor: language === undefined ? null : { language },
  });
  return conversationId;
};
const change = (endUser: string, p_changes: object) =>
  store.visitor("store_visitor", { p_end_user: endUser, p_changes });
const signIn = (anonymous: string, endUser: string) =>
  store.visitor("store_sign_in", { p_anonymous: anonymous, p_end_user: endUser });
const languageOf = async (endUser: string) => {
  const [row] = await store.sql`select language from heddle.visitors where end_user_id = ${endUser}`;
  return row && row.language;
};
const awayFor = (endUser: string, days: number) =>
  store.sql`
  update heddle.visitors set last_seen_at = now() - make_interval(days => ${days}) where end_user_id = ${endUser}`;

describe("a visitor's language", () => {
  it("is that of what they read where they wrote last", async () => {
    const id = await write("ada", "de-AT");
    expect(await languageOf("ada")).toBe("de");
    await write("ada", "pt_BR", id);
    expect(await languageOf("ada")).toBe("pt");
    await write("ada", "en");
    expect(await languageOf("ada")).toBe("en");
  });

  it.each(
    LANGUAGES.flatMap((language) => [language, `${language.toUpperCase()}-XX`, ` ${language}_XX.UTF-8`]),
  )(
    "is one of seven: %j",
    async (tag) => {
      await write("ada", tag);
      expect(await languageOf("ada")).toBe(tag.trim().slice(0, 2).toLowerCase());
    },
  );

  it.each(["ja", "est", "dev", "", " ", "constructor", "../de", 5, { de: 1 }, ["de"], null])(
    "stays what it was where a tag names none of them, and the message is taken: %j",
    async (tag) => {
      await write("ada", "fr");
      const id = await write("ada", tag);
      expect([await languageOf("ada"), typeof id]).toEqual(["fr", "string"]);
      await write("bo", tag);
      expect(await languageOf("bo")).toBeNull();
    },
  );

  it("is what the site says since, until they write again", async () => {
    await write("ada", "fr");
    await change("ada", { language: "nl" });
    await change("ada", { name: "Ada" });
    expect(await languageOf("ada")).toBe("nl");
    await write("ada");
    expect(await languageOf("ada")).toBe("nl");
    await write("ada", "fr");
    expect(await languageOf("ada")).toBe("fr");
    await change("ada", { language: null });
    expect(await languageOf("ada")).toBeNull();
  });

  it.each([
    ["an anonymous visitor's, who was here later", 3, 1, "de"],
    ["that of who had signed in, who was here later", 1, 3, "it"],
  ])("is, once they sign in, %s", async (_, signedInAgo, anonymousAgo, language) => {
    const anonymous = someone();
    await write("ada", "it");
    await write(anonymous, "de");
    await awayFor("ada", signedInAgo);
    await awayFor(anonymous, anonymousAgo);
    await signIn(anonymous, "ada");
    expect([await languageOf("ada"), await languageOf(anonymous)]).toEqual([language, null]);
  });

  it("is, of who signs in, the only one that is known", async () => {
    const [silent, german] = [someone(), someone()];
    await write(german, "de");
    await signIn(german, "ada");
    await write(silent);
    await signIn(silent, "ada");
    expect(await languageOf("ada")).toBe("de");
  });

  it("is exported, and erased with them", async () => {
    await write("ada", "es");
    const exported = await store.visitor("store_export", { p_end_user: "ada" });
    expect(exported.endUser.language).toBe("es");
    await store.visitor("store_erase", { p_end_user: "ada" });
    expect(await languageOf("ada")).toBeUndefined();
    await write("ada");
    expect(await languageOf("ada")).toBeNull();
  });

  it("is that of the line where a bot has failed, and nobody is said to ask", async () => {
    const lines = new Map<string, string>();
    await store.sql`select heddle_api.set_rule(${AGENT}, 'needs_human', true)`;
    await store.sql`select heddle_api.create_bot(${AGENT}, 'Fern bot', 'https://bot.example/')`;
    for (const language of ["", ...LANGUAGES]) {
      const id = await write(`reads ${language}`, language);
      await change(`reads ${language}`, { name: "Rosa" });
      const { forSeq, clientId } = await store.visitor("bot_take", { p_conversation_id: id });
      await store.sql`select heddle_api.bot_done(${id}, ${forSeq}, ${clientId}, 'failed', null, false)`;
      const thread = await store.visitor("store_thread", {
        p_end_user: `reads ${language}`,
        p_conversation_id: id,
      });
      lines.set(language, thread.messages.at(-1).text);
    }
    expect(lines.get("en")).toBe("The assistant could not answer. A person will answer here.");
    expect(lines.get("")).toBe(lines.get("en"));
    expect(lines.get("de")).toMatch(/^Der Assistent konnte nicht antworten\./);
    expect(new Set(lines.values()).size).toBe(LANGUAGES.length);
    await store.sql`select heddle_api.notify(${AGENT})`;
    const { notifications } = await store.operator(OLGA, "inbox_notifications", { p_agent_id: AGENT });
    expect(notifications.map(({ content }: Json) => content)).toEqual(
      Array(lines.size).fill("Rosa got no answer from the assistant."),
    );
    await store.sql`select heddle_api.set_rule(${AGENT}, 'needs_human', false)`;
  });

  it("is the agent's where it is not known", async () => {
    await write("ada");
    const written = async () => {
      const [row] = await store
        .sql`select heddle.language_for(visitor) as language from heddle.visitors visitor`;
      return row?.language;
    };
    expect(await written()).toBe("en");
    await store.sql`update heddle.agents set display = '{"locale": "de-CH"}'`;
    expect(await written()).toBe("de");
    await store.sql`update heddle.agents set display = '{"locale": "ja"}'`;
    expect(await written()).toBe("en");
    await store.sql`update heddle.agents set display = '{"locale": "de"}'`;
    await change("ada", { language: "it" });
    expect(await written()).toBe("it");
    await store.sql`update heddle.agents set display = '{}'`;
  });

  it("goes with what they are mailed and told by push", async () => {
    await store.sql`select heddle_api.set_rule(${AGENT}, 'away_reply', true)`;
    for (const [endUser, language] of [["ada", "de"], ["bo", undefined]] as const) {
      const id = await write(endUser, language);
      await change(endUser, { email: `${endUser}@home.example` });
      const p_endpoint = `https://push.example/${endUser}`;
      const keys = { p_p256dh: BROWSER_KEYS.p256dh, p_auth: BROWSER_KEYS.auth };
      await store.visitor("store_push_on", { p_end_user: endUser, p_endpoint, ...keys });
      await store.operator(OLGA, "inbox_post", {
        p_conversation_id: id,
        p_client_id: crypto.randomUUID(),
        p_body: "Yes",
      });
    }
    await store.sql`select heddle_api.notify(${AGENT})`;
    await store.sql`update heddle.deliveries set due = now() where status = 'queued'`;
    const [row] = await store.sql`select heddle_api.take_deliveries(array['email', 'push'], 100) as taken`;
    const told = row?.taken.map(({ receiver }: Json) => [
      receiver.to?.address ?? receiver.endpoint,
      receiver.language ?? receiver.unread.language,
    ]);
    expect(told.sort()).toEqual([
      ["ada@home.example", "de"],
      ["bo@home.example", "en"],
      ["https://push.example/ada", "de"],
      ["https://push.example/bo", "en"],
    ]);
  });
});
