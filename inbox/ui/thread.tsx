import { useEffect, useMemo } from "preact/hooks";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { ConversationEntry } from "../../client/sync/conversation_setup.ts";
import { isGone } from "../../client/sync/conversation_view.ts";
import type { Typist } from "../../client/sync/typing.ts";
import { Empty, Failure, Outdated, Skeleton } from "../../kit/components/notes.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { Announcer, Entries } from "../../kit/conversation/entries.tsx";
import { announcementOf } from "../../kit/conversation/rows.tsx";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { TextContext, useText } from "../../kit/text/text_context.ts";
import type { Desk } from "../core/desk.ts";
import type { Row } from "../core/rows.ts";
import type { Thread } from "../core/thread.ts";
import { markIn } from "./author_mark.tsx";
import { foldLines, Lines } from "./lines/lines.tsx";
import { type LineReader, lineText } from "./lines/words.ts";
import { EditedSince, EditedStrip } from "./edited_since.tsx";
import { firstVisible, memberNames, nameOf } from "./names.ts";
import { hrefOf, type Place } from "./place.ts";
import { useShell } from "./shell.ts";
import { GuardedBubble } from "./guarded_bubble.tsx";
import { SendRefusals, STORED, TeamEntry } from "./own_entry.tsx";
import { words } from "./strings.ts";
import { ThreadHeader } from "./thread_header.tsx";
import { Writing } from "./writing.tsx";

const SKELETON_BUBBLES = 6;
const ALWAYS: ReadonlySignal<boolean> = signal(true);

interface ThreadPaneProps {
  desk: Desk;
  place: Place;
  offline: boolean;
}

/** The open conversation, or what to do without one. */
export function ThreadPane({ desk, place, offline }: ThreadPaneProps) {
  const { conversationId } = place;
  useEffect(() => {
    if (conversationId === null) desk.close();
  }, [conversationId, desk]);
  if (conversationId === null) {
    return (
      <section class="pane" aria-label={words.conversation}>
        <Empty icon="chat" text={words.pick} />
      </section>
    );
  }
  const thread = desk.open(conversationId);
  return (
    <SendRefusals>
      <OpenThread key={conversationId} {...{ desk, thread, place, offline }} />
    </SendRefusals>
  );
}

interface OpenThreadProps extends ThreadPaneProps {
  thread: Thread;
}

function OpenThread({ desk, thread, place, offline }: OpenThreadProps) {
  const state = useValue(thread.state);
  const row = useValue<Row | null>(thread.row);
  const elsewhere = useValue<string | null>(thread.elsewhere);
  const unreadFrom = useValue(thread.unreadFrom) ?? undefined;
  const edited = useValue(thread.editedSince);
  const name = row ? nameOf(row) : words.visitor;
  const text = useText();
  const { formats, strings } = text;
  const { members } = useValue(useShell().team.agent);
  const entries = useMemo(
    () => {
      const reader = { visitor: name, userId: desk.userId, names: memberNames(members), full: formats.full };
      return state.entries.map((entry) => shownEntry(entry, reader));
    },
    [state.entries, name, desk, formats, members],
  );
  const folded = useMemo(() => foldLines(entries), [entries]);
  const told = useMemo(() => entries.filter((entry) => !isOwnLine(entry, desk)), [entries, desk]);

  useNotificationsSeen(desk, thread.id, state.status === "ready");

  if (state.status === "failed" && isGone(state.problem)) return <Gone place={place} />;
  return (
    <section class="pane" aria-label={words.conversation}>
      <ThreadHeader {...{ desk, row, name, place }} />
      <EditedStrip thread={thread} place={place} />
      {state.status === "failed" && (elsewhere
        ? <Elsewhere agentId={elsewhere} place={place} />
        : <Failure problem={state.problem} onRetry={thread.reload} />)}
      {state.status === "loading" && <Skeleton rows={SKELETON_BUBBLES} kind="bubble" />}
      {state.status === "ready" && (
        <>
          <Outdated problem={state.problem} offline={offline} onRetry={thread.reload} />
          <EditedSince.Provider value={edited}>
            <TextContext.Provider value={state.unreadAbove ? withMoreAbove(text) : text}>
              <Entries
                state={{ ...state, entries: folded.entries, unreadFrom }}
                actions={thread}
                viewer="operator"
                bubble={GuardedBubble}
                mark={markIn(row)}
                tools={(entry) => <TeamEntry entry={entry} thread={thread} />}
                notice={({ id }) =>
                  folded.lines.has(id) ? <Lines lines={folded.lines.get(id) ?? []} /> : null}
                shown={ALWAYS}
              />
            </TextContext.Provider>
          </EditedSince.Provider>
        </>
      )}
      <Announcer
        entries={told}
        ready={state.status === "ready"}
        textOf={(entry) => announcementOf(entry, strings, "operator")}
      />
      <Writers typists={state.typists} visitor={name} />
      {state.status !== "failed" && row && <Writing thread={thread} values={valuesOf(row, desk)} />}
    </section>
  );
}

