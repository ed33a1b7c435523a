import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRestHandler } from "../../../local/rest/handler.ts";
import { AGENT, OLGA, PIET, useStore } from "./conversation_store.ts";
import { CURSORS, HOSTILE } from "./hostile_values.ts";

interface Signature {
  name: string;
  args: string[];
  types: string[];
}

const store = useStore();
let authenticator: Sql;
let conversation: string;
/** Arguments that are in order, as JSON texts. */
let good: Record<string, string>;

beforeAll(async () => {
  authenticator = postgres(store.as("authenticator"), { max: 1, onnotice: () => {} });
  conversation = await store.begin("u1");
  const text = JSON.stringify;
  good = {
    p_agent_id: text(AGENT),
    p_end_user: text("u1"),
    p_conversation_id: text(conversation),
    p_conversations: text([{
      id: crypto.randomUUID(),
      endUserId: "imported",
      messages: [{ role: "visitor", body: "Hello", createdAt: "2026-01-01T00:00:00Z" }],
    }]),
    p_client_id: text(crypto.randomUUID()),
    p_user_id: text(PIET),
    p_body: text("text"),
    p_seq: "1",
    p_after_seq: "0",
    p_seen: "true",
    p_needs: "true",
    p_limit: "10",
    p_name: text("Name"),
    p_every_agent: "true",
    p_role: text("operator"),
    p_changes: "{}",
    p_on: "true",
    p_status: text("open"),
    p_state: text("online"),
    p_view: text("open"),
    p_text: text("hello"),
    p_ids: "[]",
    p_color: text("#000000"),
    p_shortcut: text("hello"),
    p_after_rev: "0",
  };
});
afterAll(() => authenticator.end());

async function signatures(): Promise<Signature[]> {
  return await store.sql`
    select proname as name, coalesce(proargnames, '{}') as args,
      array(select format_type(type, null) from unnest(proargtypes) with ordinality as _ (type, n) order by n) as types
    from pg_proc
    where pronamespace = 'heddle_api'::regnamespace and proname ~ '^(inbox|store)_|_members?$'
    order by proname`;
}

/** What becomes of a call as the Data API makes it; all it did is taken back. */
async function refusalOf(
  { name, args, types }: Signature,
  given: Record<string, string>,
): Promise<string | null> {
  const fields = args.map((arg) => `"${arg}": ${given[arg] ?? "null"}`).join(", ");
  const columns = args.map((arg, n) => `${arg} ${types[n]}`).join(", ");
  const list = args.map((arg) => `${arg} => given.${arg}`).join(", ");
  let isRead = args.length === 0;
  try {
    await store.sql.begin(async (tx) => {
      const role = name.startsWith("inbox_") ? "authenticated" : "service_role";
      await tx`select set_config('role', ${role}, true),
        set_config('request.jwt.claims', ${JSON.stringify({ role, sub: OLGA })}, true)`;
      if (args.length > 0) {
        await tx.unsafe(`select * from json_to_record($1::text::json) as given (${columns})`, [
          `{${fields}}`,
        ]);
      }
      isRead = true;
      await tx.unsafe(
        args.length === 0
          ? `select heddle_api.${name}()`
          : `select heddle_api.${name}(${list}) from json_to_record($1::text::json) as given (${columns})`,
        args.length === 0 ? [] : [`{${fields}}`],
      );
      throw new Error("taken back");
    });
  } catch (error) {
    const { code, message, detail } = error as { code?: string; message: string; detail?: string };
    // What is no value of the argument's type is refused before any function is called.
    if (message === "taken back" || !isRead && /^22/.test(code ?? "")) return null;
    if (/^PT4\d\d$/.test(code ?? "") && !`${detail}`.includes("Failing row")) return null;
    return `${code} ${message}`;
  }
  return null;
}

it("whatever a function of the store is given, the answer is one or a clear refusal", async () => {
  const unclear: string[] = [];
  for (const signature of await signatures()) {
    for (const [n, arg] of signature.args.entries()) {
      const values = arg === "p_cursor" ? CURSORS : HOSTILE[signature.types[n] ?? ""];
      if (!values) throw new Error(`no hostile ${signature.types[n]}`);
      for (const value of values) {
        const refusal = await refusalOf(signature, { ...good, [arg]: value });
        if (refusal) unclear.push(`${signature.name} ${arg} ${value.slice(0, 40)}: ${refusal.slice(0, 160)}`);
      }
    }
  }
  expect(unclear).toEqual([]);
});

describe("what is no value of its type is refused before a function is called, with the code of its kind:", () => {
  it.each([
    ["a character that no text holds", "inbox_note", '"p_body": "a\\u0000b"', "400 22P05"],
    ["half a character", "inbox_note", '"p_body": "a\\ud800b"', "400 22P02"],
    ["no id", "inbox_note", '"p_client_id": "no id"', "400 22P02"],
    ["too large a number", "inbox_edit", '"p_seq": 99999999999', "400 22003"],
    ["no number", "inbox_edit", '"p_seq": "one"', "400 22P02"],
    ["no time", "inbox_status", '"p_until": "soon"', "400 22007"],
    ["an argument that there is none", "inbox_note", '"p_text": "a"', "404 PGRST202"],
  ])("%s", async (_, name, argument, refusal) => {
    const handle = createRestHandler({ sql: authenticator, schemas: ["heddle_api"] });
    const args: Record<string, string[]> = {
      inbox_note: ["p_client_id", "p_body"],
      inbox_edit: ["p_seq", "p_body"],
      inbox_status: ["p_status", "p_until"],
    };
    const given = ["p_conversation_id", ...args[name] ?? []].map((arg) => `"${arg}": ${good[arg] ?? "null"}`);
    const body = `{${[...given, argument].join(", ")}}`;
    const request = new Request(`http://localhost/rest/v1/rpc/${name}`, { method: "POST", body });
    const response = await handle(request, { role: "authenticated", sub: OLGA });
    const { code, message } = await response.json();
    expect([`${response.status} ${code}`, message]).toEqual([
      refusal,
      expect.not.stringContaining("Failing row"),
    ]);
  });
});

describe("a team keeps so many, and then is told so:", () => {
  it.each([
    ["labels", "labels (agent_id, name)", "inbox_save_label", {
      p_label_id: null,
      p_name: "One more",
      p_color: "#000000",
    }],
    [
      "saved replies",
      "saved_replies (agent_id, shortcut, body)",
      "inbox_save_reply",
      { p_reply_id: null, p_shortcut: "one-more", p_body: "x" },
    ],
  ])("%s", async (what, columns, name, args) => {
    const body = what === "labels" ? "" : ", 'x'";
    await store.sql.unsafe(`insert into heddle.${columns}
      select '${AGENT}', 'number-' || n${body} from generate_series(1, 500) n`);
    await expect(store.operator(OLGA, name, { p_agent_id: AGENT, ...args })).rejects.toMatchObject({
      code: "PT400",
      detail: `An agent keeps at most 500 ${what}.`,
    });
  });
});

it("a list with every label on every row is still one answer", async () => {
  await store.sql.begin(async (tx) => {
    await tx`select set_config('heddle.importing', 'on', true)`;
    await tx`
      insert into heddle.conversation_labels (conversation_id, label_id) select ${conversation}, id from heddle.labels
      on conflict do nothing`;
  });
  const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
  expect(rows[0].labels.length).toBeGreaterThanOrEqual(500);
});
