import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type Envelope, eventsOf, type Notification } from "../../shared/events.ts";
import type { Project } from "./project.ts";

export type { Notification } from "../../shared/events.ts";

export interface NotificationsState {
  /** Counted up to 100. */
  unread: number;
  /** Newest first, without those that were dismissed; `null` until they have been told. */
  shown: readonly Notification[] | null;
  /** Older ones than those may be there. */
  hasOlder: boolean;
  /** The unread ones of conversations that somebody gave to the operator. */
  handed: readonly Handed[];
}

interface Handed {
  id: string;
  conversationId: string;
}

/** What the operator was told of, and has not dismissed. */
export interface Notifications {
  readonly state: ReadonlySignal<NotificationsState>;
  /** The team's channel was joined, or could not be for a while. */
  load(): void;
  receive(envelope: Envelope | null): void;
  loadOlder(): Promise<Result<unknown>>;
  /** All up to the newest that is shown. */
  readAll(): Promise<Result<unknown>>;
  /** The operator has read that one. */
  read(id: string): void;
  /** The operator looks at that conversation. */
  seen(conversationId: string): void;
  /** How the operator wants to be told. */
  preferences(): Promise<Result<Preferences>>;
  setPreferences(wanted: { email: boolean; push: boolean }): Promise<Result<Preferences>>;
  /** Tells them by push in the browser that these are of. */
  savePush(device: { endpoint: string; p256dh: string; auth: string }): Promise<Result<Preferences>>;
  removePush(endpoint: string): Promise<Result<Preferences>>;
  dismiss(id: string): Promise<Result<unknown>>;
}

/** Which channels an operator wants, besides the inbox. */
export interface Preferences {
  email: boolean;
  push: boolean;
  /** Where mails go. */
  address?: string | null;
  /** What browsers subscribe to pushes with; `null` where the project has none. */
  pushKey?: string | null;
  /** In how many browsers they are told by push. */
  devices: number;
}

const PREFERENCES: Shape<Preferences> = { email: true, push: true, devices: 0 };

export interface NotificationsSetup {
  /** The desk's. */
  scope: Scope;
  project: Project;
  agentId: string;
  userId: string;
}

interface Answer {
  unread: number;
  notifications: Omit<Notification, "readAt" | "dismissedAt" | "conversationId">[];
  handed: Handed[];
}

const ANSWER: Shape<Answer> = {
  unread: 0,
  notifications: [{
    id: "",
    userId: "",
    rule: "",
    priority: "normal",
    content: "",
    createdAt: "",
  }],
  handed: [{ id: "", conversationId: "" }],
};

/** As many as one answer holds. */
const PAGE = 50;

export function createNotifications({ scope, project, agentId, userId }: NotificationsSetup): Notifications {
  const state = signal<NotificationsState>({ unread: 0, shown: null, hasOlder: false, handed: [] });
  const about = { p_agent_id: agentId };
  let isAsking = false;
  /** Something has changed since the question that is on its way. */
  let isDue = false;
  /** How many of the operator's own changes are on their way. */
  let changing = 0;

  async function load(): Promise<void> {
    isDue = isAsking;
    if (isAsking || scope.ended) return;
    isAsking = true;
    const result = await project.call<Answer>("inbox_notifications", about, ANSWER);
    isAsking = false;
    if (scope.ended) return;
    if (result.ok && !isDue && changing === 0) {
      const { unread, notifications, handed } = result.value;
      state.value = { unread, handed, ...withOlder(notifications as Notification[], state.value) };
    }
    if (isDue) await load();
  }

  /** Shown at once; what the server says of it follows. */
  async function change(name: string, args: object, next: NotificationsState): Promise<Result<unknown>> {
    state.value = next;
    changing++;
    const result = await project.call<object>(name, { ...about, ...args }, {});
    changing--;
    void load();
    return result;
  }

  const read = (args: object, isRead: (each: Of) => boolean) =>
    change("inbox_read_notifications", args, withRead(state.value, isRead));

  return {
    state,
    load: () => void load(),
    ...createPreferences(project, about),
    receive(envelope) {
      const isMine = ({ type, data }: Envelope) =>
        type === "refresh" || type.startsWith("notification:") && data.userId === userId;
      const mine = envelope === null ? [] : eventsOf(envelope).filter(isMine);
      const updated = mine.filter(({ type }) => type === "notification:updated");
      state.value = withUpdated(state.value, updated.map(({ data }) => data as unknown as Notification));
      if (envelope === null || mine.length > 0) void load();
    },
    async loadOlder() {
      const last = state.value.shown?.at(-1);
      const args = { ...about, p_before: last?.id };
      const result = await project.call<Answer>("inbox_notifications", args, ANSWER);
      if (!result.ok || scope.ended) return result;
      const older = result.value.notifications as Notification[];
      state.value = withPage(state.value, older);
      return result;
    },
    // What came meanwhile nobody has read.
    readAll() {
      const { shown } = state.value;
      const next = { ...withRead(state.value, () => true), unread: 0 };
      return change("inbox_read_notifications", { p_until: shown?.[0]?.id }, next);
    },
    read: (id) => void read({ p_ids: [id] }, (each) => each.id === id),
    seen(conversationId) {
      const isOfIt = (each: Of) => each.conversationId === conversationId;
      const { shown, handed } = state.value;
      const unread = [...shown?.filter(({ readAt }) => readAt === null) ?? [], ...handed].filter(isOfIt);
      const ids = [...new Set(unread.map(({ id }) => id))];
      if (ids.length > 0) void read({ p_ids: ids }, isOfIt);
    },
    dismiss(id) {
      return change("inbox_dismiss_notifications", { p_ids: [id] }, withoutOne(state.value, id));
    },
  };
}

