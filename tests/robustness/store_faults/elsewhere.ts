import { randomUUID } from "node:crypto";
import type { TransactionSql } from "postgres";
import type { Database } from "./database.ts";
import type { ElsewhereAction, OperatorName, Writer } from "./plan.ts";

interface Team {
  database: Database;
  visitorId: string;
  conversations: string[];
  /** User ids. */
  operators: Record<OperatorName, string>;
}

export interface Elsewhere {
  perform(action: ElsewhereAction): Promise<void>;
  /** A message of Mira's in each conversation, after which every gap shows. */
  writeInAll(text: string): Promise<void>;
}

/** What is done to the conversations from other programs than the screens: the database's functions are called as these would. */
export function createElsewhere({ database, visitorId, conversations, operators }: Team): Elsewhere {
  async function as(name: OperatorName, run: (tx: TransactionSql) => Promise<unknown>): Promise<void> {
    await database.sql.begin(async (tx) => {
      const claims = JSON.stringify({ sub: operators[name], role: "authenticated" });
      await tx`select set_config('request.jwt.claims', ${claims}, true)`;
      await tx`set local role authenticated`;
      await run(tx);
    });
  }

  /** The `newest`-th of a writer's messages, or the oldest. */
  async function message(by: Writer, id: string, newest: number): Promise<{ seq: number; body: string }> {
    const rows = await database.sql<{ seq: number; body: string }[]>`
      select seq, body from heddle.messages
      where conversation_id = ${id} and deleted_at is null and ${
      by === "visitor" ? database.sql`role = 'visitor'` : database.sql`author_id = ${operators[by]}`
    }
      order by seq desc limit ${newest + 1}`;
    return oneOf(rows);
  }

  async function change(action: Extract<ElsewhereAction, { do: "edit" | "delete" }>, id: string) {
    const { by } = action;
    const { seq, body } = await message(by, id, action.newest);
    const text = action.do === "edit" ? corrected(body, action.more) : null;
    if (by === "visitor") {
      await database
        .sql`select heddle_api.store_edit(${database.agentId}, ${visitorId}, ${id}, ${seq}, ${text})`;
    } else await as(by, (tx) => tx`select heddle_api.inbox_edit(${id}, ${seq}, ${text})`);
  }

  async function changeNote(by: OperatorName, id: string, more: string | null) {
    const notes = await database.sql<{ id: number; body: string }[]>`
      select id, body from heddle.notes
      where conversation_id = ${id} and author_id = ${operators[by]} and deleted_at is null
        and change is null
      order by id desc limit 1`;
    const note = oneOf(notes);
    const text = more === null ? null : corrected(note.body, more);
    await as(by, (tx) => tx`select heddle_api.inbox_edit_note(${id}, ${note.id}, ${text})`);
  }

  return {
    async perform(action) {
      const id = conversations[action.conversation] ?? "";
      if (action.do === "edit" || action.do === "delete") return await change(action, id);
      const { by } = action;
      switch (action.do) {
        case "note":
          return await as(
            by,
            (tx) => tx`select heddle_api.inbox_note(${id}, ${randomUUID()}, ${action.body})`,
          );
        case "edit note":
          return await changeNote(by, id, action.more);
        case "delete note":
          return await changeNote(by, id, null);
        case "hand over":
          return await as(by, (tx) => tx`select heddle_api.inbox_assign(${id}, ${operators[action.to]})`);
      }
    },
    async writeInAll(text) {
      for (const id of conversations) {
        await as("Mira", (tx) => tx`select heddle_api.inbox_post(${id}, ${randomUUID()}, ${text})`);
      }
    },
  };
}

/** The semicolon stays at the end. */
const corrected = (body: string, more: string) => `${body.slice(0, -1)}${more};`;

function oneOf<Value>(rows: readonly Value[]): Value {
  const last = rows.at(-1);
  if (last === undefined) throw new Error("there is none");
  return last;
}
