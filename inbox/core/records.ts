import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import type { ConversationEntry } from "../../client/sync/conversation_setup.ts";
import type { Project } from "./project.ts";
import type { Room } from "./rooms.ts";
import { type CheckedRow, type ListKey, ROW, type Row } from "./rows.ts";

/** Who a conversation is with. Times are ISO 8601. */
export interface Visitor {
  /** The visitor's `endUserId`. */
  id: string;
  name: string | null;
  email: string | null;
  /** What the site says beside. Absent in answers of before it told them. */
  attributes?: Record<string, string | number | boolean>;
  /** Whether the site says who this is; else name and email are what somebody typed. */
  identified: boolean;
  /** Where they last began to write. */
  page: { title?: string; url?: string; locale?: string; timeZone?: string } | null;
  firstSeenAt: string;
  lastSeenAt: string;
  online: boolean;
}

export interface Details {
  visitor: Visitor;
  /** All visitors of a room. Absent in answers of before it told them. */
  participants?: Visitor[];
  /** `null` for a conversation. Absent in answers of before it told them. */
  room?: Room | null;
  /** The visitor's other conversations, newest first. */
  rows: Row[];
}

/** A message that holds the words looked for. */
export interface FoundMessage {
  conversationId: string;
  message: {
    id: string;
    text: string;
    role: string;
    createdAt: string;
    meta?: { author?: { name?: string } };
  };
}

/** An internal note that holds them. */
export interface FoundNote {
  conversationId: string;
  note: {
    id: string;
    text: string;
    createdAt: string;
    author: { name?: string };
  };
}

export interface Found {
  messages: FoundMessage[];
  notes: FoundNote[];
  /** Of the messages, the notes and people of that name, newest first. */
  rows: Row[];
}

/** What something said until then, an ISO 8601 time. */
export interface FormerText {
  text: string;
  replacedAt: string;
}

type Changed = Pick<ConversationEntry, "id" | "noteId">;

export interface RecordsSetup {
  project: Project;
  agentId: string;
  /** A conversation as it is now. */
  onRow(row: Row): void;
}

/** What is asked about conversations and their visitors beyond what is live. */
export type Records = ReturnType<typeof createRecords>;

const DETAILS = {
  visitor: { id: "", firstSeenAt: "", lastSeenAt: "", online: true },
  rows: [ROW] as const,
};
const FOUND = {
  messages: [{ conversationId: "", message: { id: "", text: "", role: "", createdAt: "" } }] as const,
  notes: [{
    conversationId: "",
    note: { id: "", text: "", createdAt: "", author: {} },
  }] as const,
  rows: [ROW] as const,
};
const FORMER: Shape<{ texts: FormerText[] }> = { texts: [{ text: "", replacedAt: "" }] };
/** As many as one answer holds. */
const MOST_FOUND = 80;

export function createRecords({ project, agentId, onRow }: RecordsSetup) {
  return {
    async details(conversationId: string): Promise<Result<Details>> {
      const args = { p_conversation_id: conversationId };
      const result = await project.call<CheckedDetails>("inbox_visitor", args, DETAILS);
      return result as Result<Details>;
    },
    /** Messages and notes that hold all the words, and people by any part of their name or address. */
    async search(text: string): Promise<Result<Found>> {
      const args = { p_agent_id: agentId, p_text: text, p_limit: MOST_FOUND };
      return await project.call<CheckedFound>("inbox_search", args, FOUND) as Result<Found>;
    },
    /** The newest of a list. */
    async list({ view, labelId }: ListKey): Promise<Result<Row[]>> {
      const args = { p_agent_id: agentId, p_view: view, p_label_id: labelId, p_limit: MOST_FOUND };
      const result = await project.call<{ rows: CheckedRow[] }>("inbox_list", args, { rows: [ROW] });
      return result.ok ? { ok: true, value: result.value.rows as Row[] } : result;
    },
    /** What a message or a note said before it was changed, the oldest first. */
    async formerTexts(conversationId: string, { id, noteId }: Changed): Promise<Result<FormerText[]>> {
      const args = {
        p_conversation_id: conversationId,
        ...noteId === undefined ? { p_seq: Number(id) } : { p_note_id: Number(noteId) },
      };
      const result = await project.call<{ texts: FormerText[] }>("inbox_former_texts", args, FORMER);
      return result.ok ? { ok: true, value: result.value.texts } : result;
    },
    async label(conversationId: string, labelId: number, on: boolean): Promise<Result<Row>> {
      const args = { p_conversation_id: conversationId, p_label_id: labelId, p_on: on };
      const result = await project.call<{ row: CheckedRow }>("inbox_label", args, { row: ROW });
      if (!result.ok) return result;
      const row = result.value.row as Row;
      onRow(row);
      return { ok: true, value: row };
    },
    /** All that the store keeps of one of a conversation's visitors, as JSON for them. */
    exportVisitor: (conversationId: string, visitorId: string): Promise<Result<object>> =>
      project.call<object>("inbox_export_visitor", argsFor(conversationId, visitorId), {}),
    /** Erases one of a conversation's visitors with all they wrote. */
    eraseVisitor: (conversationId: string, visitorId: string): Promise<Result<object>> =>
      project.call<object>("inbox_erase_visitor", argsFor(conversationId, visitorId), {}),
  };
}

function argsFor(conversationId: string, visitorId: string) {
  return { p_conversation_id: conversationId, p_end_user: visitorId };
}

interface CheckedDetails {
  visitor: Pick<Visitor, "id" | "firstSeenAt" | "lastSeenAt" | "online">;
  rows: CheckedRow[];
}

interface CheckedFound {
  messages: FoundMessage[];
  notes: FoundNote[];
  rows: CheckedRow[];
}
