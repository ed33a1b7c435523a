import { describe, expect, it } from "vitest";
import type { Attachment, Entry } from "../../../../../../shared/items.ts";
import { normaliseEntries } from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/entries.ts";
import { detail } from "../owner_detail.ts";

const AT = "2023-11-14T22:13:20.000Z";
const entries = (...sources: unknown[]): Entry[] =>
  JSON.parse(JSON.stringify(normaliseEntries(sources, "shopper-7")));
const entry = (source: Record<string, unknown>) => entries({ id: 1, ...source })[0];
const plain = { id: "1", author: { role: "operator" }, body: "", attachments: [], fields: {} };

describe("an entry", () => {
  it.each<[string, unknown, Partial<Entry>]>([
    ["body", "B", { body: "B" }],
    ["text", "B", { body: "B" }],
    ["content", "B", { body: "B" }],
    ["message", "B", { body: "B" }],
    ["client_id", "c", { clientId: "c" }],
    ["clientId", "c", { clientId: "c" }],
    ["created_at", AT, { createdAt: AT }],
    ["createdAt", 1700000000, { createdAt: AT }],
    ["timestamp", 1700000000000, { createdAt: AT }],
    ["date", AT, { createdAt: AT }],
    ["edited_at", AT, { editedAt: AT }],
    ["deletedAt", AT, { deletedAt: AT }],
    ["read_at", AT, { readAt: AT }],
    ["seenAt", AT, { readAt: AT }],
    ["score", 3, { fields: { score: 3 } }],
    ["content", [{ type: "text" }], { fields: { content: [{ type: "text" }] } }],
  ])("understands %s: %j", (name, value, expected) => {
    expect(entry({ [name]: value })).toEqual({ ...plain, ...expected });
  });

  it.each<[Record<string, unknown>, Entry["author"]]>([
    [{ author: { role: "visitor", id: 5, name: "Ann", avatar: "https://a.example/x.png" } }, {
      role: "visitor",
      id: "5",
      name: "Ann",
      avatarUrl: "https://a.example/x.png",
    }],
    [{ sender: { type: "Agent", display_name: "Bo" } }, { role: "operator", name: "Bo" }],
    [{ from: "customer" }, { role: "visitor" }],
    [{ author: "Bo" }, { role: "operator", name: "Bo" }],
    [{ author: "Bo", sender_type: "bot" }, { role: "bot", name: "Bo" }],
    [{ author: "shopper-7" }, { role: "visitor", id: "shopper-7" }],
    [{ user: 42 }, { role: "operator", id: "42" }],
    [{ role: "assistant" }, { role: "bot" }],
    [{ role: "ai" }, { role: "bot" }],
    [{ role: "model" }, { role: "bot" }],
    [{ role: "human" }, { role: "operator" }],
    [{ role: "end-user" }, { role: "visitor" }],
    [{ role: "end user" }, { role: "visitor" }],
    [{ author: "End User" }, { role: "visitor" }],
    [{ author: { type: "END_USER" } }, { role: "visitor" }],
    [{ role: " customer " }, { role: "visitor" }],
    [{ direction: "in" }, { role: "visitor" }],
    [{ direction: "out" }, { role: "operator" }],
    [{ role: "user" }, { role: "visitor" }],
    [{ sender_type: "system", sender_name: "Shop" }, { role: "system", name: "Shop" }],
    [{ direction: "inbound" }, { role: "visitor" }],
    [{ author_id: "shopper-7" }, { role: "visitor", id: "shopper-7" }],
    [{ author_id: "somebody" }, { role: "operator", id: "somebody" }],
    [{ role: "constructor" }, { role: "operator" }],
    [{}, { role: "operator" }],
  ])("of %j is by %j", (source, author) => expect(entry(source)?.author).toEqual(author));

  it("is the visitor's by an id that is a number, unless that has lost digits", () => {
    const authorOf = (source: string) => normaliseEntries([JSON.parse(source)], String(2 ** 53))[0]?.author;
    expect(normaliseEntries([{ id: 1, user: 42 }], "42")[0]?.author).toEqual({ role: "visitor", id: "42" });
    for (const name of ["user", "author_id"]) {
      expect(authorOf(`{"id":1,"${name}":9007199254740993}`)).toEqual({ role: "operator" });
    }
    expect(authorOf('{"id":1,"author":{"id":9007199254740993,"name":"Bo"}}')).toEqual({
      role: "operator",
      name: "Bo",
    });
  });

  it("has the attachments that a browser may open", () => {
    const url = "https://files.example/a.pdf";
    expect(
      entry({
        attachments: [
          url,
          { href: url, file_name: "a.pdf", content_type: "application/pdf", bytes: "12" },
          { url, name: "a", mime: "image/png", size: 1, width: 2, height: 3, id: 4 },
          { url, id: 2 ** 53 },
          { url: "javascript:alert(1)" },
          { name: "no url" },
          null,
        ],
      })?.attachments,
    ).toEqual([
      { url, name: "a.pdf", mime: "application/pdf" },
      { url, name: "a.pdf", mime: "application/pdf", size: 12 },
      { id: "4", url, name: "a", mime: "image/png", size: 1, width: 2, height: 3 },
      { url, name: "a.pdf", mime: "application/pdf" },
    ]);
  });

  it.each<[unknown, Partial<Attachment>]>([
    ["https://files.example/plant.png", { name: "plant.png", mime: "image/png" }],
    ["https://files.example/a/my%20plant.JPG?size=2#x.pdf", { name: "my plant.JPG", mime: "image/jpeg" }],
    ["https://files.example/100%.png", { name: "100%.png", mime: "image/png" }],
    ["https://files.example/download", { name: "download" }],
    ["https://files.example/", {}],
    ["https://files.example", {}],
    [{ type: "image", url: "https://files.example/plant.png" }, { name: "plant.png", mime: "image/png" }],
    [{ type: "Photo", url: "https://files.example/9" }, { name: "9", mime: "image/*" }],
    [{ mime: "IMAGE/PNG", url: "https://files.example/9" }, { name: "9", mime: "image/png" }],
    [{ type: "png", url: "https://files.example/9" }, { name: "9", mime: "image/png" }],
    [{ type: "file", url: "https://files.example/9", name: "a.webp" }, {
      name: "a.webp",
      mime: "image/webp",
    }],
    [{ type: "file", url: "https://files.example/9" }, { name: "9" }],
    [{ mime: "text/plain", url: "https://files.example/a.png" }, { name: "a.png", mime: "text/plain" }],
  ])("of an attachment %j know its name and type", (source, expected) => {
    const url = typeof source === "string" ? source : (source as Attachment).url;
    expect(entry({ attachments: [source] })?.attachments).toEqual([{ url, ...expected }]);
  });
});

