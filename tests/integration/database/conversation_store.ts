import type { Sql } from "postgres";
import { afterAll, beforeAll } from "vitest";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { createDatabase, type DatabaseCluster, type TestDatabase } from "../../support/database.ts";
import { expectDescribedByAsyncApi } from "../../support/described.ts";

export const AGENT = "a0000000-0000-4000-8000-000000000001";
export const ORG = "c0000000-0000-4000-8000-000000000001";
export const OLGA = "10000000-0000-4000-8000-000000000001";
export const PIET = "10000000-0000-4000-8000-000000000002";
export const STRANGER = "10000000-0000-4000-8000-000000000009";

// deno-lint-ignore no-explicit-any
export type Json = any;
export type Arguments = Record<string, unknown>;

/** One broadcast: its channel's kind, and the events in it. */
export interface Sent {
  to: "conversation" | "list" | "inbox" | "other";
  topic: string;
  events: { type: string; data: Json }[];
}

export interface ConversationStore extends TestDatabase {
  /** Calls a function as the edge functions do. */
  visitor(name: string, args?: Arguments, sql?: Sql): Promise<Json>;
  /** Calls a function as an operator does. */
  operator(userId: string, name: string, args?: Arguments, sql?: Sql): Promise<Json>;
  /** A new conversation of `endUser`, with a first message. */
  begin(endUser?: string, body?: string): Promise<string>;
  /** What was broadcast since the last call, all of it as docs/asyncapi.json says. */
  sent(): Promise<Sent[]>;
}

/** One for the tests of a file, there from its first hook on. */
export function useStore(): ConversationStore {
  const store = {} as ConversationStore;
  beforeAll(async () => {
    Object.assign(store, await createStore());
  });
  afterAll(() => store.drop());
  return store;
}

/** A database with the demo agent, its team (Olga owns, Piet answers), and an ear for what is broadcast. */
export async function createStore(cluster?: DatabaseCluster): Promise<ConversationStore> {
  const database = await createDatabase(cluster);
  const { sql } = database;
  await keepPartitions(sql, Date.now());
  await sql`
    insert into heddle.members (org_id, user_id, name, role)
    values (${ORG}, ${OLGA}, 'Olga', 'owner'), (${ORG}, ${PIET}, 'Piet', 'operator')`;
  // What Realtime reads in the log is what a trigger sees: each insert.
  await sql.unsafe(`
    create table public.sent (n serial, topic text, payload jsonb);
    create function public.note() returns trigger language plpgsql security definer as $$
    begin
      insert into public.sent (topic, payload) values (new.topic, new.payload);
      return null;
    end $$;
    create trigger note after insert on realtime.messages for each row execute function public.note();`);

  const call = (role: string, claims: Json, name: string, args: Arguments, on: Sql) => {
    const names = Object.keys(args);
    const values = names.map((each) => isJson(args[each]) ? on.json(args[each] as never) : args[each]);
    // The driver would cut what it takes for a time.
    const list = names.map((each, at) =>
      `${each} => $${at + 1}${each === "p_version" ? "::text::timestamptz" : ""}`
    ).join(", ");
    return on.begin(async (tx) => {
      await tx`select set_config('role', ${role}, true),
        set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      const [row] = await tx.unsafe(`select heddle_api.${name}(${list}) as answer`, values as never[]);
      return row?.answer;
    });
  };
  const visitor: ConversationStore["visitor"] = (name, args = {}, on = sql) =>
    call("service_role", {}, name, { p_agent_id: AGENT, ...args }, on);
  return {
    ...database,
    visitor,
    operator: (userId, name, args = {}, on = sql) =>
      call("authenticated", { sub: userId, role: "authenticated" }, name, args, on),
    async begin(endUser = "u1", body = "Hello") {
      const { conversationId } = await visitor("store_post", {
        p_end_user: endUser,
        p_conversation_id: null,
        p_client_id: crypto.randomUUID(),
        p_body: body,
      });
      return conversationId;
    },
    async sent() {
      const rows = await sql<{ topic: string; payload: Json }[]>`
        with taken as (delete from public.sent returning *) select topic, payload from taken order by n`;
      for (const { topic, payload } of rows) {
        const kind = kindOf(topic);
        if (kind !== "other") expectDescribedByAsyncApi(kind, payload);
      }
      return rows.map(({ topic, payload }) => ({
        to: kindOf(topic),
        topic,
        events: payload.type === "events" ? payload.data.events : [payload],
      }));
    },
  };
}

function isJson(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    (!Array.isArray(value) || typeof value[0] === "object");
}

function kindOf(topic: string): Sent["to"] {
  if (topic.startsWith("conv-")) return "conversation";
  if (/^agent-[0-9a-f-]{36}-user-/.test(topic)) return "list";
  return /^agent-[0-9a-f-]{36}-inbox-\d+$/.test(topic) ? "inbox" : "other";
}
