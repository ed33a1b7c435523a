import type { RowChange } from "../../client/sync/changing_list.ts";
import { fits, type Shape } from "../../client/http/transport.ts";
import { type Envelope, eventsOf, type MessageRole } from "../../shared/events.ts";

export const VIEWS = ["needs_human", "waiting", "mine", "unassigned", "open", "snoozed", "resolved"] as const;
export type View = (typeof VIEWS)[number];

export interface Places {
  visitor: number;
  team: number;
}

/** Of one that was deleted the text is empty. */
export interface LastMessage {
  text: string;
  role: MessageRole;
  createdAt: string;
  /** Which operator wrote it. */
  authorId?: string;
  isDeleted?: boolean;
}

/** A conversation in the team's lists. Times are ISO 8601. */
export interface Row {
  id: string;
  /** The visitor's `endUserId`. */
  psid: string;
  customerName: string | null;
  customerEmail: string | null;
  /** Whether the site says who the visitor is; else name and email are what somebody typed. */
  identified: boolean;
  pageName: string | null;
  name: string | null;
  /** Absent in answers of before there were rooms. */
  kind?: string;
  status: string;
  snoozedUntil: string | null;
  /** Its time came, and who holds it, or anybody while nobody does, has not opened it since. */
  snoozeEnded: boolean;
  needsHuman: boolean;
  assignee: { id: string; name: string } | null;
  /** Ids. */
  labels: number[];
  /** Counts its changes. */
  rev: number;
  /** Messages of the visitor's that the team has not seen as they are now. */
  unread: number;
  /** Those that were changed since the team read them, at most 20, and the number of the last change. */
  edited?: { ids: string[]; seq: number };
  lastMessage: LastMessage | null;
  lastMessageAt: string;
  /** Its place in the lists: when its last message came or its last snooze ended. */
  activeAt: string;
  /** When the visitor wrote the first message that nobody has answered; `null` once somebody has, or resolved it. */
  waitingSince: string | null;
  readSeqs: Places;
  deliveredSeqs: Places;
}

/** What must hold of a row before it is shown; what may be null is read with care. */
export type CheckedRow = Omit<
  Row,
  | "customerName"
  | "customerEmail"
  | "identified"
  | "pageName"
  | "name"
  | "snoozedUntil"
  | "assignee"
  | "lastMessage"
  | "waitingSince"
>;

export const ROW: Shape<CheckedRow> = {
  id: "",
  psid: "",
  status: "",
  snoozeEnded: true,
  needsHuman: true,
  labels: [0],
  rev: 0,
  unread: 0,
  lastMessageAt: "",
  activeAt: "",
  readSeqs: { visitor: 0, team: 0 },
  deliveredSeqs: { visitor: 0, team: 0 },
};

/** Last activity first, as the database sorts: times of one format are in the order of their characters. */
export function compareRows(first: Row, second: Row): number {
  if (first.activeAt !== second.activeAt) return first.activeAt < second.activeAt ? 1 : -1;
  return first.id < second.id ? 1 : -1;
}

/** Those who wait longest first. */
export function compareWaiting(first: Row, second: Row): number {
  const [since, other] = [first.waitingSince ?? "", second.waitingSince ?? ""];
  if (since !== other) return since < other ? -1 : 1;
  return first.id < second.id ? -1 : 1;
}

const IN_VIEW: Record<View, (row: Row, userId: string) => boolean> = {
  needs_human: (row) => row.status === "OPEN" && row.needsHuman,
  waiting: (row) => row.status === "OPEN" && (row.waitingSince ?? null) !== null,
  mine: (row, userId) => row.status === "OPEN" && row.assignee?.id === userId,
  unassigned: (row) => row.status === "OPEN" && row.assignee === null,
  open: (row) => row.status === "OPEN",
  snoozed: (row) => row.status === "SNOOZED",
  resolved: (row) => row.status === "RESOLVED",
};

export function isInView(view: View, row: Row, userId: string): boolean {
  return IN_VIEW[view](row, userId);
}

/** What a list shows: a view, or with `labelId` the open conversations that have it. */
export interface ListKey {
  view: View;
  labelId: number | null;
}

export function isInList({ view, labelId }: ListKey, row: Row, userId: string): boolean {
  if (labelId === null) return isInView(view, row, userId);
  return row.status === "OPEN" && row.labels.includes(labelId);
}

/** What one broadcast on the team's channel tells about conversations and the channel. */
export interface TeamNews {
  changes: RowChange<Row>[];
  /** Rows as they are now. */
  rows: Row[];
  /** Ids of those that have just begun. */
  begun: Set<string>;
  /** Something happened that no row tells. */
  isHint: boolean;
  /** The channel has another name from now on. */
  hasMoved: boolean;
}

/** Types that say nothing about rows beyond what comes with them. */
const ELSEWHERE =
  /^(typing|user:(online|offline)|conversation:(new|view-update)|notification:(new|updated)|message_stream)$/;

export function readTeamNews(envelope: Envelope | null): TeamNews {
  const news: TeamNews = {
    changes: [],
    rows: [],
    begun: new Set(),
    isHint: envelope === null,
    hasMoved: false,
  };
  const changed = new Map<string, { id: string; rev: number; row?: Row }>();
  for (const { type, data } of envelope ? eventsOf(envelope) : []) {
    const { conversationId: id, rev } = data;
    const { id: begun } = Object(data.conversation) as { id?: unknown };
    if (type === "inbox:moved") news.hasMoved = true;
    else if (type === "conversation:new" && typeof begun === "string") news.begun.add(begun);
    else if (typeof id === "string" && typeof rev === "number") {
      const key = `${id} ${rev}`;
      const row = type === "conversation:updated" && fits<CheckedRow>(data, ROW) ? data as Row : undefined;
      changed.set(key, { id, rev, row: row ?? changed.get(key)?.row });
    } else if (!ELSEWHERE.test(type)) news.isHint = true;
  }
  for (const { id, rev, row } of changed.values()) {
    // Without its row an event says nothing about what a list shows.
    news.changes.push({ id, rev, change: (former) => row ?? former ?? null });
    if (row) news.rows.push(row);
  }
  return news;
}
