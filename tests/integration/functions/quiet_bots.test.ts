import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeOwner, startFakeOwner } from "../../support/fake_owner.ts";
import { startStack, type TestStack } from "../../support/stack.ts";
import { newUser, signedIn } from "../local/auth_client.ts";
import { callFunction, postJson, signIn, type Visitor } from "./support/visitor.ts";

const PAGE_ORIGIN = "http://127.0.0.1:29999";

let stack: TestStack;
let bot: FakeOwner;
let ann: Visitor;
let claim: (conversationId: string) => Promise<unknown>;
/** How many of the bot's connections are open. */
let open = 0;

beforeAll(async () => {
  bot = await startFakeOwner();
  await start();
});
async function start(more: Record<string, string> = {}) {
  stack = await startStack({
    ownerUrl: PAGE_ORIGIN,
    storeTab: true,
    functionsEnv: {
      HEDDLE_READER_GRACE_MS: "5000",
      ...more,
      // Each of its collections is a whole one: after one the runtime forgets which body an aborted signal is to end.
      DENO_V8_FLAGS: "--gc-global,--max-semi-space-size=1",
    },
  });
  await stack.sql`select heddle_api.create_bot(${stack.agent.id}, 'Fern bot', ${bot.url})`;
  await fetch(`${stack.apiUrl}/functions/v1/tab-answer`, { method: "OPTIONS" });
  ann = await signIn(stack, PAGE_ORIGIN, { sub: "ann" });
  const { id, email } = await newUser(stack);
  await stack.sql`select heddle_api.invite_member(${stack.agent.id}, ${id}, 'Olga', ${email})`;
  const client = await signedIn(stack, email);
  claim = async (conversationId) =>
    await client.schema("heddle_api").rpc("inbox_claim", { p_conversation_id: conversationId });
}
afterAll(async () => {
  await bot.stop();
  await stack.stop();
});
beforeEach(async () => {
  await stack.sql`delete from heddle.rate_buckets`;
});

/** Says a word, and then nothing: the connection stays open. */
function saysAWord(response: ServerResponse) {
  open++;
  response.on("close", () => open--);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write('data: {"delta":"begun"}\n\n');
}
function sendsComments(response: ServerResponse) {
  saysAWord(response);
  const timer = setInterval(() => response.write(": ping\n\n"), 200);
  response.on("close", () => clearInterval(timer));
}

async function ask(): Promise<{ id: string; reading: Promise<unknown> }> {
  const fields = { action: "create_item", tabId: stack.tabs.store, clientId: randomUUID(), body: "Talk" };
  const { body } = await ann.tabAction(fields);
  const id = body.item?.id ?? "";
  const reading = callFunction(
    stack,
    "tab-answer",
    postJson({ tabId: stack.tabs.store, itemId: id }, {
      authorization: `Bearer ${ann.validated.session}`,
    }),
  );
  return { id, reading };
}
/** Resolves once the answer has begun, and its function has collected garbage since. */
async function begun() {
  const asked = await ask();
  await expect.poll(() => answerIn(asked.id)).toMatchObject({ status: "streaming" });
  await collectGarbage();
  return asked;
}
async function collectGarbage() {
  for (let n = 0; n < 200; n++) await callFunction(stack, "tab-answer", { method: "OPTIONS" });
}
async function answerIn(id: string) {
  const [answer] = await stack.sql`
    select body, status from heddle.messages where conversation_id = ${id} and role = 'bot'`;
  return answer;
}

describe.each([["says nothing more", saysAWord], ["sends comments alone", sendsComments]])(
  "an answer whose bot has begun and then %s",
  (_, answer) => {
    beforeEach(() => bot.answer((_, response) => answer(response)));

    it("is stopped by its visitor long before the function's time is up, and the bot's connection is closed", async () => {
      const { id, reading } = await begun();
      const stop = { tabId: stack.tabs.store, itemId: id, entryId: "2", changes: { stop: true } };
      expect((await ann.tabAction({ action: "update_item", ...stop })).status).toBe(200);
      await expect.poll(() => answerIn(id)).toEqual({ body: "begun", status: "cancelled" });
      await reading;
      await expect.poll(() => open).toBe(0);
    });

    it("ends as early once an operator claims the conversation", async () => {
      const { id, reading } = await begun();
      await claim(id);
      await expect.poll(() => answerIn(id)).toEqual({ body: "begun", status: "cancelled" });
      await reading;
      await expect.poll(() => open).toBe(0);
    });
  },
);

it("an answer that says it is whole ends soon, although the bot's connection stays open", async () => {
  bot.answer((_, response) => {
    sendsComments(response);
    response.write("data: [DONE]\n\n");
  });
  const { id, reading } = await ask();
  await reading;
  expect(await answerIn(id)).toEqual({ body: "begun", status: null });
  await expect.poll(() => open).toBe(0);
});

describe("a function that has little time", () => {
  beforeAll(async () => {
    await stack.stop();
    await start({ HEDDLE_ANSWER_LIMIT_MS: "8000" });
  });

  it("ends an answer whose bot goes quiet when that is up, as broken off", async () => {
    bot.answer((_, response) => sendsComments(response));
    const { id, reading } = await ask();
    await collectGarbage();
    await reading;
    expect(await answerIn(id)).toEqual({ body: "begun", status: "error" });
    await expect.poll(() => open).toBe(0);
  });
});
