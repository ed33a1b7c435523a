import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient, type RawFrame } from "./support/raw_client.ts";
import {
  type Channel,
  CHANNELS,
  FUNCTIONS,
  type Outcome,
  OWNERS_ONLY,
  REALTIME,
  type Role,
  ROLES,
  RPC,
  type Way,
  WAYS,
} from "./support/store_matrix.ts";
import { createScene, OWNER, SECRET, type StoreScene } from "./support/store_scene.ts";
import { nowInSeconds, tokenFor } from "./support/tokens.ts";

let scene: StoreScene;
let callable: { name: string; args: string[]; types: string[] }[];

beforeAll(async () => {
  scene = await createScene();
  callable = [
    ...await scene.stack.sql<typeof callable>`
    select proname as name, coalesce(proargnames, '{}') as args,
      array(select format_type(type, null) from unnest(proargtypes) with ordinality as _ (type, n) order by n) as types
    from pg_proc where pronamespace = 'heddle_api'::regnamespace order by proname`,
  ];
});
afterAll(() => scene.stack.stop());

/** Arguments with which a member, or the server, gets an answer. */
function argumentsOf({ name, args, types }: typeof callable[number]): Record<string, unknown> {
  return Object.fromEntries(args.map((arg, n) => {
    // The victim's own message is the first, the owner's the second.
    if (arg === "p_seq") return [arg, name.startsWith("store_") ? 1 : 2];
    if (arg in scene.sample) return [arg, scene.sample[arg]];
    if (types[n] === "integer") return [arg, 1];
    return [arg, types[n] === "boolean" ? true : null];
  }));
}

