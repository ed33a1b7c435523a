import { useLayoutEffect } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import { Failure, OfflineBanner } from "../../kit/components/notes.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { useText } from "../../kit/text/text_context.ts";
import type { Agent, Desk } from "../core/desk.ts";
import type { Inbox } from "../core/inbox.ts";
import { useKeys } from "./keys.ts";
import { List } from "./list.tsx";
import type { Place } from "./place.ts";
import { SignIn } from "./sign_in.tsx";
import { words } from "./strings.ts";
import { ThreadPane } from "./thread.tsx";
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
  return <Workplace inbox={inbox} place={place} {...state} />;
}

interface WorkplaceProps extends AppProps {
  desk: Desk;
  agents: readonly Agent[];
  email: string;
}

/** Views, list and thread; which of them are beside each other is the style sheet's matter. */
function Workplace({ inbox, place, desk, agents, email }: WorkplaceProps) {
  const here = useValue(place);
  const offline = useValue(desk.live) === "offline";
  useKeys(here);
  useLayoutEffect(() => {
    document.title = `${words.views[here.view]} · ${desk.agent.name}`;
  }, [here.view, desk]);
  useLayoutEffect(() => {
    const ending = new AbortController();
    for (const type of ["pointerdown", "keydown"]) {
      addEventListener(type, desk.used, { signal: ending.signal, passive: true });
    }
    return () => ending.abort();
  }, [desk]);

  return (
    <div class="inbox" data-open={here.conversationId !== null}>
      <OfflineBanner offline={offline} />
      <div class="panes">
        <Views {...{ inbox, desk, agents, email }} view={here.view} />
        <main class="work">
          <List desk={desk} place={here} offline={offline} />
          <ThreadPane desk={desk} place={here} offline={offline} />
        </main>
      </div>
    </div>
  );
}
