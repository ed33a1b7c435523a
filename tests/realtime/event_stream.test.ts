import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import {
  type LoggedEvent,
  type PassingEvent,
  subscribe,
  type SubscribeOptions,
  type Subscription,
} from "../../client/events/subscribe.ts";
import { authorizedTransport } from "../../client/realtime/authorized_transport.ts";
import { openSocketOver } from "../../client/realtime/realtime_socket.ts";
import { addEvent, DEMO_ORG } from "../support/event_readers.ts";
import { createGenerator } from "../support/generator.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { tokenFor } from "./support/tokens.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const WRITERS = 6;
const DROPS = 5;
const Transport = WebSocket as unknown as new (url: string) => globalThis.WebSocket;

let stack: TestStack;
let sql: Sql;
let open: Subscription[] = [];
/** Milliseconds. */
let wayBack = 0;

beforeAll(async () => {
  stack = await startStack();
  sql = postgres(stack.dbUrl, { max: WRITERS + 2, onnotice: () => undefined });
  await sql`select heddle_api.send_events(${stack.agent.id}, true)`;
  await sql`create table public.counted as select 'r' || n as id, 0 as n from generate_series(1, 4) n`;
});
beforeEach(async () => {
  await sql`
    insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${OLGA}, 'Olga', 'owner')
    on conflict do nothing`;
});
afterEach(() => {
  for (const each of open) each.close();
  open = [];
  wayBack = 0;
  vi.unstubAllGlobals();
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

interface Heard {
  events: LoggedEvent[];
  problems: string[];
  /** How often the function has answered. */
  answers(): number;
  subscription: Subscription;
}

function listen(
  names: string[],
  since: string | null = null,
  events: LoggedEvent[] = [],
  more: Pick<SubscribeOptions, "onPassing"> = {},
): Heard {
  const accessToken = () => tokenFor("authenticated", { sub: OLGA });
  const problems: string[] = [];
  let answers = 0;
  const subscription = subscribe(names, (event) => events.push(event), {
    url: stack.apiUrl,
    accessToken,
    since,
    ...more,
    onProblem: ({ code }) => problems.push(code),
    environment: {
      // Answers are on their way for a while, in which more happens.
      async fetch(url, init) {
        const answer = await fetch(url, init);
        await pause(wayBack);
        answers++;
        return answer;
      },
      // Tries to connect again after a tenth of the time.
      setTimeout: (run, milliseconds) => setTimeout(run, milliseconds / 10),
      clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
      now: Date.now,
      random: Math.random,
      openSocket: (target, on) => openSocketOver(authorizedTransport(Transport, accessToken), target, on),
    },
  });
  open.push(subscription);
  return { events, problems, answers: () => answers, subscription };
}

const isLive = () =>
  expect.poll(async () => {
    const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
    return topics.find(({ topic }) => topic.includes(`org-${DEMO_ORG}-events-`))?.members ?? 0;
  });

/** Events of four resources in their order, by writers that hold transactions open. */
async function write(count: number, seed: number): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: WRITERS }, async (_, at) => {
    const { chance, below } = createGenerator(seed + at);
    const connection = await sql.reserve();
    while (left-- > 0) {
      await connection`begin`;
      if (chance(0.3)) {
        await connection`select pg_current_xact_id()`;
        await pause(below(80));
      }
      const resource = `r${1 + below(4)}`;
      const [row] = await connection`update public.counted set n = n + 1 where id = ${resource} returning n`;
      await addEvent(connection, resource, row?.n);
      if (chance(0.1)) await connection`rollback`;
      else await connection`commit`;
      await pause(below(40));
    }
    connection.release();
  }));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function expectAll(events: LoggedEvent[], from: number): Promise<void> {
  const written = await sql`select id from heddle.events where source = 'test' and pos > ${from}`;
  await expect.poll(() => events.length).toBeGreaterThanOrEqual(written.length);
  expect(new Set(events.map(({ id }) => id))).toEqual(new Set(written.map(({ id }) => id)));
  expect(events).toHaveLength(written.length);
  const latest = new Map<string, unknown>();
  const breaks = events.filter(({ topic, data }) => {
    const former = latest.get(topic) as number | undefined;
    latest.set(topic, data.n);
    return former !== undefined && (data.n as number) <= former;
  });
  expect(breaks).toEqual([]);
}

const lastPos = async () =>
  (await sql`select coalesce(max(pos), 0)::integer as pos from heddle.events`)[0]?.pos;

test("every event comes once and in order, however often the connection drops and the page reloads", async () => {
  wayBack = 100;
  const from = await lastPos();
  const events: LoggedEvent[] = [];
  let heard = listen([`events.${DEMO_ORG}.test.*.*.*`], null, events);
  await expect.poll(() => heard.subscription.position()).not.toBeNull();
  await isLive().toBe(1);

  let isWritten = false;
  const written = write(200, 1).then(() => isWritten = true);
  let drops = 0;
  for (; !isWritten || drops < DROPS; drops++) {
    await isLive().toBeGreaterThan(0);
    await pause(150);
    if (drops % 3 === 2) {
      const position = heard.subscription.position();
      heard.subscription.close();
      heard = listen([`events.${DEMO_ORG}.test.*.*.*`], position, events);
    } else await stack.realtime({ fault: "drop" });
  }
  await written;
  await expectAll(events, from);
});

