import { randomBytes, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type Json, useStore } from "./conversation_store.ts";
import { CHAT, tabContext } from "./tab_call.ts";

const store = useStore();
let id: string;
beforeEach(async () => {
  await store.sql`delete from heddle.visitors`;
  id = await store.begin("ada", "Hello");
});

const said = (word: string, issuedAt?: number) => ({
  name: `Ada ${word}`,
  email: `${word}@shop.example`,
  attributes: { plan: word },
  ...(issuedAt === undefined ? {} : { issuedAt }),
});
const post = (p_conversation_id: string | null, p_visitor: object) =>
  store.visitor("store_post", {
    p_end_user: "ada",
    p_conversation_id,
    p_client_id: randomUUID(),
    p_body: "Hello",
    p_visitor,
    p_page: { title: "Ferns", url: "https://shop.example/ferns" },
  });

/** Each way by which a token's words come in. */
const WAYS: [string, (said: Json) => Promise<unknown>][] = [
  ["a call of a tab", async (said) => {
    await store.sql`delete from heddle.leases`;
    await tabContext(store.sql, { tabId: CHAT, endUserId: "ada", said });
  }],
  ["a message", (said) => post(id, said)],
  ["a new conversation", (said) => post(null, said)],
  ["signing in", async (said) => {
    const anonymous = `anon_${randomBytes(16).toString("hex")}`;
    await store.begin(anonymous, "Hello");
    await store.visitor("store_sign_in", { p_anonymous: anonymous, p_end_user: "ada", p_visitor: said });
  }],
];

/** What is kept, as the word that said all of it. */
async function kept(): Promise<string> {
  const [row] = await store
    .sql`select name, email, attributes from heddle.visitors where end_user_id = 'ada'`;
  const word = row?.attributes.plan;
  const { attributes, email, name } = said(word);
  expect(row).toEqual({ attributes, email, name });
  return word;
}

describe.each(WAYS)("what a token says, by %s", (_, hear) => {
  it("counts if it is as new as what was said last, and not if it is older", async () => {
    await hear(said("second", 200));
    await hear(said("first", 100));
    expect(await kept()).toBe("second");
    await hear(said("other", 200));
    expect(await kept()).toBe("other");
    await hear(said("third", 300));
    expect(await kept()).toBe("third");
    // The same in newer words, too.
    await hear(said("third", 500));
    await hear(said("fourth", 400));
    expect(await kept()).toBe("third");
  });

  it("counts if nobody knows when it was issued, and is then older than nothing", async () => {
    await hear(said("first", 100));
    await hear(said("undated"));
    expect(await kept()).toBe("undated");
    await hear(said("before", 99));
    expect(await kept()).toBe("undated");
    await hear(said("second", 100));
    expect(await kept()).toBe("second");
  });

  it("counts if it was issued after the owner's backend said something else, and not if before", async () => {
    await hear(said("first", 100));
    await store.visitor("store_visitor", { p_end_user: "ada", p_changes: said("backend") });
    await hear(said("second", Math.floor(Date.now() / 1000) - 60));
    expect(await kept()).toBe("backend");
    await hear(said("third", Math.floor(Date.now() / 1000) + 1));
    expect(await kept()).toBe("third");
  });
});

it("what a newer token says counts with the next call of a tab, whoever was there a moment ago", async () => {
  const call = (issuedAt: number, word: string) =>
    tabContext(store.sql, { tabId: CHAT, endUserId: "ada", said: said(word, issuedAt) });
  await call(100, "first");
  await call(200, "second");
  expect(await kept()).toBe("second");
  await call(150, "between");
  expect(await kept()).toBe("second");
});

it("what two tokens say at once is the newer's in the end", async () => {
  for (let issuedAt = 1000; issuedAt < 1020; issuedAt += 2) {
    await Promise.all([post(id, said("older", issuedAt)), post(id, said("newer", issuedAt + 1))]);
    expect(await kept()).toBe("newer");
  }
});

it("the page of an older token's visitor is kept all the same", async () => {
  await post(id, said("second", 200));
  await store.sql`update heddle.visitors set page = null`;
  await post(id, said("first", 100));
  const [row] = await store.sql`select page ->> 'url' as url from heddle.visitors`;
  expect(row?.url).toBe("https://shop.example/ferns");
});

it.each(["now", -1, 1e300])("a token issued at %j is refused", async (issuedAt) => {
  await expect(post(id, { name: "Ada", issuedAt })).rejects.toMatchObject({ code: "PT400" });
});
