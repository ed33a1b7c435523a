import type { Tab } from "../../../shared/tabs.ts";
import type { ThreadStore } from "../../core/thread.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { useOffline, usePanel } from "../panel_context.ts";
import { Failure, OfflineBanner, Outdated, Skeleton } from "../../../kit/components/notes.tsx";
import type { DeleteControlProps } from "../delete_control.tsx";
import { useLoaded } from "../loaded.tsx";
import { Header } from "../header.tsx";
import { itemStatus } from "../item_status.ts";
import { Announcer, Entries } from "../../../kit/conversation/entries.tsx";
import { announcementOf } from "../../../kit/conversation/rows.tsx";
import { Composer } from "../../../kit/conversation/composer.tsx";
import { useValue } from "../../../kit/components/use_value.ts";

const SKELETON_BUBBLES = 5;

interface ThreadProps {
  tab: Tab;
  store: ThreadStore;
  title: string;
  /** As the former page had it: the focus stays where it is. */
  restored?: boolean;
}

/** A conversation: its entries and the composer. */
export function Thread({ tab, store, title, restored }: ThreadProps) {
  const { navigation, visible } = usePanel();
  const offline = useOffline();
  const { strings } = useText();
  const state = useValue(store.state);
  const fresh = state.item === null && state.entries.length === 0;
  const kept = useLoaded(store.kept && (() => import("../kept/parts.tsx"))).module?.partsFor(store);
  const heading = kept?.gone ? strings.conversation : state.item?.title || title;
  const typing = state.typing && strings.isWriting(state.typing.name || strings.team);

  return (
    <>
      <Header
        title={heading}
        subtitle={typing ?? (state.item ? itemStatus(tab, state.item, strings) : undefined)}
        onBack={() => navigation.back()}
      >
        {kept?.askForPerson}
        {state.item && tab.actions.includes("delete_item") && (
          <LoadedDelete
            remove={() => store.remove()}
            onDeleted={() => navigation.back()}
          />
        )}
      </Header>
      <OfflineBanner offline={offline} />
      {state.status === "failed" &&
        (kept?.gone || <Failure problem={state.problem} onRetry={() => store.reload()} />)}
      {state.status === "loading" && <Skeleton rows={SKELETON_BUBBLES} kind="bubble" />}
      {state.status === "ready" && (
        <>
          <Outdated problem={state.problem} offline={offline} onRetry={() => store.reload()} />
          {fresh ? <p class="hint">{strings.newConversationHint}</p> : (
            <Entries
              state={state}
              actions={store}
              viewer="visitor"
              shown={visible}
              {...kept?.beside}
            />
          )}
          {kept?.introduction}
        </>
      )}
      <Announcer
        entries={state.entries}
        ready={state.status === "ready"}
        textOf={(entry) => announcementOf(entry, strings, "visitor")}
      />
      {tab.actions.includes("create_item") && state.status !== "failed" && (
        <Composer
          autoFocus={!restored && (fresh || !isTouch())}
          draft={store.draft}
          onInput={(text) => store.setDraft(text)}
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

/** Few owners let visitors delete. Where the code can't be loaded there is no such button. */
function LoadedDelete(props: DeleteControlProps) {
  const { module } = useLoaded(() => import("./detail.tsx"));
  return module && <module.DeleteControl {...props} />;
}
