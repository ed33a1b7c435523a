import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { DEMO_AGENT } from "../../../local/demo_agent.ts";
import {
  type PassingEvent,
  subscribe,
  type SubscribeOptions,
  type Subscription,
} from "../../../client/events/subscribe.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

let database: TestDatabase;
let gateway: TestGateway;
let key: string;
const open: Subscription[] = [];
/** The sockets that were opened, so that a test can drop them. */
const sockets: WebSocket[] = [];
class Recorded extends WebSocket {
  constructor(url: string) {
    super(url);
    sockets.push(this);
    this.on("error", () => undefined);
  }
}

beforeAll(async () => {
  database = await createDatabase();
  await keepPartitions(database.sql, Date.now());
  key = await makeEventKey(database.sql);
  gateway = await startTestGateway({ databaseUrl: database.url });
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  sockets.splice(0);
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

function listen(names: string[], options: Partial<SubscribeOptions> = {}) {
  const ids: string[] = [];
  const problems: string[] = [];
  const subscription = subscribe(names, ({ topic }) => ids.push(topic.split(".").at(-1) ?? ""), {
    gatewayUrl: gateway.url,
    apiKey: key,
    WebSocket: Recorded as unknown as SubscribeOptions["WebSocket"],
    onProblem: ({ code }) => problems.push(code),
    ...options,
  });
  open.push(subscription);
  return { ids, problems, subscription };
}

it.each([["over its WebSocket", {}], ["by asking, where there is no WebSocket", { WebSocket: undefined }]])(
  "a gateway tells the same handlers, %s, and they go on from a position",
  async (_, options) => {
    const first = listen([`events.${DEMO_ORG}.test.*.*.*`, `conversation:${randomUUID()}`], options);
    await expect.poll(() => first.subscription.position()).not.toBeNull();
    await addEvent(database.sql, "heard");
    await expect.poll(() => first.ids).toEqual(["heard"]);
    first.subscription.close();
    await addEvent(database.sql, "missed");
    const second = listen([`events.${DEMO_ORG}.test.*.*.*`], {
      ...options,
      since: first.subscription.position(),
    });
    await addEvent(database.sql, "live");
    await expect.poll(() => second.ids).toEqual(["missed", "live"]);
    expect([...first.problems, ...second.problems]).toEqual([]);
    expect(sockets.length).toBe("WebSocket" in options ? 0 : 2);
  },
);

it("a dropped connection is made again, and nothing is missed or doubled", async () => {
  const { ids, subscription } = listen([]);
  await expect.poll(() => subscription.position()).not.toBeNull();
  const written: string[] = [];
  const write = async (id: string) => {
    written.push(id);
    await addEvent(database.sql, id);
  };
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 3; n++) await write(`heard${round}${n}`);
    const opened = sockets.length;
    sockets.at(-1)?.terminate();
    for (let n = 0; n < 3; n++) await write(`missed${round}${n}`);
    await expect.poll(() => sockets.length).toBe(opened + 1);
  }
  await expect.poll(() => ids).toEqual(written);
});

it("an expired cursor is told, and it goes on from now", async () => {
  const since = Buffer.from("0123456789ab~1:1:").toString("base64url");
  const { ids, problems, subscription } = listen([], { since });
  await expect.poll(() => problems).toEqual(["cursor_expired"]);
  await expect.poll(() => subscription.position()).not.toBeNull();
  await addEvent(database.sql, "from-now");
  await expect.poll(() => ids).toEqual(["from-now"]);
});

it("a key that is none is told again and again, and no socket is opened", async () => {
  const { problems } = listen([], { apiKey: "hdl_unknown" });
  await expect.poll(() => problems.length).toBeGreaterThan(1);
  expect(new Set(problems)).toEqual(new Set(["invalid_api_key"]));
  expect(sockets).toEqual([]);
});

it("who is typing and by what a message grows is told in passing, of what somebody subscribes to", async () => {
  const { sql } = database;
  const [row] = await sql`select heddle_api.store_post(
    ${DEMO_AGENT.id}, 'ada', null, gen_random_uuid(), 'Hello') as posted`;
  const id: string = row?.posted.conversationId;
  const [heard, others]: PassingEvent[][] = [[], []];
  const hearing = listen([`conversation:${id}`], { onPassing: (event) => heard?.push(event) });
  const other = listen([`conversation:${randomUUID()}`], { onPassing: (event) => others?.push(event) });
  for (const { subscription } of [hearing, other]) {
    await expect.poll(() => subscription.position()).not.toBeNull();
  }
  await sql`select heddle_api.store_typing(${DEMO_AGENT.id}, 'ada', ${id})`;
  const frame = { index: 0, offset: 0, delta: "Wa" };
  await sql`select heddle.stream_frame(conversation, 7, ${sql.json(frame)})
    from heddle.conversations conversation where id = ${id}`;
  await expect.poll(() => heard).toEqual([
    { type: "typing", data: { conversationId: id, role: "USER" } },
    { type: "message_stream", data: { conversationId: id, messageId: "7", ...frame } },
  ]);
  expect([...others ?? [], ...other.ids]).toEqual([]);
});
