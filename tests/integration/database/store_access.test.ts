import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AGENT,
  type ConversationStore,
  createStore,
  type Json,
  OLGA,
  STRANGER,
} from "./conversation_store.ts";

const OTHERS_OPERATOR = "10000000-0000-4000-8000-000000000007";
const LISTED_ELSEWHERE = "10000000-0000-4000-8000-000000000006";
const DISMISSED = "10000000-0000-4000-8000-000000000008";

interface Callable {
  name: string;
  args: string[];
  types: string[];
}

let store: ConversationStore;
let callable: Callable[];
let sample: Record<string, unknown>;

beforeAll(async () => {
  store = await createStore();
  const conversation = await store.begin("owner");
  const { cursor } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
  const [other] = await store.sql`
    insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Another team''s') returning id`;
  const [second] = await store.sql`
    insert into heddle.agents (org_id, name) select org_id, 'Second' from heddle.agents where id = ${AGENT} returning id`;
  await store.visitor("invite_member", {
    p_agent_id: other?.id,
    p_user_id: OTHERS_OPERATOR,
    p_name: "Other",
  });
  await store.visitor("invite_member", {
    p_agent_id: second?.id,
    p_user_id: LISTED_ELSEWHERE,
    p_name: "Elsewhere",
    p_every_agent: false,
  });
  await store.visitor("invite_member", { p_user_id: DISMISSED, p_name: "Dismissed" });
  await store.operator(DISMISSED, "inbox_channels");
  await store.visitor("remove_member", { p_user_id: DISMISSED });
  callable = [
    ...await store.sql<Callable[]>`
    select proname as name, coalesce(proargnames, '{}') as args,
      array(select format_type(type, null) from unnest(proargtypes) with ordinality as _ (type, n) order by n) as types
    from pg_proc where pronamespace = 'heddle_api'::regnamespace order by proname`,
  ];
  sample = {
    p_agent_id: AGENT,
    p_conversation_id: conversation,
    p_cursor: cursor,
    p_client_id: crypto.randomUUID(),
    p_user_id: OLGA,
    p_to: null,
    p_ids: [conversation],
    p_view: "open",
    p_state: "online",
    p_status: "resolved",
    p_text: "hello",
    p_body: "text",
    p_changes: { name: "Mallory" },
    p_label_id: 1,
    p_name: "x",
    p_color: "#000000",
    p_shortcut: "x",
    p_reply_id: crypto.randomUUID(),
    p_note_id: 1,
    p_before_at: null,
    p_before_id: null,
    p_attachments: null,
    p_until: null,
  };
});
afterAll(() => store.drop());

/** What becomes of a call of a function with arguments that a member could give, by somebody. */
async function outcome({ name, args, types }: Callable, role: string, sub: string | null): Promise<string> {
  const values = args.map((arg, n) => {
    if (arg in sample) return sample[arg];
    if (types[n] === "integer") return 1;
    return types[n] === "boolean" ? true : null;
  });
  const list = args.map((arg, n) => `${arg} => $${n + 1}::${types[n]}`).join(", ");
  return await store.sql.begin(async (tx) => {
    await tx`select set_config('role', ${role}, true),
      set_config('request.jwt.claims', ${JSON.stringify({ role, ...(sub ? { sub } : {}) })}, true)`;
    const given = values.map((value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) ? tx.json(value as never) : value
    );
    const [row] = await tx.unsafe(`select heddle_api.${name}(${list}) as answer`, given as never[]);
    return JSON.stringify(row?.answer);
  }).catch((error: { code?: string }) => String(error.code));
}

/** Functions for whoever is signed in: they answer of the caller alone, so to strangers of nothing. */
const OF_NOBODY: Record<string, (sub: string | null) => Json> = {
  inbox_channels: (userId) => ({ userId, agents: [] }),
  inbox_here: () => ({ state: "online" }),
};
const isForOperators = ({ name }: Callable) => name.startsWith("inbox_");

describe("each function refuses", () => {
  it.each<[string, string | null]>([
    ["anon", null],
    ["anon", OLGA],
  ])("%s, whatever their token says (%s)", async (role, sub) => {
    for (const each of callable) {
      expect([each.name, await outcome(each, role, sub)]).toEqual([each.name, "42501"]);
    }
  });

  it.each([
    ["somebody signed in to the owner's own app", STRANGER],
    ["another team's operator", OTHERS_OPERATOR],
    ["an operator of another agent of the same organisation", LISTED_ELSEWHERE],
    ["an operator who was dismissed", DISMISSED],
  ])("%s", async (who, sub) => {
    for (const each of callable) {
      const got = await outcome(each, "authenticated", sub);
      const own = OF_NOBODY[each.name];
      if (!isForOperators(each)) expect([each.name, got]).toEqual([each.name, "42501"]);
      else if (!own) expect([each.name, got]).toEqual([each.name, "PT404"]);
      else if (who.includes("dismissed") || who.includes("signed in")) {
        expect([each.name, JSON.parse(got)]).toEqual([each.name, own(sub)]);
      } else expect(got).not.toContain(AGENT);
    }
  });

  it("a signed-in role without anybody in its token", async () => {
    for (const each of callable.filter(isForOperators)) {
      const got = await outcome(each, "authenticated", null);
      const own = OF_NOBODY[each.name];
      expect([each.name, own ? JSON.parse(got) : got]).toEqual([each.name, own ? own(null) : "PT404"]);
    }
  });
});

it("those calls were ones that a member may make", async () => {
  const refused: string[] = [];
  for (const each of callable.filter(isForOperators)) {
    const got = await outcome(each, "authenticated", OLGA);
    if (/^(42501|PT40[34]|42883|22\w+|undefined)$/.test(got)) refused.push(`${each.name} ${got}`);
  }
  // What there is none of: a note, a message of hers, a saved reply; and she is the last owner.
  expect(refused).toEqual([
    "inbox_edit PT404",
    "inbox_edit_note PT404",
    "inbox_save_label PT404",
    "inbox_save_reply PT404",
  ]);
});

it("nothing that a visitor is told by any function holds a note or says that there is one", async () => {
  const [id] = [await store.begin("curious")];
  await store.operator(OLGA, "inbox_note", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "xyzzy",
  });
  await store.sent();
  const who = { p_end_user: "curious", p_conversation_id: id };
  const told = [
    await store.visitor("store_list", { p_end_user: "curious" }),
    await store.visitor("store_thread", who),
    await store.visitor("store_changes", { ...who, p_after_seq: 0 }),
    await store.visitor("store_post", { ...who, p_client_id: crypto.randomUUID(), p_body: "and?" }),
    await store.visitor("store_read", { ...who, p_seq: 9 }),
    await store.visitor("store_edit", { ...who, p_seq: 2, p_body: "and??" }),
    await store.visitor("store_export", { p_end_user: "curious" }),
    (await store.sent()).filter(({ to }) => to !== "inbox"),
  ];
  expect(JSON.stringify(told)).not.toMatch(/xyzzy|note|"rev"/);
  expect((await store.visitor("store_thread", who)).seq).toBe(4);
});
