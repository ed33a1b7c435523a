import { afterEach, describe, expect, it } from "vitest";
import { AGENT, OLGA, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();

const set = (changes: unknown, userId = OLGA) =>
  store.operator(userId, "inbox_set_site", { p_agent_id: AGENT, p_changes: changes });

afterEach(() =>
  store
    .sql`update heddle.agents set display = '{"launcher": "Ask"}', allowed_origins = '{https://*.fern.example}'
    where id = ${AGENT}`
);

describe("title, colour and sites of an agent", () => {
  it("are an owner's to set, each by itself, and nothing else is", async () => {
    await set({ accent: "#2F6f4f" });
    expect(await set({ title: "  Ask us " })).toMatchObject({ title: "Ask us", accent: "#2F6f4f" });
    expect(await store.operator(OLGA, "inbox_site", { p_agent_id: AGENT }))
      .toMatchObject({ title: "Ask us", accent: "#2F6f4f" });
    expect(await set({ title: "", accent: null })).toMatchObject({ title: null, accent: null });
    await expect(set({ identity: { provider: "hs256" } })).rejects.toMatchObject({ code: "PT400" });
    await expect(set({ title: "Hi" }, PIET)).rejects.toMatchObject({ code: "PT403" });
    await expect(set({ title: "Hi" }, STRANGER)).rejects.toMatchObject({ code: "PT404" });
  });

  it("keep a site once, and lose the one that is named, with whatever it covers", async () => {
    await set({ removeOrigin: "https://nowhere.example" });
    await set({ addOrigin: "https://shop.example" });
    await set({ addOrigin: "http://localhost:5173" });
    await set({ addOrigin: "http://127.0.0.1:8080" });
    await set({ addOrigin: "http://shop.example:80" });
    expect((await set({ addOrigin: "https://shop.example:443" })).origins.slice(-4)).toEqual([
      "https://shop.example",
      "http://localhost:5173",
      "http://127.0.0.1:8080",
      "http://shop.example",
    ]);
    await set({ removeOrigin: "https://shop.example" });
    const { origins } = await set({ removeOrigin: "https://*.fern.example" });
    expect(origins).toContain("http://localhost:5173");
    expect(origins).not.toContain("https://shop.example");
    expect(origins).not.toContain("https://*.fern.example");
  });

  it("leave alone what they are not about", async () => {
    await store.sql`update heddle.agents set display = '{"launcher": "Ask"}' where id = ${AGENT}`;
    await set({ title: "Hello" });
    const [agent] = await store.sql`select display from heddle.agents where id = ${AGENT}`;
    expect(agent?.display).toEqual({ launcher: "Ask", title: "Hello" });
  });

  it.each<[unknown, string]>([
    [{ title: "x".repeat(121) }, "A title has at most 120 characters."],
    [{ accent: "green" }, "A colour is written as #2f6f4f."],
    [{ accent: "" }, "A colour is written as #2f6f4f."],
    ...[
      "https://*.shop.example",
      "https://*",
      "*",
      "null",
      "",
      "shop.example",
      "https://shop.example/",
      "https://Shop.example",
      "ftp://shop.example",
      "https://shop.example:0",
      "https://shop.example\nhttps://a.example",
    ].map((addOrigin): [unknown, string] => [
      { addOrigin },
      "A site begins with https:// or http:// and has no path, such as https://shop.example. One with * is added from a terminal.",
    ]),
    ...["https://2130706433", "https://127.1:8443", "http://shop.7"].map((addOrigin): [unknown, string] => [
      { addOrigin },
      "A host of numbers is written with all four of them: http://127.0.0.1.",
    ]),
    [
      { addOrigin: 7 },
      "It must be an object in which these are strings: title, accent, addOrigin, removeOrigin.",
    ],
    [[], "It must be an object in which these are strings: title, accent, addOrigin, removeOrigin."],
  ])("are refused with a sentence: %j", async (changes, detail) => {
    await expect(set(changes)).rejects.toMatchObject({ code: "PT400", detail });
  });
});