/** All rows that are the victim's, the team's or the owner's, as one sum. */
async function everything(): Promise<string> {
  const tables = await scene.stack.sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'heddle'::regnamespace and relkind = 'r'
      and relname not in ('rate_buckets', 'leases', 'api_keys') order by relname`;
  // Who comes and goes stands in the log of events.
  const sums = tables.map(({ name }) =>
    `(select md5(coalesce(string_agg(row::text, ' ' order by row::text), '')) from heddle.${name} row
      ${name.startsWith("events_") ? "where source <> 'users'" : ""})`
  );
  const [row] = await scene.stack.sql.unsafe(`select ${sums.join(" || ")} as sum`);
  return row?.sum;
}

test("each function has its row in the table", () => {
  expect(callable.map(({ name }) => name)).toEqual(Object.keys(FUNCTIONS).sort());
});

/** What becomes of each call by somebody of the team, each in a transaction that is taken back. */
async function refusals(role: "owner" | "operator"): Promise<Record<string, string>> {
  const refused: Record<string, string> = {};
  for (const each of callable) {
    const list = each.args.map((arg, n) => `${arg} => $${n + 1}::${each.types[n]}`).join(", ");
    const as = FUNCTIONS[each.name] === "server" ? "service_role" : "authenticated";
    const colleague = /^inbox_(update|remove)_member$/.test(each.name) && role === "operator";
    await scene.stack.sql.begin(async (tx) => {
      await tx`update heddle.members set role = ${role} where user_id = ${OWNER}`;
      await tx`select set_config('role', ${as}, true),
        set_config('request.jwt.claims', ${JSON.stringify({ role: as, sub: OWNER })}, true)`;
      const given = { ...argumentsOf(each), ...(colleague ? { p_user_id: randomUUID() } : {}) };
      const values = Object.values(given).map((value) =>
        typeof value === "object" && value !== null && !Array.isArray(value) ? tx.json(value as never) : value
      );
      await tx.unsafe(`select heddle_api.${each.name}(${list})`, values as never[]);
      await tx`rollback and chain`;
    }).catch((error: { code?: string }) => {
      if (/^(42\w+|PT40[34])$/.test(String(error.code))) refused[each.name] = String(error.code);
    });
  }
  return refused;
}

test("an owner, or the secret key, would have got an answer with the same arguments", async () => {
  expect(await refusals("owner")).toEqual({});
});

test("an operator may do all but what owners do", async () => {
  expect(await refusals("operator")).toEqual(Object.fromEntries(OWNERS_ONLY.map((name) => [name, "PT403"])));
});

test.each(ROLES)("the Data API refuses %s, but for what the table lists", async (role) => {
  const { rpc, tokens, sample, conversation, stack } = scene;
  const before = await everything();
  const got: [string, string][] = [];
  for (const each of callable) {
    const { status, text, answer } = await rpc(tokens[role], each.name, argumentsOf(each));
    expect(`${each.name}: ${text}`).not.toMatch(new RegExp(`${SECRET}|${conversation}|${stack.agent.id}`));
    got.push([each.name, status === 200 ? "200" : `${status} ${answer?.code}`]);
  }
  const listed = Object.entries(FUNCTIONS).map(([name, audience]) => [name, RPC[role][audience]]);
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(listed));
  // The functions behind those, and the tables, stand in a schema that is exposed to nobody.
  expect((await rpc(tokens[role], "inbox_thread", sample, "heddle")).status).toBeGreaterThan(400);
  expect(await everything()).toBe(before);
});

test("a token of nobody's, of another project or of yesterday opens nothing", async () => {
  const { rpc, owner, conversation, realtime, names } = scene;
  const [head = "", claims = ""] = owner.split(".");
  const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
  for (
    const [token, refusal] of [
      [await tokenFor("authenticated", { sub: OWNER, exp: nowInSeconds() - 3600 }), /^401 PGRST30/],
      [`${head}.${claims}.${"A".repeat(43)}`, /^401 PGRST30/],
      [`${unsigned}.${claims}.`, /^401 PGRST30/],
      [await tokenFor("authenticated"), /^404 PT404/],
      // As Supabase signs users in whom another provider knows.
      [await tokenFor("authenticated", { sub: "user_2abc" }), /^400 22P02/],
      [await tokenFor("heddle_owner", { sub: OWNER }), /^40[013] /],
    ] as const
  ) {
    const { status, answer } = await rpc(token, "inbox_thread", { p_conversation_id: conversation });
    expect(`${status} ${answer.code}`).toMatch(refusal);
    const socket = await RawClient.open(realtime);
    const { reply } = await socket.join(names.inbox, { private: true }, { access_token: token });
    expect(reply).toMatchObject({ status: "error" });
    await socket.close();
  }
});

/** Each function for visitors, as somebody else's session reaches it: by which request, or by none. */
const DOORS: Record<string, Record<string, unknown> | null> = {
  store_list: { list: true },
  store_thread: { action: "item_clicked" },
  store_changes: { action: "item_clicked", after: 0 },
  store_post: { action: "create_item", clientId: randomUUID(), body: "mine now" },
  store_edit: { action: "update_item", entryId: "1", changes: { body: "mine now" } },
  store_read: { action: "update_item", changes: { read: true } },
  store_needs_human: { action: "update_item", changes: { needsHuman: true } },
  store_visitor: { action: "update_item", changes: { visitor: { name: "Mallory" } } },
  store_stop: { action: "update_item", entryId: "1", changes: { stop: true } },
  store_typing: { action: "typing" },
  // About the visitor's own browser, whichever conversation is named.
  store_push_on: null,
  store_push_off: null,
  // Of no visitor.
  store_office: null,
  store_import: null,
  store_export: null,
  store_erase: null,
  store_sign_in: null,
};

test("another visitor's session reaches nothing of a conversation through the endpoints", async () => {
  const { mallory, stack, conversation } = scene;
  const forVisitors = Object.keys(FUNCTIONS).filter((name) => name.startsWith("store_"));
  expect(Object.keys(DOORS).sort()).toEqual(forVisitors.sort());
  const before = await everything();
  for (const [name, request] of Object.entries(DOORS)) {
    if (request === null) continue;
    const { status, text, body } = "list" in request
      ? await mallory.tabFetch(`tabId=${stack.tabs.store}`)
      : await mallory.tabAction({ tabId: stack.tabs.store, itemId: conversation, ...request });
    expect(text).not.toMatch(new RegExp(`${SECRET}|${conversation}`));
    if ("list" in request) expect(body.items).toEqual([]);
    // Whoever has signed in is called what the owner's backend says.
    else if (name === "store_visitor") {
      expect([status, body.error?.code]).toEqual([403, "action_not_enabled"]);
    } else expect([name, status, body.error?.code]).toEqual([name, 404, "item_not_found"]);
  }
  expect(await everything()).toBe(before);
});

const JOINS: Record<"join" | "replay" | "public join", Record<string, unknown>> = {
  "join": { private: true, broadcast: { ack: true }, presence: { enabled: true, key: OWNER } },
  "replay": { private: true, broadcast: { replay: { since: 0, limit: 25 } } },
  "public join": { private: false },
};

const isReplyTo = (ref: string) => (frame: RawFrame) => Array.isArray(frame) && frame[1] === ref;
const isOk = (frame: RawFrame | undefined) => JSON.stringify(frame).includes('"status":"ok"');

/** Frames that have come so far. */
async function framesOf(socket: RawClient): Promise<RawFrame[]> {
  const frames: RawFrame[] = [];
  for (let frame = await socket.expectNothing(); frame[2] !== "phoenix"; frame = await socket.next()) {
    frames.push(frame);
  }
  return frames;
}

/** Speaks on a channel that was joined: a broadcast, and a presence. */
async function speak(socket: RawClient, topic: string, joinRef: string): Promise<[Outcome, Outcome]> {
  const [sent, tracked] = [socket.ref(), socket.ref()];
  const event = { type: "broadcast", event: "forged", payload: { type: "message:new" } };
  socket.send([joinRef, sent, `realtime:${topic}`, "broadcast", event]);
  const track = { type: "presence", event: "track", payload: {} };
  socket.send([joinRef, tracked, `realtime:${topic}`, "presence", track]);
  const answer = await socket.frames.nextWhere(isReplyTo(tracked));
  const taken = (await framesOf(socket)).find(isReplyTo(sent));
  return [taken && isOk(taken) ? "dropped" : "refused", isOk(answer) ? "dropped" : "refused"];
}

/** What becomes of each way to use a channel; sockets that were let in are left in `open`. */
async function outcomes(role: Role, channel: Channel, open: Open[]): Promise<Record<Way, Outcome>> {
  const { stack, tokens, realtime } = scene;
  const topic = scene.names[channel];
  const extra = role === "anon" ? {} : { access_token: tokens[role] };
  const got: Record<Way, Outcome> = Object.assign(
    Object.fromEntries(WAYS.map((way) => [way, "refused"])) as Record<Way, Outcome>,
  );
  for (const way of ["join", "replay", "public join"] as const) {
    const socket = await RawClient.open(realtime);
    const { ref, reply } = await socket.join(topic, JOINS[way], extra);
    if (reply.status !== "ok") {
      await socket.close();
      continue;
    }
    got[way] = way === "public join" ? "deaf" : "joins";
    open.push({ who: `${role}, ${channel}, ${way}`, socket });
    if (way === "join") [got.send, got.presence] = await speak(socket, topic, ref);
  }
  const headers = { "apikey": tokens[role], "content-type": "application/json" };
  const url = `${stack.apiUrl}/realtime/v1/api/broadcast`;
  const post = async (to: string, body: unknown): Promise<Outcome> => {
    const { status } = await fetch(to, { method: "POST", headers, body: JSON.stringify(body) });
    return status === 202 ? "dropped" : "refused";
  };
  got["REST single"] = await post(`${url}/${encodeURIComponent(topic)}/events/forged?private=true`, {});
  const messages = [{ topic, event: "forged", payload: {}, private: true }];
  got["REST batch"] = await post(url, { messages });
  return got;
}

interface Open {
  who: string;
  socket: RawClient;
}

/** A post by the visitor, a line for the team alone, a post by the team; resolves when somebody who may hear all has done so. */
async function postTwice(mayHear: RawClient): Promise<string> {
  const { write, victim, conversation, rpc, owner } = scene;
  await write(victim, `${SECRET} again`, conversation);
  for (const to of [null, OWNER]) {
    await rpc(owner, "inbox_assign", { p_conversation_id: conversation, p_to: to });
  }
  const last = `${SECRET} ${randomUUID()}`;
  await rpc(owner, "inbox_post", {
    p_conversation_id: conversation,
    p_client_id: randomUUID(),
    p_body: last,
  });
  let heard = "";
  await mayHear.frames.nextWhere((frame) => (heard += String(frame)).includes(last));
  return heard;
}

async function ownersInbox(): Promise<RawClient> {
  const socket = await RawClient.open(scene.realtime);
  const { reply } = await socket.join(scene.names.inbox, { private: true }, { access_token: scene.owner });
  expect(reply).toMatchObject({ status: "ok" });
  return socket;
}

async function expectSilence(sockets: Open[]): Promise<void> {
  for (const { who, socket } of sockets) {
    const heard = (await framesOf(socket)).map(String).join("\n");
    expect([who, heard]).toEqual([who, expect.not.stringMatching(/broadcast|forged|xyzzy/)]);
  }
}

test("Realtime refuses each role each way, but for what the table lists; nothing forged or overheard arrives", async () => {
  const owner = await ownersInbox();
  const reader = await RawClient.open(scene.realtime);
  await reader.join(scene.names["content conversation"], { private: true });
  const open: Open[] = [];
  const got: Record<string, unknown> = {};
  for (const role of ROLES) {
    const channels = CHANNELS.map(async (channel) => [channel, await outcomes(role, channel, open)]);
    got[role] = Object.fromEntries(await Promise.all(channels));
  }
  expect(got).toEqual(REALTIME);

  const toTheTeam = await postTwice(owner);
  expect(toTheTeam).not.toContain("forged");
  expect(toTheTeam).toMatch(/"line".*"change"/s);
  expect((await framesOf(reader)).map(String).join("\n")).toMatch(/^(?!.*(?:forged|"change")).*xyzzy again/s);
  await expectSilence(open.filter(({ who }) => !who.includes("content") || who.includes("public")));
  await Promise.all([owner, reader, ...open.map(({ socket }) => socket)].map((socket) => socket.close()));
});

test("no name that a publish key or a dismissed operator ever saw lets anybody hear a post", async () => {
  const { seen, names, realtime, tokens } = scene;
  expect(seen).toEqual(expect.arrayContaining([names["earlier inbox"], names.list, names.conversation]));
  const sockets: Open[] = [];
  for (const topic of [...seen, names.inbox]) {
    for (const role of ["anon", "a dismissed operator"] as const) {
      for (const config of [{ private: true }, { private: false }]) {
        const socket = await RawClient.open(realtime);
        await socket.join(topic, config, role === "anon" ? {} : { access_token: tokens[role] });
        sockets.push({ who: `${role}, ${topic}`, socket });
      }
    }
  }
  const owner = await ownersInbox();
  await postTwice(owner);
  await expectSilence(sockets);
  await Promise.all([owner, ...sockets.map(({ socket }) => socket)].map((socket) => socket.close()));
});
