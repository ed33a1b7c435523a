import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRestHandler, type RestHandler } from "../../../local/rest/handler.ts";
import { AGENT, type ConversationStore, createStore, OLGA } from "./conversation_store.ts";

/** Refusals in words: ours, or Postgres' of a value that is none of its type. Never of a constraint, whose details show the row. */
const CLEAR = /^(PT4\d\d|22P02|22P05|22003|22007|22008|22023|PGRST\d+)$/;

const TEXTS = [
  "",
  " ",
  "\t\n",
  "x".repeat(70_000),
  "\\u0000",
  "\\ud800",
  "🌿".repeat(500),
  "'; drop table x; --",
  "\\",
];
/** As JSON texts. */
const HOSTILE: Record<string, string[]> = {
  "text": [
    ...TEXTS.map((text) => text.startsWith("\\u") ? `"a${text}b"` : JSON.stringify(text)),
    "null",
    "7",
    "{}",
  ],
  "uuid": ['"no uuid"', "null", '""', `"${crypto.randomUUID()}"`],
  "uuid[]": [
    JSON.stringify(Array.from({ length: 10_000 }, () => crypto.randomUUID())),
    "null",
    "[]",
    '["x"]',
    "[null]",
    "[[]]",
  ],
  "integer": ["0", "-1", "2147483647", "-2147483648", "1e99", "1.5", "null", '"x"'],
  "boolean": ["null", '"maybe"', "2"],
  "jsonb": [
    "null",
    "{}",
    "[]",
    "7",
    '"x"',
    '{"name": 7}',
    '{"name": ""}',
    '{"role": "admin"}',
    JSON.stringify({ name: "x".repeat(5000) }),
    JSON.stringify([{ url: "x".repeat(90_000) }]),
    JSON.stringify(Array.from({ length: 10_000 }, () => ({ url: "https://shop.example/a.png" }))),
    '["a\\u0000"]',
  ],
  "timestamp with time zone": ["null", '"infinity"', '"-infinity"', '"yesterday"', '"294277-01-01"', '"x"'],
};
const CURSORS = [
  "x",
  "1.1~1:1:",
  "1.1~9:1:",
  "1.1~99999999999999999999:1:",
  `1.1~1:1:${"1,".repeat(200)}1`,
  "1.1~1:9:~1:9:~0~not-a-uuid-but-thirty-six-characters",
  "~",
  "1.1~1:9:5,4,3",
];

let store: ConversationStore;
let authenticator: Sql;
let handle: RestHandler;
let conversation: string;

beforeAll(async () => {
  store = await createStore();
  authenticator = postgres(store.as("authenticator"), { max: 4, onnotice: () => {} });
  handle = createRestHandler({ sql: authenticator, schemas: ["heddle_api"] });
  conversation = await store.begin();
});
afterAll(async () => {
  await authenticator.end();
  await store.drop();
});

/** Calls a function through the Data API as Olga, with a body that JSON.stringify would not write. */
async function call(name: string, body: string): Promise<{ status: number; text: string; code?: string }> {
  const request = new Request(`http://localhost/rest/v1/rpc/${name}`, { method: "POST", body });
  const response = await handle(request, { role: "authenticated", sub: OLGA });
  const text = await response.text();
  return { status: response.status, text, code: response.ok ? undefined : JSON.parse(text).code };
}

async function signatures(): Promise<{ name: string; args: string[]; types: string[] }[]> {
  return await store.sql`
    select proname as name, coalesce(proargnames, '{}') as args,
      array(select format_type(type, null) from unnest(proargtypes) with ordinality as _ (type, n) order by n) as types
    from pg_proc where pronamespace = 'heddle_api'::regnamespace and proname like 'inbox\\_%' order by proname`;
}

/** Arguments that are in order, as JSON texts. */
function good(): Record<string, string> {
  return {
    p_agent_id: `"${AGENT}"`,
    p_conversation_id: `"${conversation}"`,
    p_client_id: `"${crypto.randomUUID()}"`,
    p_user_id: `"${OLGA}"`,
    p_body: '"text"',
    p_seq: "1",
    p_seen: "true",
    p_on: "true",
    p_needs: "true",
    p_status: '"open"',
    p_state: '"online"',
    p_view: '"open"',
    p_text: '"hello"',
    p_ids: "[]",
    p_name: `"${crypto.randomUUID()}"`,
    p_color: '"#000000"',
    p_shortcut: `"${crypto.randomUUID()}"`,
    p_changes: "{}",
    p_limit: "10",
  };
}

it("whatever an operator sends, the answer is one or a clear refusal", async () => {
  const unclear: string[] = [];
  for (const { name, args, types } of await signatures()) {
    for (const [n, arg] of args.entries()) {
      const values = arg === "p_cursor"
        ? CURSORS.map((cursor) => JSON.stringify(cursor))
        : HOSTILE[types[n] ?? ""];
      if (!values) throw new Error(`no hostile ${types[n]}`);
      for (const value of values) {
        const given = { ...good(), [arg]: value };
        const fields = args.map((each) => `"${each}": ${given[each as keyof typeof given] ?? "null"}`);
        const { status, text, code } = await call(name, `{${fields.join(", ")}}`);
        if (status >= 500 || code !== undefined && !CLEAR.test(code) || text.includes("Failing row")) {
          unclear.push(`${name} ${arg} ${value.slice(0, 40)}: ${status} ${text.slice(0, 200)}`);
        }
      }
    }
  }
  expect(unclear).toEqual([]);
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