/** The newest, and behind them the older ones that were shown before, which the answer does not tell. */
function withOlder(
  newest: readonly Notification[],
  { shown, hasOlder }: NotificationsState,
): Pick<NotificationsState, "shown" | "hasOlder"> {
  const last = newest.at(-1);
  if (newest.length < PAGE || !last) return { shown: newest, hasOlder: false };
  const older = shown?.slice(shown.findIndex(({ id }) => id === last.id) + 1) ?? [];
  const isKept = shown?.some(({ id }) => id === last.id) ?? false;
  return isKept
    ? { shown: [...newest, ...older], hasOlder: hasOlder || older.length === 0 }
    : { shown: newest, hasOlder: true };
}

type Of = Pick<Notification, "id" | "conversationId">;

/** Those are read; what the server counts beyond them is not known. */
function withRead(state: NotificationsState, isRead: (each: Of) => boolean): NotificationsState {
  const { unread, shown, handed } = state;
  const readAt = new Date().toISOString();
  const isNews = (each: Notification) => each.readAt === null && isRead(each);
  const news = new Set([...shown?.filter(isNews) ?? [], ...handed.filter(isRead)].map(({ id }) => id));
  const left = handed.filter((each) => !isRead(each));
  const next = shown?.map((each) => isNews(each) ? { ...each, readAt } : each) ?? null;
  return { ...state, unread: Math.max(0, unread - news.size), shown: next, handed: left };
}

function withoutOne(state: NotificationsState, id: string): NotificationsState {
  const { unread, shown, handed } = state;
  const isUnread = shown?.some((each) => each.id === id && each.readAt === null) ?? false;
  return {
    ...state,
    unread: Math.max(0, unread - (isUnread ? 1 : 0)),
    shown: shown?.filter((each) => each.id !== id) ?? null,
    handed: handed.filter((each) => each.id !== id),
  };
}

/** With what was told as read or dismissed elsewhere; the newest are asked for. */
function withUpdated(state: NotificationsState, updated: readonly Notification[]): NotificationsState {
  const byId = new Map(updated.map((each) => [each.id, each]));
  if (!state.shown?.some(({ id }) => byId.has(id))) return state;
  const shown = state.shown.map((each) => byId.get(each.id) ?? each);
  return { ...state, shown: shown.filter(({ dismissedAt }) => dismissedAt === null) };
}

function withPage(state: NotificationsState, older: readonly Notification[]): NotificationsState {
  const known = new Set(state.shown?.map(({ id }) => id));
  const shown = [...state.shown ?? [], ...older.filter(({ id }) => !known.has(id))];
  return { ...state, shown, hasOlder: older.length === PAGE };
}

/** How the operator is told outside the inbox. */
function createPreferences(
  project: Project,
  about: object,
): Pick<Notifications, "preferences" | "setPreferences" | "savePush" | "removePush"> {
  const ask = (name: string, args: object = {}) =>
    project.call<Preferences>(name, { ...about, ...args }, PREFERENCES);
  return {
    preferences: () => ask("inbox_preferences"),
    setPreferences: ({ email, push }) => ask("inbox_set_preferences", { p_email: email, p_push: push }),
    savePush: ({ endpoint, p256dh, auth }) =>
      ask("inbox_save_push", { p_endpoint: endpoint, p_p256dh: p256dh, p_auth: auth }),
    removePush: (endpoint) => ask("inbox_remove_push", { p_endpoint: endpoint }),
  };
}