/** Whoever looks at a conversation knows what they were told of it. */
function useNotificationsSeen({ notifications }: Desk, id: string, isShown: boolean): void {
  const { shown } = useValue(notifications.state);
  useEffect(() => {
    if (!isShown) return;
    const ending = new AbortController();
    const look = () => void (document.hasFocus() && notifications.seen(id));
    addEventListener("focus", look, { signal: ending.signal });
    look();
    return () => ending.abort();
  }, [shown, id, isShown]);
}

/** The line before what is new stands in the middle of it. */
const withMoreAbove = (text: ReturnType<typeof useText>) => ({
  ...text,
  strings: { ...text.strings, unreadFrom: words.unreadAbove },
});

/** In place of a conversation that another site's visitors began. */
function Elsewhere({ agentId, place }: { agentId: string; place: Place }) {
  const { agents } = useShell();
  const site = agents.find(({ id }) => id === agentId);
  return (
    <div role="alert" class="empty">
      <p>{words.elsewhere}</p>
      {site && (
        <a class="button" href={hrefOf({ ...place, view: "open", labelId: null, agentId })}>
          {words.openThere(site.name)}
        </a>
      )}
    </div>
  );
}

/** In place of a conversation that was erased while it was open, or that an old link leads to. */
function Gone({ place }: { place: Place }) {
  const { strings } = useText();
  return (
    <section class="pane" aria-label={words.conversation}>
      <div role="alert">
        <Empty icon="chat" text={words.gone}>
          <a class="button" href={hrefOf({ ...place, conversationId: null })}>{strings.back}</a>
        </Empty>
      </div>
    </section>
  );
}

/** What saved replies may name. */
function valuesOf(row: Row | null, desk: Desk): Record<string, string> {
  return {
    "visitor.name": row?.customerName ?? "",
    "agent.name": desk.name,
    "site.name": desk.agent.name,
  };
}

interface WritersProps {
  typists: readonly Typist[];
  /** What the visitor is called. */
  visitor: string;
}

/** Who else is writing: the visitor as news, a colleague as a warning, so that two do not answer at once. */
function Writers({ typists, visitor }: WritersProps) {
  const { strings } = useText();
  const names = memberNames(useValue(useShell().team.agent).members);
  const colleagues = typists.filter(({ role }) => role === "operator")
    .map(({ id = "", name }) => names.get(id) ?? (withoutOverrides(name ?? "") || words.team));
  return (
    <div class="writers" role="status">
      {typists.some(({ role }) => role === "visitor") && (
        <p class="typing" dir="auto">{strings.isWriting(visitor)}</p>
      )}
      {colleagues.length > 0 && <p class="collision" dir="auto">{words.writingReply(colleagues)}</p>}
    </div>
  );
}

/** An entry as this operator reads it: the visitor and colleagues by the name that they have now, what is own without one, notes in groups of their own. */
export function shownEntry(
  entry: ConversationEntry,
  reader: LineReader & { names: ReadonlyMap<string, string> },
): ConversationEntry {
  const { author, noteId, change } = entry;
  if (change) return { ...entry, body: lineText(entry, change, reader) };
  if (author.role === "visitor") {
    // In a room each says which visitor it is of.
    const name = author.id === undefined ? reader.visitor : firstVisible(author.name ?? null, author.id);
    return { ...entry, author: { ...author, name } };
  }
  const shown: typeof author = isMine(entry, reader.userId)
    ? { role: "operator" }
    : { ...author, name: reader.names.get(author.id ?? "") ?? nameIn(author) };
  return { ...entry, author: noteId === undefined ? shown : { ...shown, id: `note ${shown.id ?? ""}` } };
}

/** Of those that the store has, what names no operator came from the site's own server. */
function isMine({ id, author }: ConversationEntry, userId: string): boolean {
  return author.role === "operator" && (author.id === userId || author.id === undefined && !STORED.test(id));
}

/** Bots without a name are called so by the thread. */
const nameIn = ({ role, name }: ConversationEntry["author"]) =>
  firstVisible(name ?? null) ?? (role === "operator" ? words.team : undefined);

/** What the operator did is no news to them. */
function isOwnLine({ change, author }: ConversationEntry, { userId }: Desk): boolean {
  return change !== undefined && author.id === userId;
}
