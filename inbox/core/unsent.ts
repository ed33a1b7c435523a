import type { Problem, Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import type { Environment } from "../../client/platform/environment.ts";
import {
  messageEntry,
  noteEntry,
  readNote,
  type StreamEntry,
} from "../../client/sync/conversation_events.ts";
import { entryOf, readMessage } from "../../shared/events.ts";
import type { Project } from "./project.ts";

/** For so long an entry goes out by itself once there is a connection, in milliseconds. */
const GOES_BY_ITSELF = 10 * 60_000;
/** An entry that is no older was handed over just now. */
const JUST_NOW = 5000;

interface Entries {
  messages: object[];
  notes: object[];
}

const ENTRIES: Shape<Entries> = { messages: [{}], notes: [{}] };

/** What is to be sent, and when its writer last said so, in milliseconds since the epoch. */
interface Unsent {
  conversationId: string;
  clientId: string;
  writtenAt: number;
}

export interface LateCheckSetup {
  environment: Pick<Environment, "now">;
  project: Pick<Project, "call">;
  /** Who writes. */
  userId: string;
}

/**
 * What was written a while ago goes out only if it still says what its writer wants to say: within ten minutes, and as long as
 * nobody else of the team has written in the conversation, and nobody resolved it. Returns `null` if it may be sent, the entry
 * that the store has of it already, or `conflict`.
 */
export function createLateCheck({ environment, project, userId }: LateCheckSetup) {
  return async ({ conversationId, clientId, writtenAt }: Unsent): Promise<Result<StreamEntry> | null> => {
    const age = environment.now() - writtenAt;
    if (age <= JUST_NOW) return null;
    const about = { p_conversation_id: conversationId };
    const answer = await project.call<Entries>("inbox_thread", about, ENTRIES);
    if (!answer.ok) return answer;
    const entries = entriesIn(answer.value);
    const stored = entries.find((entry) => entry.clientId === clientId);
    if (stored) return { ok: true, value: stored };
    const isPassed = entries.some((entry) => passes(entry, userId) && timeOf(entry) > writtenAt);
    return age > GOES_BY_ITSELF || isPassed ? { ok: false, problem: PASSED } : null;
  };
}

const PASSED: Problem = {
  code: "conflict",
  message: "It was written a while ago, or the team went on without it.",
};

function entriesIn({ messages, notes }: Entries): StreamEntry[] {
  return [
    ...messages.map(readMessage).flatMap((message) => message ? [messageEntry(entryOf(message))] : []),
    ...notes.map(readNote).flatMap((note) => note ? [noteEntry(note)] : []),
  ];
}

/** What a reply that was written before it no longer fits. */
function passes({ author, change, noteId }: StreamEntry, userId: string): boolean {
  if (change) return change.status === "RESOLVED";
  return noteId === undefined && author.role === "operator" && author.id !== userId;
}

const timeOf = ({ createdAt = "" }: StreamEntry) => Date.parse(createdAt);
