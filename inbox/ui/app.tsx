import { useLayoutEffect } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import { Failure, OfflineBanner } from "../../kit/components/notes.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { useText } from "../../kit/text/text_context.ts";
import type { Desk } from "../core/desk.ts";
import type { Inbox } from "../core/inbox.ts";
import type { Agent, Team } from "../core/team.ts";
import { DetailsPane } from "./details/details.tsx";
import { useKeys } from "./keys.ts";
import { List, listName } from "./list.tsx";
import type { Place } from "./place.ts";
import { type Shell, ShellContext, useDetailsFold } from "./shell.ts";
import { SignIn } from "./sign_in.tsx";
import { words } from "./strings.ts";
import { ThreadPane } from "./thread.tsx";
import { useTitle } from "./title.ts";
import { Views } from "./views.tsx";

interface AppProps {
  inbox: Inbox;
  place: ReadonlySignal<Place>;
}

export function App({ inbox, place }: AppProps) {
  const { strings } = useText();
  const state = useValue(inbox.state);
  if (state.status === "signed_out") return <SignIn inbox={inbox} problem={state.problem} />;
  if (state.status === "loading") {
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
        <button type="button" class="link" onClick={() => void inbox.signOut()}>{words.signOut}</button>
      </main>
    );
  }
  return <Workplace key={state.desk.agent.id} inbox={inbox} place={place} {...state} />;
}

interface WorkplaceProps extends AppProps {
  desk: Desk;
  team: Team;
  agents: readonly Agent[];
  email: string;
}

/** Views, list, thread and details; which of them are beside each other is the style sheet's matter. */
function Workplace({ inbox, place, desk, team, agents, email }: WorkplaceProps) {
  const here = useValue(place);
  const offline = useValue(desk.live) === "offline";
  const { labels } = useValue(team.agent);
  const [details, toggleDetails] = useDetailsFold();
  const shell: Shell = { inbox, desk, team, agents, email, here, details, toggleDetails };
  useKeys();
  useTitle(desk, here, listName(here, labels));
  useLayoutEffect(() => {
    const ending = new AbortController();
    for (const type of ["pointerdown", "keydown"]) {
      addEventListener(type, desk.used, { signal: ending.signal, passive: true });
    }
    return () => ending.abort();
  }, [desk]);

  const isOpen = here.conversationId !== null;
  return (
    <ShellContext.Provider value={shell}>
      <div class="inbox" data-open={isOpen}>
        <OfflineBanner offline={offline} />
        <div class="panes" data-details={isOpen && details}>
          <Views />
          <main class="work">
            <List offline={offline} />
            <ThreadPane desk={desk} place={here} offline={offline} />
            {here.conversationId && details && (
              <DetailsPane key={here.conversationId} conversationId={here.conversationId} />
            )}
          </main>
        </div>
      </div>
    </ShellContext.Provider>
  );
}
