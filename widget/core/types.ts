import type { ReadonlySignal } from "@preact/signals-core";
import type { Display, EndUser } from "../../shared/api/validate_widget.ts";
import type { ErrorCode } from "../../shared/errors.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { CreateThreads } from "./stores/threads.ts";

/** What the widget finds out itself; every other code comes from a function. */
export const WIDGET_CODES = ["network", "storage_blocked"] as const;

/**
 * What went wrong. `code` is stable; `network` means that no answer came, and `storage_blocked` that the browser keeps
 * nothing beyond this page. `message` is for developers, but with `source_rejected` the owner's words to the visitor.
 */
export interface Problem {
  code: ErrorCode | typeof WIDGET_CODES[number];
  message: string;
}

export type SessionState =
  | { status: "idle" | "loading" }
  | { status: "ready"; agentName: string; display: Display; endUser: EndUser; tabs: Tab[] }
  | { status: "failed"; problem: Problem };

/** `offline`: the socket has been away for more than three seconds (docs/realtime.md, rule 11); the banner shows. */
export type LiveState = "off" | "connecting" | "live" | "offline";

export interface ListState {
  /** `loading` only while there is nothing to show; a refetch keeps `ready`. */
  status: "idle" | "loading" | "ready" | "failed";
  items: Item[];
  hasMore: boolean;
  loadingMore: boolean;
  /** Set with `failed`, and with `ready` when a later refetch failed. */
  problem?: Problem;
}

export type Delivery = "sending" | "sent" | "not_confirmed" | "failed";

export interface ThreadEntry extends Entry {
  /** On the visitor's own entries since this page was loaded. */
  delivery?: Delivery;
  problem?: Problem;
}

export interface ThreadState {
  status: "loading" | "ready" | "failed";
  /** `null` for a new conversation until its first entry was accepted. */
  item: Item | null;
  /** Oldest first; what is still being sent stands last. */
  entries: ThreadEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  problem?: Problem;
}

/** The list of one tab. */
export interface ListStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ListState>;
  /** The visitor looks at this tab now: it is fetched (again). Also the retry button's handler. */
  open(): void;
  loadMore(): void;
  /** Resolves to the problem, or to `null` when the owner accepted. */
  remove(itemId: string): Promise<Problem | null>;
  update(itemId: string, changes: Record<string, unknown>): Promise<Problem | null>;
}

/** An open thread, or the detail of a default tab's item. Lives until `close()`. */
export interface ThreadStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ThreadState>;
  reload(): void;
  loadOlder(): void;
  /** Shows the entry at once and sends it; `body` is trimmed by the caller and not empty. */
  send(body: string): void;
  /** Sends a `failed` or `not_confirmed` entry again, with the same `clientId`. */
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** True while the newest entry is on a visible screen: read receipts are sent only then (docs/realtime.md, rule 6). */
  setReading(reading: boolean): void;
  update(changes: Record<string, unknown>): Promise<Problem | null>;
  remove(): Promise<Problem | null>;
  close(): void;
}

export interface CoreEvents {
  /** Unread messages over all messaging tabs changed. */
  unread: number;
  /** An entry by somebody else arrived in the open thread. */
  message: { tabId: string; itemId: string; entry: Entry };
  error: Problem;
  ready: { endUser: EndUser };
}

/** Everything the widget does without a DOM. Made by `createCore` in `core.ts`. */
export interface Core {
  readonly session: ReadonlySignal<SessionState>;
  readonly live: ReadonlySignal<LiveState>;
  /** Unread messages by tab id, from the server's numbers. */
  readonly unreadByTab: ReadonlySignal<Readonly<Record<string, number>>>;
  readonly unread: ReadonlySignal<number>;
  /** Validates (or resumes the stored session) and, for a visitor who has conversations, goes live. Also the retry of a failed session. */
  start(): Promise<void>;
  /** Another visitor, or the same one with a new token. Everything of the former visitor is dropped first. */
  identify(userToken: string): Promise<void>;
  /** Forgets the visitor here: session, lists, threads, channels. */
  logout(): void;
  /** The panel was opened or closed: decides on the socket, refetches what is shown. */
  setPanelOpen(open: boolean): void;
  list(tabId: string): ListStore;
  /** Hands over the code of threads, which a page that shows only a badge does not load. Before `openItem`. */
  useThreads(create: CreateThreads): void;
  /** `itemId: null` starts a new conversation. At most one thread is open; opening one closes the former. */
  openItem(tabId: string, itemId: string | null): ThreadStore;
  on<Name extends keyof CoreEvents>(name: Name, handler: (detail: CoreEvents[Name]) => void): () => void;
  /** Ends every timer, listener, request and socket. */
  shutdown(): void;
}

export interface CoreOptions {
  agentId: string;
  /** Origin of the Supabase project: functions and Realtime are derived from it. */
  apiOrigin: string;
  userToken?: string;
  /** Asked for a fresh token when the old one has expired. */
  getUserToken?: () => Promise<string | null>;
}
