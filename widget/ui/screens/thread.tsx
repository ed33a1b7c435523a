import type { Tab } from "../../../shared/tabs.ts";
import type { ThreadStore } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { Failure, OfflineBanner, Outdated, Skeleton } from "../parts/notes.tsx";
import { DeleteControl } from "../parts/delete_control.tsx";
import { Header } from "../parts/header.tsx";
import { Announcer } from "../thread/announcer.tsx";
import { Composer } from "../thread/composer.tsx";
import { Entries } from "../thread/entries.tsx";
import { useValue } from "../use_value.ts";

const SKELETON_BUBBLES = 5;

interface ThreadProps {
  tab: Tab;
  store: ThreadStore;
  title: string;
}

/** A conversation: its entries and the composer. */
export function Thread({ tab, store, title }: ThreadProps) {
  const { navigation, strings } = useFace();
  const state = useValue(store.state);
  const fresh = state.item === null && state.entries.length === 0;
  const heading = state.item?.title || title;

  return (
    <>
      <Header title={heading} subtitle={state.item?.status} onBack={() => navigation.back()}>
        {state.item && tab.actions.includes("delete_item") && (
          <DeleteControl
            remove={() => store.remove()}
            onDeleted={() => navigation.back()}
          />
        )}
      </Header>
      <OfflineBanner />
      {state.status === "failed" && <Failure problem={state.problem} onRetry={() => store.reload()} />}
      {state.status === "loading" && <Skeleton rows={SKELETON_BUBBLES} kind="bubble" />}
      {state.status === "ready" && (
        <>
          <Outdated problem={state.problem} onRetry={() => store.reload()} />
          {fresh
            ? <p class="hint">{strings.newConversationHint}</p>
            : <Entries state={state} store={store} />}
        </>
      )}
      <Announcer entries={state.entries} ready={state.status === "ready"} />
      {tab.actions.includes("create_item") && state.status !== "failed" && (
        <Composer
          autoFocus={fresh || !isTouch()}
          onSend={(body) => store.send(body)}
        />
      )}
    </>
  );
}

/** On a touch screen focus would bring up the keyboard and hide what one came to read. */
function isTouch(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}
