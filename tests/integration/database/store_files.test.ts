import { beforeAll, expect, it } from "vitest";
import { OLGA, useStore } from "./conversation_store.ts";

const store = useStore();
let id: string;
beforeAll(async () => {
  id = await store.begin("u1");
});

const url = "https://files.example/x.pdf";
const FILE = { id: "1", url, name: "x.pdf", mime: "application/pdf", size: 5, width: 0, height: 1.5 };

/** By every function through which somebody posts. */
const posts = {
  "a visitor": (p_attachments: unknown) =>
    store.visitor("store_post", {
      p_end_user: "u1",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "See this",
      p_attachments,
    }),
  "an operator": (p_attachments: unknown) =>
    store.operator(OLGA, "inbox_post", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "See this",
      p_attachments,
    }),
};

/** What no thread could show, whoever wrote it. */
const MALFORMED = [
  [{ url, name: 5 }],
  [{ url, name: null }],
  [{ url, mime: {} }],
  [{ url, id: 7 }],
  [{ url, size: "5" }],
  [{ url, width: "1" }],
  [{ url, height: true }],
  [{ name: "x.pdf" }],
  [{ url: 5 }],
  ["https://files.example/x.pdf"],
  [[FILE]],
  [null],
  { url },
];

const REFUSED = [
  ...[
    "http://[",
    "https://",
    "https:///x",
    "https://?x",
    "https://#",
    "https://a b/",
    "ftp://a.example/",
    "x.pdf",
  ]
    .map((url) => [{ url }]),
  ...[
    "javascript:alert(1)",
    "https://you@a.example/",
    "https://a.example:port/",
    `https://a.example/${"x".repeat(2040)}`,
  ]
    .map((url) => [{ url }]),
  [{ url, name: "x".repeat(256) }],
  [{ url, mime: "x".repeat(256) }],
  [{ url, id: "x".repeat(201) }],
  [{ url, size: -1 }],
  [{ url, width: -1 }],
  Array.from({ length: 21 }, () => FILE),
];

it.each(Object.entries(posts))("%s attaches what a thread can show, and nothing else", async (_, post) => {
  const good = [
    FILE,
    ...["http://a.example", "https://[::1]:54321/x?y#z", "https://bücher.example/ü"].map((url) => ({ url })),
  ];
  expect((await post(good)).message.meta.attachments).toEqual(good);
  expect((await post(Array.from({ length: 20 }, () => FILE))).message.meta.attachments).toHaveLength(20);
  for (const attachments of [...MALFORMED, ...REFUSED]) {
    await expect(post(attachments), JSON.stringify(attachments).slice(0, 100))
      .rejects.toMatchObject({ code: "PT400" });
  }
});

it("an import and SQL are refused a malformed attachment, too, and may have as many as they like", async () => {
  const imported = (attachments: unknown) =>
    store.visitor("store_import", {
      p_conversations: [{
        id: crypto.randomUUID(),
        endUserId: "u2",
        messages: [{ role: "visitor", body: "Hello", createdAt: "2026-01-01T00:00:00Z", attachments }],
      }],
    });
  const written = (attachments: unknown) =>
    store.sql`
      insert into heddle.messages (conversation_id, role, body, attachments)
      values (${id}, 'bot', 'See this', ${store.sql.json(attachments as never)})`;
  for (const attachments of MALFORMED) {
    await expect(imported(attachments)).rejects.toMatchObject({ code: "PT400" });
    await expect(written(attachments)).rejects.toMatchObject({ code: "23514" });
  }
  const many = Array.from({ length: 30 }, () => FILE);
  expect(await imported(many)).toEqual({ messages: 1 });
  await written(many);
});

it("what a bot writes is listed without the signs of its Markdown, what others write as they wrote it", async () => {
  const other = await store.begin("u3", "Is **this** [it](https://shop.example)?");
  const listed = async () =>
    (await store.sql`select preview from heddle.conversations where id = ${other}`)[0]?.preview;
  expect(await listed()).toBe("Is **this** [it](https://shop.example)?");
  await store.sql`insert into heddle.messages (conversation_id, role, body)
    values (${other}, 'bot', ${`**${"Yes ".repeat(60)}it is**`})`;
  expect(await listed()).toBe("Yes ".repeat(40));
});

it("a message that is a file only is listed by its name, or as a file, on both sides", async () => {
  const other = await store.begin("u2");
  for (const [file, text] of [[FILE, "x.pdf"], [{ url }, "(a file)"]] as const) {
    await store.operator(OLGA, "inbox_post", {
      p_conversation_id: other,
      p_client_id: crypto.randomUUID(),
      p_body: "",
      p_attachments: [file],
    });
    const [row] = await store.sql`select preview from heddle.conversations where id = ${other}`;
    expect(row?.preview).toBe(text);
  }
});