describe("a thread's entries", () => {
  const ids = (...sources: unknown[]) => entries(...sources).map(({ id }) => id);

  it("are sorted by time, those of one moment as they came", () => {
    expect(
      ids({ id: "c", date: 1700000003 }, { id: "a", date: 1700000001 }, { id: "b2", date: "1700000002" }, {
        id: "b1",
        date: 1700000002,
      }),
    ).toEqual(["a", "b2", "b1", "c"]);
  });

  it("stay as they came when one has no time", () => {
    expect(ids({ id: "c", date: 1700000003 }, { id: "a" }, { id: "b", date: 1700000002 })).toEqual([
      "c",
      "a",
      "b",
    ]);
  });

  it("are the visitor's under `human` where an AI answers", () => {
    const roles = (...words: string[]) =>
      entries(...words.map((role, id) => ({ id, role }))).map(({ author }) => author.role);
    expect(roles("human", "ai", "Human")).toEqual(["visitor", "bot", "visitor"]);
    expect(roles("human", "bot")).toEqual(["operator", "bot"]);
    // Somebody else is the visitor, so a human took over from the AI.
    expect(roles("user", "ai", "human")).toEqual(["visitor", "bot", "operator"]);
  });

  it("are the newest 1,000 by their times", () => {
    const dated = Array.from({ length: 1500 }, (_, id) => ({ id, date: 1_700_000_000 - id }));
    const kept = ids(...dated);
    expect(kept).toHaveLength(1000);
    expect([kept[0], kept.at(-1)]).toEqual(["999", "0"]);
  });

  it("are the last 1,000 as they came where one has no time", () => {
    const kept = ids(
      ...Array.from({ length: 1500 }, (_, id) => ({ id, date: id === 0 ? null : 1_700_000_000 - id })),
    );
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([1000, "500", "1499"]);
  });

  it("get an id from their content when they have none", () => {
    const [first] = ids({ text: "hello", date: 1700000000 });
    expect(ids({ id: "0", date: 1600000000 }, { text: "hello", date: 1700000000 })).toEqual(["0", first]);
  });

  it("are objects with ids that can be ids", () => {
    expect(() => entries("text")).toThrow(detail("entries[0] must be an object"));
    expect(() => entries({ id: 1 }, { id: 2 ** 60 })).toThrow(detail("entries[1].id must be"));
  });
});
