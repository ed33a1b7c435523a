import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type FakeOwner, ownerJson, startFakeOwner } from "../../support/fake_owner.ts";
import { makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway } from "../../support/gateway.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { newUser, signedIn } from "../local/auth_client.ts";
import { expectError } from "./support/errors.ts";
import { REST_SCOPES, restCaller } from "./support/rest.ts";
import { callFunction, postJson, signIn, type Visitor } from "./support/visitor.ts";

const PAGE_ORIGIN = "http://127.0.0.1:29999";

interface Heard {
  type: string;
  // deno-lint-ignore no-explicit-any
  data: any;
}

let stack: TestStack;
let bot: FakeOwner;
let secret: string;
let ann: Visitor;
let ben: Visitor;
let tabId: string;
let operator: (name: string, args: Record<string, unknown>) => Promise<unknown>;

beforeAll(async () => {
  stack = await startStack({
    ownerUrl: PAGE_ORIGIN,
    storeTab: true,
    // On a busy machine who reads along comes late.
    functionsEnv: { HEDDLE_READER_GRACE_MS: "5000" },
  });
  tabId = stack.tabs.store;
  bot = await startFakeOwner();
  const [row] = await stack
    .sql`select heddle_api.create_bot(${stack.agent.id}, 'Fern bot', ${bot.url}) as made`;
  secret = row?.made.secret;
  // Whoever waits for its start comes too late to read along.
  await fetch(`${stack.apiUrl}/functions/v1/tab-answer`, { method: "OPTIONS" });
  ann = await signIn(stack, PAGE_ORIGIN, { sub: "ann", name: "Ann" });
  ben = await signIn(stack, PAGE_ORIGIN, { sub: "ben" });
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email})`;
  const client = await signedIn(stack, email);
  operator = async (name, args) => (await client.schema("heddle_api").rpc(name, args)).data;
});
afterAll(async () => {
  await bot.stop();
  await stack.stop();
});
beforeEach(async () => {
  await stack.sql`delete from heddle.rate_buckets`;
  bot.requests.splice(0);
});

async function write(body: string, itemId?: string): Promise<string> {
  const fields = { action: "create_item", tabId, itemId, clientId: randomUUID(), body };
  const { status, body: answer } = await ann.tabAction(fields);
  expect(status).toBe(200);
  return answer.item?.id ?? "";
}

/** Reads along. Resolves with all events once the stream ends; `on` hears each. */
async function read(itemId: string, on: (event: Heard) => unknown = () => {}): Promise<Heard[]> {
  const response = await fetch(
    `${stack.apiUrl}/functions/v1/tab-answer`,
    postJson({ tabId, itemId }, { authorization: `Bearer ${ann.validated.session}` }),
  );
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch("text/event-stream");
  const heard: Heard[] = [];
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const json = /^data: (.+)$/m.exec(block)?.[1];
      if (!json) continue;
      const event = JSON.parse(json);
      heard.push(event);
      await on(event);
    }
  }
  return heard;
}

async function thread(itemId: string) {
  const { body } = await ann.tabAction({ action: "item_clicked", tabId, itemId });
  return { entries: body.entries ?? [], needsHuman: body.item?.fields["needsHuman"] === true };
}
const bodies = async (itemId: string) => (await thread(itemId)).entries.map(({ body }) => body);
const statusOf = async (itemId: string) => (await thread(itemId)).entries.at(-1)?.status;

function streamOf(response: ServerResponse) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  return (data: unknown) =>
    response.write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
}
/** Answers with these lines of data, then ends. */
const lines = (...data: unknown[]) => (_: unknown, response: ServerResponse) => {
  const say = streamOf(response);
  for (const each of data) say(each);
  response.end();
};
const until = (ready: () => unknown) => expect.poll(ready);
const issuesOf = (kind: string) =>
  stack.sql`select detail from heddle.widget_issues where kind = ${kind} and host = ${new URL(bot.url).host}`;

describe("a bot's answer", () => {
  it("is read as it grows by who asked, and is a message like all others in the end", async () => {
    let hear = () => {};
    bot.answer(async (_, response) => {
      const say = streamOf(response);
      for (const word of ["A ", "royal 🌿 ", "fern", "."]) {
        const isHeard = new Promise<void>((resolve) => (hear = resolve));
        say({ choices: [{ delta: { content: word } }] });
        await isHeard;
      }
      say("[DONE]");
      response.end();
    });
    const id = await write("Which fern?");
    const heard = await read(id, ({ type }) => type !== "typing" && hear());
    const types = heard.map(({ type }) => type);
    expect([types[0], types[1], types.at(-1)]).toEqual(["typing", "message:new", "message:updated"]);
    expect(heard[1]?.data.message).toMatchObject({ status: "streaming", role: "BOT", text: "A " });
    let text = heard[1]?.data.message.text;
    for (const { type, data } of heard) {
      if (type === "message_stream") text = text.slice(0, data.offset) + data.delta;
    }
    expect(text).toBe("A royal 🌿 fern.");
    expect((await thread(id)).entries).toMatchObject([
      { body: "Which fern?" },
      { body: "A royal 🌿 fern.", author: { role: "bot", name: "Fern bot" } },
    ]);
    expect(await statusOf(id)).toBeUndefined();
  });

  it("is heard by an app on a gateway as it grows, and before that who is typing", async () => {
    const gateway = await startTestGateway({ databaseUrl: stack.dbUrl });
    const app = await gateway.connect(stack.eventsKey);
    await app.ask({ type: "subscribe" });
    const deltas = () => app.events().filter(({ type }) => type === "message_stream").map(({ data }) => data);
    bot.answer(async (_, response) => {
      const say = streamOf(response);
      for (const word of ["A ", "royal ", "fern."]) {
        const heard = deltas().length;
        say({ choices: [{ delta: { content: word } }] });
        if (word !== "A ") await until(() => deltas().length).toBeGreaterThan(heard);
      }
      say("[DONE]");
      response.end();
    });
    const id = await write("Which fern?");
    await ann.tabAction({ action: "typing", tabId, itemId: id });
    await read(id);
    const typing = () => app.events().filter(({ type }) => type === "typing").map(({ data }) => data?.role);
    await until(typing).toEqual(expect.arrayContaining(["USER", "BOT"]));
    await until(() => app.events().at(-1)?.type).toBe("message:updated");
    let text = "A ";
    for (const each of deltas()) text = text.slice(0, Number(each?.offset)) + each?.delta;
    expect(text).toBe("A royal fern.");
    app.drop();
    await gateway.stop();
    expect(gateway.logged).toEqual([]);
  });

  it.each([
    ["of the AI SDK", [
      { type: "start" },
      { type: "reasoning-delta", delta: "hm" },
      { type: "text-delta", id: "1", delta: "Yes" },
      { type: "text-delta", id: "1", delta: "." },
      { type: "finish" },
      "[DONE]",
    ]],
    ["of plain deltas", [{ delta: "Yes" }, { delta: "." }]],
  ])("may be a stream %s", async (_, data) => {
    bot.answer(lines(...data));
    const id = await write("Do you?");
    await read(id);
    expect(await bodies(id)).toEqual(["Do you?", "Yes."]);
  });

  it("may be JSON, which comes at once", async () => {
    bot.answer(ownerJson({ body: "Yes, we do." }));
    const id = await write("Do you?");
    expect((await read(id)).map(({ type }) => type)).toEqual(["typing", "message:new"]);
    expect(await bodies(id)).toEqual(["Do you?", "Yes, we do."]);
  });

  it("is cut to what a message holds, and says so, whether it comes at once or grows", async () => {
    const long = "Fern 🌿 ".repeat(10_000);
    for (const answer of [ownerJson({ body: long }), lines({ delta: long })]) {
      bot.answer(answer);
      const id = await write("All of it");
      await read(id);
      const { entries, needsHuman } = await thread(id);
      const { body, status } = entries.at(-1)!;
      expect({ status, needsHuman }).toEqual({ status: "cancelled", needsHuman: false });
      expect(long.startsWith(body)).toBe(true);
      expect(new TextEncoder().encode(body).byteLength).toBeGreaterThan(65_530);
    }
    expect(await issuesOf("unreachable")).toEqual([]);
  });

  it("that the database does not take is not told of as the bot's failure", async () => {
    const issues = () => stack.sql`select count(*) from heddle.widget_issues`;
    const before = await issues();
    await stack.sql.unsafe(`
      create function public.refuse() returns trigger language plpgsql as
        $$ begin if new.role = 'bot' then raise 'disk is full'; end if; return new; end $$;
      create trigger a_refuse before insert on heddle.messages for each row execute function public.refuse()`);
    bot.answer(lines({ delta: "Hello" }));
    const id = await write("Hi");
    await read(id);
    await stack.sql`drop function public.refuse() cascade`;
    expect((await thread(id)).needsHuman).toBe(true);
    expect(await issues()).toEqual(before);
  });

  it("is asked for with both signatures while its former secret counts", async () => {
    const [row] = await stack.sql`select heddle_api.rotate_bot(agent_id, id) as made from heddle.bots`;
    bot.answer(ownerJson({ body: "Hello." }));
    await read(await write("Hello"));
    const { body, headers } = bot.requests.at(-1)!;
    for (const each of [secret, row?.made.secret]) {
      expect(new Webhook(each).verify(body, headers as Record<string, string>)).toMatchObject({
        type: "bot.message",
      });
    }
    secret = row?.made.secret;
  });

  it("is asked for with a signature, the message, and what was said before", async () => {
    bot.answer(ownerJson({ body: "Hello Ann." }));
    const id = await write("Hello");
    await read(id);
    await write("And ferns?", id);
    await read(id);
    const request = bot.requests.at(-1)!;
    const payload = new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
    expect(payload).toMatchObject({
      type: "bot.message",
      data: {
        agentId: stack.agent.id,
        bot: { name: "Fern bot" },
        conversation: { id, needsHuman: false },
        endUser: { id: "ann", name: "Ann" },
        message: { id: "3", text: "And ferns?", role: "USER" },
        history: [{ text: "Hello", role: "USER" }, { text: "Hello Ann.", role: "BOT" }],
      },
    });
    expect(request.body).not.toContain(secret);
  });

  it("comes without a reader too", async () => {
    bot.answer(lines({ delta: "Yes" }));
    const id = await write("Anybody?");
    await until(() => bodies(id)).toEqual(["Anybody?", "Yes"]);
  });

  it("comes to what is posted over REST as the visitor's", async () => {
    const api = restCaller(
      stack,
      await makeEventKey(stack.sql, { scopes: REST_SCOPES, agentId: stack.agent.id }),
    );
    bot.answer(ownerJson({ body: "Yes" }));
    const id = await write("Hello");
    await read(id);
    const message = { body: "From your own page?", author: { role: "visitor" } };
    expect(await api("POST", `/conversations/${id}/messages`, { body: message })).toMatchObject({
      status: 201,
    });
    await until(() => bodies(id)).toEqual(["Hello", "Yes", "From your own page?", "Yes"]);
  });

  it("goes on when the reader leaves", async () => {
    let end = () => {};
    bot.answer((_, response) => {
      const say = streamOf(response);
      say({ delta: "One " });
      end = () => (say({ delta: "two" }), response.end());
    });
    const id = await write("Count");
    const leaving = new AbortController();
    const response = await fetch(`${stack.apiUrl}/functions/v1/tab-answer`, {
      ...postJson({ tabId, itemId: id }, { authorization: `Bearer ${ann.validated.session}` }),
      signal: leaving.signal,
    });
    await response.body!.getReader().read();
    await until(() => statusOf(id)).toBe("streaming");
    leaving.abort();
    end();
    await until(() => bodies(id)).toEqual(["Count", "One two"]);
    await until(() => statusOf(id)).toBeUndefined();
  });

  it("is one for each message, one after the other", async () => {
    let open = 0;
    let most = 0;
    bot.answer(async ({ body }, response) => {
      most = Math.max(most, ++open);
      const { message } = JSON.parse(body).data;
      const say = streamOf(response);
      say({ delta: `to ${message.text}` });
      await new Promise((resolve) => setTimeout(resolve, 150));
      open--;
      response.end();
    });
    const id = await write("one");
    const reading = read(id);
    await write("two", id);
    await write("three", id);
    await reading;
    await until(() => bodies(id)).toContain("to three");
    const answers = (await bodies(id)).filter((body) => body.startsWith("to "));
    expect({ answers, most }).toEqual({ answers: ["to one", "to two", "to three"], most: 1 });
  });
});

describe("who reads along in a room", () => {
  const server = async (name: string, ...args: unknown[]) => {
    const [row] = await stack.sql.unsafe(
      `select heddle_api.${name}(${args.map((_, at) => `$${at + 1}`).join(", ")}) as answer`,
      args as never[],
    );
    return row?.answer;
  };

  const setSessionVersion = (version: number) =>
    stack.sql`update heddle.agents set session_version = ${version} where id = ${stack.agent.id}`;

  const withdrawals: [string, (room: string, reader: string) => Promise<unknown>][] = [
    ["is taken out", (room, id) => server("remove_room_participant", stack.agent.id, room, "visitor", id)],
    ["is erased", (_, id) => server("store_erase", stack.agent.id, id)],
    ["has their session ended", () => setSessionVersion(2)],
  ];

  it.each(withdrawals)("and %s hears no more of this answer nor of one to another", async (_, withdraw) => {
    onTestFinished(async () => void (await setSessionVersion(1)));
    const [reader, other] = [`reader-${randomUUID()}`, `other-${randomUUID()}`];
    const leaver = await signIn(stack, PAGE_ORIGIN, { sub: reader });
    const [{ id: botId } = { id: "" }] = await stack.sql`select id from heddle.bots`;
    const participants = stack.sql.json([
      { role: "visitor", id: other },
      { role: "visitor", id: reader },
      { role: "bot", id: botId, autoRespond: "always" },
    ]);
    const { id: room } = await server("create_room", stack.agent.id, "Ferns", participants);
    let go = () => {};
    const isOut = new Promise<void>((resolve) => (go = resolve));
    bot.answer(async ({ body }, response) => {
      const { text } = JSON.parse(body).data.message;
      const say = streamOf(response);
      say({ delta: `To ${text}: begun. ` });
      await isOut;
      say({ delta: `To ${text}: secret.` });
      response.end();
    });
    const ask = { action: "create_item", tabId, itemId: room, clientId: randomUUID(), body: "mine" };
    expect((await leaver.tabAction(ask)).status).toBe(200);
    const heard: string[] = [];
    const response = await fetch(
      `${stack.apiUrl}/functions/v1/tab-answer`,
      postJson({ tabId, itemId: room }, { authorization: `Bearer ${leaver.validated.session}` }),
    );
    const reading = (async () => {
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) heard.push(text);
    })();
    await until(() => heard.join("")).toContain("To mine: begun.");
    await withdraw(room, reader);
    await server("store_post", stack.agent.id, other, room, randomUUID(), "other");
    // The next time that the store is told, which is within a second.
    await reading;
    go();
    await until(async () => {
      const rows = await stack.sql`
        select body from heddle.messages where conversation_id = ${room} and body like '%To other: secret.%'`;
      return rows.length;
    }).toBe(1);
    expect(heard.join("")).not.toMatch(/secret|To other/);
  });
});

describe("a bot that does not answer", () => {
  it.each(
    [
      ["fails", ownerJson({ error: "no" }, 500), "error_status"],
      ["has an empty stream", lines("[DONE]"), "empty"],
      [
        "tells of an error before its first word",
        lines({ type: "error", errorText: "quota" }),
        "error_status",
      ],
      [
        "redirects",
        (_: unknown, response: ServerResponse) => response.writeHead(302, { location: "/" }).end(),
        "redirect",
      ],
    ] as const,
  )(
    "%s: a line says so and a person is asked for, once, and the owner is told why",
    async (_, answer, kind) => {
      bot.answer(answer);
      const id = await write("Hello?");
      await read(id);
      const { entries, needsHuman } = await thread(id);
      expect(entries.map(({ author }) => author.role)).toEqual(["visitor", "system"]);
      expect(needsHuman).toBe(true);
      expect(bot.requests).toHaveLength(1);
      await until(() => issuesOf(kind)).not.toEqual([]);
      // A person answers from here on.
      await write("Still there?", id);
      expect(
        (await callFunction(
          stack,
          "tab-answer",
          postJson({ tabId, itemId: id }, { authorization: `Bearer ${ann.validated.session}` }),
        )).status,
      ).toBe(204);
    },
  );

  it("is not asked again once it has begun: what it said stays, and a person is asked for", async () => {
    let breakOff = () => {};
    bot.answer((_, response) => {
      streamOf(response)({ delta: "I think" });
      breakOff = () => response.destroy();
    });
    const id = await write("Well?");
    await read(id, ({ type }) => type === "message:new" && breakOff());
    const { entries, needsHuman } = await thread(id);
    expect(entries.slice(1)).toMatchObject([{ body: "I think", status: "error" }, {
      author: { role: "system" },
    }]);
    expect(needsHuman).toBe(true);
    expect(bot.requests).toHaveLength(1);
  });

  it("whose model cut the answer off has broken off: what it said stays, and a person is asked for", async () => {
    const cut = { choices: [{ index: 0, delta: {}, finish_reason: "length" }] };
    bot.answer(lines({ choices: [{ index: 0, delta: { content: "Half an ans" } }] }, cut, "[DONE]"));
    const id = await write("All of it?");
    await read(id);
    const { entries, needsHuman } = await thread(id);
    expect(entries.slice(1)).toMatchObject([{ body: "Half an ans", status: "error" }, {
      author: { role: "system" },
    }]);
    expect(needsHuman).toBe(true);
    await until(() => issuesOf("error_status")).toContainEqual({
      detail: "The model broke its answer off: length.",
    });
  });

  it("is never called at a private address", async () => {
    const url = "http://10.0.0.1/bot";
    await stack.sql`update heddle.bots set url = ${url}`;
    const id = await write("Hello?");
    await read(id);
    await stack.sql`update heddle.bots set url = ${bot.url}`;
    expect((await thread(id)).needsHuman).toBe(true);
    await until(() => stack.sql`select from heddle.widget_issues where kind = 'target_refused'`).not.toEqual(
      [],
    );
  });
});

describe("an answer", () => {
  /** A stream that says a word now and then until its connection is closed. */
  const endless = (_: unknown, response: ServerResponse) => {
    const say = streamOf(response);
    const timer = setInterval(() => say({ delta: "word " }), 50);
    response.on("close", () => clearInterval(timer));
  };

  it("is stopped by the visitor within about a second, and nobody else's visitor", async () => {
    bot.answer(endless);
    const id = await write("Talk");
    const stop = { action: "update_item", tabId, itemId: id, entryId: "2", changes: { stop: true } };
    const heard = await read(id, async ({ type }) => {
      if (type !== "message:new") return;
      expectError(await ben.tabAction(stop), "item_not_found");
      expect((await ann.tabAction(stop)).status).toBe(200);
    });
    expect(heard.at(-1)).toMatchObject({
      type: "message:updated",
      data: { message: { status: "cancelled" } },
    });
  });

  it("ends when an operator claims the conversation, who answers from then on", async () => {
    bot.answer(endless);
    const id = await write("Talk");
    await read(id, async ({ type }) => {
      if (type === "message:new") await operator("inbox_claim", { p_conversation_id: id });
    });
    expect(await statusOf(id)).toBe("cancelled");
    await write("And you?", id);
    await operator("inbox_post", { p_conversation_id: id, p_client_id: randomUUID(), p_body: "I am here." });
    expect(await stack.sql`select from heddle.bot_turns where conversation_id = ${id}`).toHaveLength(0);
    expect(bot.requests).toHaveLength(1);
  });

  it("hands over: what was said stays, a person is asked for in the bot's name", async () => {
    bot.answer(lines({ delta: "I will fetch somebody." }, { needsHuman: true }));
    const id = await write("A human, please");
    await read(id);
    expect(await bodies(id)).toEqual(["A human, please", "I will fetch somebody."]);
    expect((await thread(id)).needsHuman).toBe(true);
    const opened = await operator("inbox_thread", { p_conversation_id: id });
    expect(opened).toMatchObject({
      notes: [{ change: { by: "BOT", needsHuman: true }, author: { name: "Fern bot" } }],
    });
  });

  it("is nobody's but the visitor's to ask for", async () => {
    bot.answer(ownerJson({ body: "Yes" }));
    const id = await write("Hello");
    const ask = (authorization: Record<string, string>) =>
      callFunction(stack, "tab-answer", postJson({ tabId, itemId: id }, authorization));
    expectError(await ask({}), "missing_session");
    expectError(await ask({ authorization: `Bearer ${ben.validated.session}` }), "item_not_found");
  });
});
