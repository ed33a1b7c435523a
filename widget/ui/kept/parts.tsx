import styles from "../styles/kept.css?inline";
import type { ThreadStore } from "../../core/thread.ts";
import { PanelContext } from "../panel_context.ts";
import { Gone } from "./gone.tsx";
import { AskForPerson } from "./ask_for_person.tsx";
import { Introduction } from "./introduction.tsx";
import { toolsFor } from "./own_message.tsx";

/** The context that this copy of the code looks into. */
export const Context = PanelContext;

export { styles };

/** What a thread shows beside its messages where Heddle keeps them. */
export function partsFor(store: ThreadStore) {
  return {
    gone: store.kept?.isGone() && <Gone tab={store.tab} />,
    askForPerson: <AskForPerson store={store} />,
    tools: toolsFor(store),
    introduction: <Introduction store={store} />,
  };
}
