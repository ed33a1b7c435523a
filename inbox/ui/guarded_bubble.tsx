import { Component } from "preact";
import type { ThreadEntry } from "../../client/sync/pending.ts";
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
    return failed
      ? <p class="bubble gone">{words.unreadable}</p>
      : <Bubble entry={entry} edited={<FormerTexts entry={entry} />} />;
  }
}
