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
}

/** What the operator was told of, and has not dismissed. */
export interface Notifications {
  readonly state: ReadonlySignal<NotificationsState>;
  /** The team's channel was joined, or could not be for a while. */
  load(): void;
  receive(envelope: Envelope | null): void;
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
};

/** Of these somebody gave a conversation to whoever was told. */
export const HANDED_OVER = "handed_over";

export function createNotifications({ scope, project, agentId, userId }: NotificationsSetup): Notifications {
  const state = signal<NotificationsState>({ unread: 0, shown: null });
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
      const { unread, notifications } = result.value;
      state.value = { unread, shown: notifications as Notification[] };
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

  /** Reads those that are shown. */
  function read(isRead: (each: Notification) => boolean): Promise<Result<unknown>> {
    const { unread, shown } = state.value;
    const readAt = new Date().toISOString();
    const ids = shown?.filter((each) => each.readAt === null && isRead(each)).map(({ id }) => id) ?? [];
    return change("inbox_read_notifications", { p_ids: ids }, {
      unread: Math.max(0, unread - ids.length),
      shown: shown?.map((each) => ids.includes(each.id) ? { ...each, readAt } : each) ?? null,
    });
  }

  const ask = (name: string, args: object = {}) =>
    project.call<Preferences>(name, { ...about, ...args }, PREFERENCES);

  return {
    state,
    load: () => void load(),
    preferences: () => ask("inbox_preferences"),
    setPreferences: ({ email, push }) => ask("inbox_set_preferences", { p_email: email, p_push: push }),
    savePush: ({ endpoint, p256dh, auth }) =>
      ask("inbox_save_push", { p_endpoint: endpoint, p_p256dh: p256dh, p_auth: auth }),
    removePush: (endpoint) => ask("inbox_remove_push", { p_endpoint: endpoint }),
    receive(envelope) {
      const isMine = ({ type, data }: Envelope) =>
        type === "refresh" || type.startsWith("notification:") && data.userId === userId;
      if (envelope === null || eventsOf(envelope).some(isMine)) void load();
    },
    // What came meanwhile nobody has read.
    readAll: () => read(() => true),
    read: (id) => void read((each) => each.id === id),
    seen(conversationId) {
      const isOfIt = (each: Notification) => each.conversationId === conversationId;
      if (state.value.shown?.some((each) => isOfIt(each) && each.readAt === null)) void read(isOfIt);
    },
    dismiss(id) {
      const { unread, shown } = state.value;
      const isUnread = shown?.some((each) => each.id === id && each.readAt === null) ?? false;
      return change("inbox_dismiss_notifications", { p_ids: [id] }, {
        unread: Math.max(0, unread - (isUnread ? 1 : 0)),
        shown: shown?.filter((each) => each.id !== id) ?? null,
      });
    },
  };
}