test("a handler that keeps the position with each event gets none of them again after a reload", async () => {
  const from = await lastPos();
  const events: LoggedEvent[] = [];
  let kept: string | null = null;
  const first = listen([], null, events);
  await expect.poll(() => first.subscription.position()).not.toBeNull();
  events.push = (...more) => {
    kept = first.subscription.position();
    return Array.prototype.push.apply(events, more);
  };
  await write(20, 3);
  await expect.poll(() => events.length).toBeGreaterThan(5);
  first.subscription.close();
  listen([], kept, events);
  await expectAll(events, from);
});

const NINE = "b0000000-0000-4000-8000-000000000009";

test("an event comes live, without a call of the function", async () => {
  const { events, answers } = listen([`conversation:${NINE}`]);
  await isLive().toBe(1);
  await expect.poll(answers).toBe(2); // the second is for what came before the join
  await stack.sql`alter function heddle_api.inbox_events rename to inbox_events_of_old`;
  try {
    await sql`select heddle.log_event(${DEMO_ORG}, null, ${[
      "conversations",
      "conversation",
      "x",
      randomUUID(),
    ]}, 'x', null, '{}')`;
    await sql`select heddle.log_event(${DEMO_ORG}, null, ${[
      "conversations",
      "conversation",
      "x",
      NINE,
    ]}, 'y', null, '{}')`;
    await expect.poll(() => events.map(({ type }) => type)).toEqual(["y"]);
  } finally {
    await stack.sql`alter function heddle_api.inbox_events_of_old rename to inbox_events`;
  }
});

test("a member who is dismissed hears nothing more, and the others go on under another name", async () => {
  const stays = "10000000-0000-4000-8000-000000000003";
  await sql`
    insert into heddle.members (org_id, user_id, name, role) values (${DEMO_ORG}, ${stays}, 'Stays', 'owner')`;
  const { events, problems, answers } = listen([]);
  await isLive().toBe(1);
  await expect.poll(answers).toBe(2);
  await sql`select heddle_api.remove_member(${stack.agent.id}, ${OLGA})`;
  await addEvent(sql, "after");
  await expect.poll(() => problems).toContain("forbidden");
  expect(events.filter(({ topic }) => topic.endsWith(".after"))).toEqual([]);
});

test("who is typing and by what a message grows is told in passing, of what somebody subscribes to", async () => {
  const [ferns = "", other = ""] = await Promise.all(["fern", "other"].map(async (endUser) => {
    const [row] = await sql`select heddle_api.store_post(
      ${stack.agent.id}, ${endUser}, null, gen_random_uuid(), 'Hello') as posted`;
    return row?.posted.conversationId as string;
  }));
  const [heard, all]: PassingEvent[][] = [[], []];
  listen([`conversation:${ferns}`], null, [], { onPassing: (event) => heard?.push(event) });
  listen([], null, [], { onPassing: (event) => all?.push(event) });
  const members = async () => {
    const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
    return topics.find(({ topic }) => topic.includes(`agent-${stack.agent.id}-inbox-`))?.members ?? 0;
  };
  await expect.poll(members).toBe(2);
  const typing = (id: string, endUser: string) =>
    sql`select heddle_api.store_typing(${stack.agent.id}, ${endUser}, ${id})`;
  await typing(other, "other");
  await typing(ferns, "fern");
  const frame = { index: 0, offset: 0, delta: "Wa" };
  await sql`select heddle.stream_frame(conversation, 7, ${sql.json(frame)})
    from heddle.conversations conversation where id = ${ferns}`;
  const expected = [
    { type: "typing", data: { conversationId: ferns, role: "USER" } },
    { type: "message_stream", data: { conversationId: ferns, messageId: "7", ...frame } },
  ];
  await expect.poll(() => heard).toEqual(expected);
  await expect.poll(() => all).toHaveLength(3);
});

test("a class that is given as WebSocket serves a project too, and operators who type are told with their ids", async () => {
  vi.stubGlobal("WebSocket", undefined);
  const [row] = await sql`select heddle_api.store_post(
    ${stack.agent.id}, 'gina', null, gen_random_uuid(), 'Hello') as posted`;
  const conversationId: string = row?.posted.conversationId;
  const heard: PassingEvent[] = [];
  open.push(subscribe([], () => undefined, {
    url: stack.apiUrl,
    accessToken: () => tokenFor("authenticated", { sub: OLGA }),
    WebSocket: WebSocket as unknown as SubscribeOptions["WebSocket"],
    onPassing: (event) => heard.push(event),
  }));
  await expect.poll(async () => {
    const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
    return topics.some(({ topic, members }) => topic.includes("-inbox-") && members > 0);
  }).toBe(true);
  await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${JSON.stringify({ sub: OLGA })}, true)`;
    await tx`select heddle.inbox_typing(${conversationId})`;
  });
  await expect.poll(() => heard).toEqual([
    { type: "typing", data: { conversationId, role: "AGENT", name: "Olga", userId: OLGA } },
  ]);
});

test("nothing is listened to for the sake of what nobody wants to hear in passing", async () => {
  const { events } = listen([]);
  await isLive().toBe(1);
  const { topics } = await stack.realtime() as { topics: { topic: string; members: number }[] };
  expect(topics.filter(({ topic, members }) => topic.includes("-inbox-") && members > 0)).toEqual([]);
  expect(events).toEqual([]);
});
