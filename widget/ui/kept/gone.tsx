import { Empty } from "../../../kit/components/notes.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import type { Tab } from "../../../shared/tabs.ts";
import { usePanel } from "../panel_context.ts";
import { useWords } from "./words.ts";

/** In place of a conversation that was erased or removed: nothing of it is left to try again. */
export function Gone({ tab }: { tab: Tab }) {
  const { strings } = useText();
  const words = useWords();
  const { navigation } = usePanel();
  const canBegin = tab.actions.includes("create_item");
  return (
    <div role="alert">
      <Empty icon="chat" text={words.gone}>
        <button
          type="button"
          class="button accent"
          onClick={() => canBegin ? navigation.open(tab, null) : navigation.back()}
        >
          {canBegin ? strings.newConversation : strings.back}
        </button>
      </Empty>
    </div>
  );
}
