import type { Problem, Result, TellProblem } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import type { NumberName, StreamEntry } from "./conversation_events.ts";
import type { BothMarks, Side } from "./marks.ts";
import type { Accepted, Outbox } from "./outbox.ts";
import type { ThreadEntry } from "./pending.ts";
import type { FetchOutcome } from "./refetcher.ts";
import type { StreamPage } from "./stream.ts";
import type { Typist } from "./typing.ts";

/** Where the built-in store is asked, and told. Entries come oldest first. */
export interface ConversationSource {
  /** The newest page, or the one before it that a cursor leads to; `null`: the conversation has yet to begin. */
  fetchPage(cursor?: string): Promise<Result<ConversationPage>> | null;
  changesAfter(number: number): Promise<Result<ConversationChanges>>;
  /** The viewer has seen messages up to that place. */
  read(place: number): Promise<Result<unknown>>;
  /** They arrived. */
  deliver(place: number): Promise<Result<unknown>>;
  typing(): Promise<unknown>;
}

export interface ConversationPage extends StreamPage<StreamEntry> {
  /** Of the newest change that the page knows. */
  number: number;
  marks?: Partial<BothMarks>;
}

/** Every entry that is new or was changed after a number, as it is now. */
export type ConversationChanges =
  | { number: number; entries: StreamEntry[]; marks?: Partial<BothMarks> }
  | { tooMany: true };

export interface Viewer {
  side: Side;
  /** An operator's, whose own typing is no news; of a visitor in a room, whose other visitors are others to them. */
  id?: string;
  name?: string;
}

export type ConversationEntry = ThreadEntry & Partial<Pick<StreamEntry, "place" | "noteId">>;

export interface ConversationState {
  /** `loading` only while there is nothing to show. */
  status: "loading" | "ready" | "failed";
  /** Oldest first; what is still being sent stands last. */
  entries: ConversationEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  typists: readonly Typist[];
  marks: BothMarks;
  /** Messages by the other side, of those loaded, that the viewer's has not read. */
  unread: number;
  /** There may be more of them before those loaded. */
  unreadAbove: boolean;
  problem?: Problem;
}

export interface ConversationSetup<Answer extends Accepted> {
  environment: Environment;
  /** The open conversation's. */
  scope: Scope;
  source: ConversationSource;
  outbox: Outbox<Answer>;
  viewer: Viewer;
  number: NumberName;
  /** The source has what the viewer wrote. */
  onAccepted?(answer: Answer): void;
  /** A message by the other side that was not there when the conversation was opened. */
  onForeignEntry(entry: StreamEntry): void;
  /** A fetch of the newest ended. */
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}
