import { createClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { callFunction, postJson, signIn, type Visitor } from "../integration/functions/support/visitor.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../support/fake_owner.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { Queue } from "./support/queue.ts";

const ENVELOPE = {
  v: 1,
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  type: "refresh",
  at: expect.stringMatching(/^\d{4}-.*Z$/),
  data: {},
};
const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  owner = await startFakeOwner();
  stack = await startStack({ ownerUrl: owner.url });
  // Somebody may listen on any public channel.
  await stack.realtime({ fault: "set", privateOnly: false });
  visitor = await signIn(stack, owner.url, { sub: "a b|🌿" });
  client = createClient(stack.apiUrl, visitor.validated.realtime.key, { realtime: { transport } });
});
afterEach(() => client.removeAllChannels());
afterAll(async () => {
  await stack.stop();
  await owner.stop();
});

/** What arrives on a channel, as `[event, payload]`. */
async function listen(topic = "", options = { private: true }): Promise<Queue<unknown[]>> {
  const heard = new Queue<unknown[]>();
  const channel = client.channel(topic, { config: options });
  channel.on("broadcast", { event: "*" }, ({ event, payload }) => heard.push([event, payload]));
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error ?? status))
  );
  return heard;
}

async function listChannel(): Promise<string> {
  owner.answer(ownerJson([]));
  return (await visitor.tabFetch(`tabId=${stack.tabs.messaging}`)).body.listChannel ?? "";
}

async function threadChannel(itemId: string): Promise<string> {
  owner.answer(ownerJson({ item: { id: itemId }, messages: [] }));
  const { body } = await visitor.tabAction({ action: "item_clicked", tabId: stack.tabs.messaging, itemId });
  return body.conversationChannel ?? "";
}

async function publish(targets: Record<string, unknown>): Promise<void> {
  const request = postJson(targets, { "x-api-key": stack.agent.apiKey });
  expect((await callFunction(stack, "realtime-publish", request)).status).toBe(200);
}

test("a publish arrives on the channels that the visitor was given, without content", async () => {
  const [list, thread] = [await listen(await listChannel()), await listen(await threadChannel("7:x"))];

  await publish({ endUserId: "a b|🌿", conversationId: "7:x" });

  const [[event, payload], onThread] = [await list.next(), await thread.next()];
  expect([event, payload]).toEqual(["refresh", ENVELOPE]);
  expect(onThread).toEqual([event, payload]);
});

test("what is published to many is heard by each, and nothing of it is stored", async () => {
  const [list, thread] = [await listen(await listChannel()), await listen(await threadChannel("11"))];

  await publish({ endUserIds: ["a b|🌿", "another", "a third"], conversationId: "11" });

  const [onList, onThread] = [await list.next(), await thread.next()];
  expect(onList).toEqual(["refresh", ENVELOPE]);
  expect(onThread).toEqual(onList);
  expect([...await stack.sql`select from realtime.messages`]).toEqual([]);
});

test("an event is heard with its data where the conversation is open; the visitor's list refreshes", async () => {
  const [list, thread] = [await listen(await listChannel()), await listen(await threadChannel("12"))];

  const message = { id: "m1", text: "Hello 🌿", role: "AGENT", createdAt: "2026-01-01T00:00:00.000Z" };
  const event = { type: "message:new", data: { message } };
  await publish({ endUserId: "a b|🌿", conversationId: "12", event });

  const data = { conversationId: "12", message: { ...message, meta: { author: {}, attachments: [] } } };
  expect(await thread.next()).toEqual(["message:new", { ...ENVELOPE, type: "message:new", data }]);
  expect(await list.next()).toEqual(["refresh", ENVELOPE]);
});

test("nobody else hears it: neither on a public channel of that name nor on another conversation's", async () => {
  const careless = await listen(await threadChannel("8"), { private: false });
  const stranger = await listen(await threadChannel("9"));

  await publish({ conversationId: "8" });
  await publish({ conversationId: "9" });

  expect((await stranger.next())[1]).toEqual(ENVELOPE);
  expect([careless.size, stranger.size]).toEqual([0, 0]);
});

test("while the signing secret is rotated, old and new channels hear alike", async () => {
  const before = await listen(await threadChannel("10"));
  await stack.sql`select heddle_api.rotate_signing_secret(${stack.agent.id}, '1 hour', '0')`;
  // The isolate still knows the secrets of before: with a key of its own the owner makes it look again.
  await stack.sql`
    insert into heddle.api_keys (agent_id, key_hash)
    values (${stack.agent.id}, encode(sha256('hdl_after_the_rotation'), 'hex'))`;
  const topic = await threadChannel("10");
  const after = await listen(topic);

  const request = postJson({ conversationId: "10" }, { "x-api-key": "hdl_after_the_rotation" });
  expect((await callFunction(stack, "realtime-publish", request)).body.channels).toEqual([topic]);

  expect(await after.next()).toEqual(await before.next());
});
