import confirmCss from "../../../kit/styles/confirm.css?inline";
import growingCss from "../../../kit/styles/growing.css?inline";
import keptCss from "../styles/kept.css?inline";
import type { ThreadStore } from "../../core/thread.ts";
import type { EntryTools } from "../../../kit/conversation/rows.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import { PanelContext } from "../panel_context.ts";
import { Gone } from "./gone.tsx";
import { AskForPerson } from "./ask_for_person.tsx";
import { Introduction } from "./introduction.tsx";
import { AwayLine, Greeting } from "./office.tsx";
import { NotifyMe } from "./notify_me.tsx";
import { toolsFor } from "./own_message.tsx";
import { useWords } from "./words.ts";

/** The context that this copy of the code looks into. */
export const Context = PanelContext;

export const styles = confirmCss + keptCss + growingCss;

/** Tells bots from people, and the team from other visitors: both may be called whatever they like. */
export function markFor({ state }: Pick<ThreadStore, "state">): EntryTools {
  return ({ author, peer }) => {
    if (author.role === "bot") return <BotMark />;
    const isTeam = author.role === "operator" && !peer && state.value.entries.some((entry) => entry.peer);
    return isTeam ? <TeamMark /> : null;
  };
}

function BotMark() {
  return <span class="team">{useWords().bot}</span>;
}

function TeamMark() {
  return <span class="team">{useText().strings.team}</span>;
}

/** What a thread shows beside its messages where Heddle keeps them. */
export function partsFor(store: ThreadStore) {
  return {
    gone: store.kept?.isGone() && <Gone tab={store.tab} />,
    askForPerson: [<NotifyMe key="notify" store={store} />, <AskForPerson key="ask" store={store} />],
    beside: { tools: toolsFor(store), mark: markFor(store) },
    introduction: [
      <Greeting key="greeting" store={store} />,
      <Introduction key="introduction" store={store} />,
      <AwayLine key="away" store={store} />,
    ],
  };
}
