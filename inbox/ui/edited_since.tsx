import { createContext } from "preact";
import { useState } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Thread } from "../core/thread.ts";
import { hrefOf, type Place } from "./place.ts";
import { words } from "./strings.ts";

/** Ids of the open conversation's messages that its visitor has changed since the team read them. */
export const EditedSince = createContext<ReadonlySet<string>>(new Set());

/** Says over a conversation that something was changed, wherever it stands, and leads to it. */
export function EditedStrip({ thread, place }: { thread: Thread; place: Place }) {
  const ids = useValue(thread.editedSince);
  const [dismissed, setDismissed] = useState(0);
  const [first] = ids;
  return (
    <div role="status">
      {first !== undefined && ids.size > dismissed && (
        <p class="strip">
          <span>{words.editedSince(ids.size)}</span>
          <a class="link" href={hrefOf({ ...place, messageId: first })}>{words.show}</a>
          <button type="button" class="link" onClick={() => setDismissed(ids.size)}>{words.dismiss}</button>
        </p>
      )}
    </div>
  );
}
