import { beforeAll, expect, it } from "vitest";
import { createGenerator } from "../../support/generator.ts";
import { AGENT, type Json, OLGA, PIET, useStore } from "./conversation_store.ts";

const STEPS = 60;
const NOTE = "only-among-us";

const store = useStore();
beforeAll(async () => {
  await store.operator(OLGA, "inbox_save_label", {
    p_agent_id: AGENT,
    p_label_id: null,
    p_name: "Urgent",
    p_color: "#ff0000",
  });
});

/** Every function that a visitor's answer may come from, with arguments that make it answer. */
const ANSWERS: Record<string, Json> = {
  store_list: {},
  store_thread: { p_conversation_id: true },
  store_changes: { p_conversation_id: true, p_after_seq: 0 },
  store_post: { p_conversation_id: true, p_body: "And?" },
  store_edit: { p_conversation_id: true, p_seq: 1, p_body: "Hello!" },
  store_read: { p_conversation_id: true, p_seq: 99 },
  store_stop: { p_conversation_id: true, p_seq: 1 },
  store_needs_human: { p_conversation_id: true, p_needs: true },
  store_visitor: { p_changes: { name: "Vera" } },
  store_typing: { p_conversation_id: true },
  store_export: {},
};
/** Those that answer with nothing, or with numbers of rows and not to a visitor. */
const COUNT_ONLY = ["store_erase", "store_import", "store_push_off", "store_push_on", "store_sign_in"];
/** Those that are about no visitor and no conversation. */
const OF_THE_TEAM = ["store_office"];

type Step = (thread: Thread) => Promise<unknown>;
interface Thread {
  endUser: string;
  id: string;
  /** Notes there are; none where notes are left out. */
  notes: number[];
}

/** The same story for everybody who is told it; `ofNotes` says which steps are about notes. */
function story(seed: number): { ofNotes: boolean; run: Step }[] {
  const random = createGenerator(seed);
  const inbox = (name: string, args: Json = {}): Step => ({ id }) =>
    store.operator(OLGA, name, { p_conversation_id: id, ...args });
  return Array.from({ length: STEPS }, (_, n) => {
    const [p_client_id, seq, at] = [uuid(seed, n), 1 + random.below(9), random.below(99)];
    const edited = random.chance(0.3) ? null : `${NOTE} again ${n}`;
    const steps: (Step | { note: Step })[] = [
      ({ endUser, id }) =>
        store.visitor("store_post", {
          p_end_user: endUser,
          p_conversation_id: id,
          p_client_id,
          p_body: `Question ${n}`,
        }),
      inbox("inbox_post", { p_client_id, p_body: `Answer ${n}` }),
      ({ endUser, id }) =>
        store.visitor("store_read", { p_end_user: endUser, p_conversation_id: id, p_seq: seq }),
      inbox("inbox_read", { p_seq: seq }),
      inbox("inbox_claim"),
      inbox("inbox_assign", { p_to: random.pick([OLGA, PIET, null]) }),
      inbox("inbox_label", { p_label_id: 1, p_on: random.chance(0.5) }),
      inbox("inbox_status", { p_status: random.pick(["open", "resolved"]) }),
      inbox("inbox_status", { p_status: "snoozed", p_until: new Date(Date.now() + 60_000) }),
      inbox("inbox_needs_human", { p_needs: random.chance(0.5) }),
      {
        note: async (thread) => {
          const args = { p_client_id, p_body: `${NOTE} ${n}` };
          const { note } = await store.operator(OLGA, "inbox_note", {
            p_conversation_id: thread.id,
            ...args,
          });
          thread.notes.push(Number(note.id));
        },
      },
      {
        note: ({ id, notes }) =>
          store.operator(OLGA, "inbox_edit_note", {
            p_conversation_id: id,
            p_note_id: notes[at % notes.length] ?? 0,
            p_body: edited,
          }),
      },
    ];
    const step = steps[random.below(steps.length + 3) % steps.length] ?? inbox("inbox_claim");
    return "note" in step ? { ofNotes: true, run: step.note } : { ofNotes: false, run: step };
  });
}

function uuid(seed: number, n: number): string {
  return `10000000-0000-4000-8000-${String(seed).padStart(6, "0")}${String(n).padStart(6, "0")}`;
}

/** All that a visitor hears and is answered while a story is told, without what tells one telling from another. */
async function told(
  seed: number,
  endUser: string,
  withNotes: boolean,
): Promise<{ text: string; notes: number }> {
  const id = await store.begin(endUser);
  await store.sent();
  const thread: Thread = { endUser, id, notes: [] };
  const heard: unknown[] = [];
  for (const { ofNotes, run } of story(seed)) {
    if (ofNotes && !withNotes) continue;
    // Some steps are refused, as a claim of what somebody holds.
    const refused = await run(thread).then(
      () => false,
      (error: { code?: string }) => /^PT4/.test(error.code ?? ""),
    );
    const sent = (await store.sent()).filter(({ to }) => to !== "inbox");
    if (ofNotes) expect(sent).toEqual([]);
    else heard.push(refused, sent);
  }
  for (const [name, { p_conversation_id, ...args }] of Object.entries(ANSWERS)) {
    const where = p_conversation_id ? { p_conversation_id: id } : {};
    const key = name === "store_post" ? { p_client_id: uuid(seed, STEPS) } : {};
    heard.push(name, await store.visitor(name, { p_end_user: endUser, ...where, ...key, ...args }));
  }
  heard.push((await store.sent()).filter(({ to }) => to !== "inbox"));
  const text = JSON.stringify(heard)
    .replace(/[0-9a-f]{64}/g, "<hmac>")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:\+00:00|Z)/g, "<time>")
    .replaceAll(endUser, "<visitor>");
  return { text, notes: thread.notes.length };
}

it("asks every function whose answer a visitor may get", async () => {
  const rows = await store.sql<{ name: string }[]>`
    select proname as name from pg_proc
    where pronamespace = 'heddle_api'::regnamespace and proname like 'store\\_%'`;
  expect(rows.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(ANSWERS), ...COUNT_ONLY, ...OF_THE_TEAM].sort(),
  );
});

it.each([1, 2, 3])("a visitor can't tell whether the team writes notes: story %i", async (seed) => {
  const without = await told(seed, `plain-${seed}`, false);
  const among = await told(seed, `noted-${seed}`, true);
  expect(among.notes).toBeGreaterThan(2);
  expect(among.text).not.toMatch(new RegExp(`${NOTE}|note:|"rev"|"line"|"change"`));
  const lines = await store.sql`select from heddle.notes where change is not null and conversation_id in (
    select conversation.id from heddle.conversations conversation
    join heddle.visitors visitor on visitor.id = visitor_id where end_user_id = ${`noted-${seed}`})`;
  expect(lines.length).toBeGreaterThan(2);
  expect(among.text).toBe(without.text);
});
