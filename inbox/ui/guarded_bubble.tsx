import { Component } from "preact";
import { useState } from "preact/hooks";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { focusEntry } from "../../kit/conversation/growing.tsx";
import { Bubble } from "../../kit/conversation/entry.tsx";
import { FormerTexts } from "./former_texts.tsx";
import { words } from "./strings.ts";

interface GuardedBubbleProps {
  entry: ThreadEntry;
}

interface GuardedBubbleState {
  failed?: boolean;
}

/** A message, or that it can't be shown: one whose content no release expected leaves the others readable. */
export class GuardedBubble extends Component<GuardedBubbleProps, GuardedBubbleState> {
  override componentDidCatch(error: unknown): void {
    console.error(`Message ${this.props.entry.id} can't be shown`, error);
    this.setState({ failed: true });
  }

  override render({ entry }: GuardedBubbleProps, { failed }: GuardedBubbleState) {
    return failed ? <p class="bubble gone">{words.unreadable}</p> : <FoldedBubble entry={entry} />;
  }
}

/** A message of more lines than this is folded to fewer: one of nothing but line breaks would fill every screen. */
const MOST_LINES = 60;
const FOLDED_LINES = 25;

function FoldedBubble({ entry }: GuardedBubbleProps) {
  const [isWhole, setWhole] = useState(false);
  const edited = <FormerTexts entry={entry} />;
  const lines = entry.body.split(/\r\n|\r|\n/);
  if (isWhole || entry.deletedAt || entry.status === "streaming" || lines.length <= MOST_LINES) {
    return <Bubble entry={entry} edited={edited} />;
  }
  return (
    <>
      <Bubble entry={{ ...entry, body: lines.slice(0, FOLDED_LINES).join("\n") }} edited={edited} />
      <button
        type="button"
        class="link"
        onClick={({ currentTarget }) => {
          // It goes with the focus in it.
          focusEntry(currentTarget);
          setWhole(true);
        }}
      >
        {words.showAll(lines.length)}
      </button>
    </>
  );
}
