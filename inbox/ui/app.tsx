import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { ConversationState } from "../../client/sync/conversation_setup.ts";
import { isGone } from "../../client/sync/conversation_view.ts";
import { Failure, OfflineBanner } from "../../kit/components/notes.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import type { Desk } from "../core/desk.ts";
import type { Inbox, InboxState } from "../core/inbox.ts";
import type { Row } from "../core/rows.ts";
import { createSelection } from "../core/selection.ts";
import type { Agent, Team } from "../core/team.ts";
import type { Thread } from "../core/thread.ts";
import { DetailsPane } from "./details/details.tsx";
import { useKeys } from "./keys.ts";
import { Late, latePart } from "./late.tsx";
import { lateBar, List, listName } from "./list.tsx";
import { useMessageInView } from "./open_at.ts";
import { ChoosePassword } from "./password.tsx";
import { type Place, replacePlace } from "./place.ts";
import { selectByKey } from "./selection_keys.ts";
import { type Shell, ShellContext, useDetailsFold, useShell } from "./shell.ts";
import { useSignOut } from "./sign_out.tsx";
import { SignIn } from "./sign_in.tsx";
import { Offered } from "./offered.tsx";
import { words } from "./strings.ts";
import { ThreadPane } from "./thread.tsx";
import { useTitle } from "./title.ts";
import { Views } from "./views.tsx";

/** After the first view, in milliseconds. */
const FIELDS_DELAY = 1000;

const NOTHING: ReadonlySignal<null> = signal(null);

interface AppProps {
  inbox: Inbox;
  place: ReadonlySignal<Place>;
}

export function App({ inbox, place }: AppProps) {
  const { strings } = useText();
  const state = useValue(inbox.state);
  const passwordDue = useValue(inbox.passwordDue);
  useLeaving(state);
  const { signOut, question } = useSignOut(inbox);
  const other = otherAgent(state, useValue(place));
  useEffect(() => {
    if (other !== null) inbox.choose(other);
  }, [inbox, other]);
  if (state.status === "offered") return <Offered inbox={inbox} offer={state.offer} />;
  if (state.status === "signed_out") return <SignIn inbox={inbox} problem={state.problem} />;
  if (state.status === "loading" || other !== null) {
    return (
      <main class="cover">
        <p class="hidden" role="status">{strings.loading}</p>
      </main>
    );
  }
  if (state.status === "failed") {
    return (
      <main class="cover">
        <Failure problem={state.problem} onRetry={inbox.retry} />
        <button type="button" class="link" onClick={signOut}>{words.signOut}</button>
        {question}
      </main>
    );
  }
  if (passwordDue) return <ChoosePassword inbox={inbox} email={state.email} />;
  return <Workplace key={state.desk.agent.id} inbox={inbox} place={place} {...state} />;
}

/** Another agent that the address names and this operator answers for. */
function otherAgent(state: InboxState, { agentId }: Place): string | null {
  if (state.status !== "open" || agentId === state.desk.agent.id) return null;
  return state.agents.find(({ id }) => id === agentId)?.id ?? null;
}

/** Who signs in next does not begin at the conversation that the one before had open, but for whom a session ended meanwhile. */
function useLeaving(state: InboxState): void {
  const last = useRef(state.status);
  useLayoutEffect(() => {
    const hasLeft = state.status === "signed_out" && state.problem !== "ended";
    if (last.current === "open" && hasLeft) replacePlace({});
    last.current = state.status;
  }, [state]);
}

interface WorkplaceProps extends AppProps {
  desk: Desk;
  team: Team;
  agents: readonly Agent[];
  email: string;
}

/** Views, list, thread and details; which of them are beside each other is the style sheet's matter. */
function Workplace({ inbox, place, desk, team, agents, email }: WorkplaceProps) {
  const { id: agentId } = desk.agent;
  const named = useValue(place);
  const here = useMemo(() => ({ ...named, agentId }), [named, agentId]);
  const offline = useValue(desk.live) === "offline";
  const { labels } = useValue(team.agent);
  const [isUnfolded, toggleDetails] = useDetailsFold();
  const thread = here.conversationId === null ? null : desk.open(here.conversationId);
  const details = useIsThere(thread) && isUnfolded;
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const selection = useMemo(createSelection, [desk]);
  const openPalette = () => setDialog("palette");
  const showKeys = () => setDialog("keys");
  const askPrint = () => setDialog("print");
  const newRoom = () => setDialog("room");
  const { signOut, question } = useSignOut(inbox);
  const shell: Shell = {
    inbox,
    desk,
    team,
    agents,
    email,
    here,
    selection,
    details,
    toggleDetails,
    signOut,
    openPalette,
    showKeys,
    newRoom,
    askPrint,
  };
  const { section, query, conversationId } = here;
  useKeys({
    openPalette,
    showKeys,
    select: (event, place) => selectByKey(selection, event, place),
    actOn: (key, id) => actOnRow(desk, key, id),
    explain: (key) => key === "c" && tellHeld(desk, thread?.row.value ?? null),
  });
  useTitle(desk, section ? words.settings : query === null ? listName(here, labels) : words.search);
  useMessageInView(thread, here.messageId);
  useLayoutEffect(() => {
    const ending = new AbortController();
    for (const type of ["pointerdown", "keydown"]) {
      addEventListener(type, desk.used, { signal: ending.signal, passive: true });
    }
    return () => ending.abort();
  }, [desk]);

  return (
    <ShellContext.Provider value={shell}>
      <div class="inbox" data-open={conversationId !== null} data-settings={section !== null}>
        <OfflineBanner offline={offline} />
        <div class="panes" data-details={conversationId !== null && details}>
          <Views />
          <main class="work">
            {section
              ? <Late key="settings" of={lateSettings} props={{ section }} />
              : <Work offline={offline} />}
          </main>
        </div>
      </div>
      {question}
      <Dialogs dialog={dialog} onClose={() => setDialog(null)} />
    </ShellContext.Provider>
  );
}

type DialogName = "palette" | "keys" | "print" | "room";

/** What stands over the rest at times, and what the browser's own print command prints. */
function Dialogs({ dialog, onClose }: { dialog: DialogName | null; onClose: () => void }) {
  const isReady = useFieldsSoon();
  const props = { onClose };
  return (
    <>
      {dialog === "palette" && <Late of={latePalette} props={props} onClose={onClose} />}
      {dialog === "print" && <Late of={latePrint} props={props} onClose={onClose} />}
      {isReady && lateShownPrint.Part && <lateShownPrint.Part />}
      {dialog === "room" && <Late of={lateNewRoom} props={props} onClose={onClose} />}
      {dialog === "keys" && <Late of={lateKeyList} props={props} onClose={onClose} />}
    </>
  );
}

/** What a key does at once to a conversation that need not be open for it; false for any other key. */
function actOnRow({ lists, actions, userId }: Desk, key: string, id: string): boolean {
  const row = lists.find(id);
  if (!row || !/[ce]/.test(key)) return false;
  if (key === "e") (row.status === "OPEN" ? actions.resolve : actions.reopen)(id);
  else if (!row.assignee) actions.claim(id);
  else tellHeld({ actions, userId }, row);
  return true;
}

/** Why `c` does not claim it; false if it may be claimed, or is the operator's own. */
function tellHeld({ actions, userId }: Pick<Desk, "actions" | "userId">, row: Row | null): boolean {
  if (!row?.assignee || row.assignee.id === userId) return false;
  actions.tellHeld(row.id, withoutOverrides(row.assignee.name));
  return true;
}

const lateSettings = latePart(async () => (await import("./settings/settings.tsx")).SettingsPane);
const lateSearch = latePart(async () => (await import("./search/search.tsx")).Search);
const latePalette = latePart(async () => (await import("./palette/palette.tsx")).Palette);
const latePrint = latePart(async () => (await import("./print/print.tsx")).PrintDialog);
const lateShownPrint = latePart(async () => (await import("./print/print.tsx")).PrintedAsShown);
const lateNewRoom = latePart(async () => (await import("./rooms/new_room.tsx")).NewRoom);
const lateKeyList = latePart(async () => (await import("./palette/key_list.tsx")).KeyList);

/**
 * Nobody waits for a field before typing, and what they type until it is there would be taken for keys; nor for what the browser's
 * own print command needs. True once all of it is there.
 */
function useFieldsSoon(): boolean {
  const [isThere, setThere] = useState(false);
  useEffect(() => {
    const load = () =>
      Promise.all([latePalette, lateSearch, lateBar, lateShownPrint].map((part) => part.load()))
        // Asked for again when they are opened.
        .then(() => setThere(true), () => undefined);
    const timer = setTimeout(load, FIELDS_DELAY);
    return () => clearTimeout(timer);
  }, []);
  return isThere;
}

/** False once the conversation was erased or removed. */
function useIsThere(thread: Thread | null): boolean {
  const { status, problem } = useValue<ConversationState | null>(thread?.state ?? NOTHING) ?? {};
  return status !== "failed" || !isGone(problem);
}

/** Conversations, the one that is open, and who it is with. */
function Work({ offline }: { offline: boolean }) {
  const { desk, here, details } = useShell();
  const { query, conversationId } = here;
  return (
    <>
      {query === null ? <List offline={offline} /> : <Late key="search" of={lateSearch} props={{}} />}
      <ThreadPane desk={desk} place={here} offline={offline} />
      {conversationId && details && <DetailsPane key={conversationId} conversationId={conversationId} />}
    </>
  );
}
