import { Empty, Failure, Outdated, Skeleton } from "../../kit/components/notes.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import type { ListKey } from "../core/rows.ts";
import type { Label } from "../core/team.ts";
import { InboxIcon } from "./icons.tsx";
import { Late, latePart } from "./late.tsx";
import { ListRow } from "./list_row.tsx";
import { RefusedInList } from "./refused.tsx";
import { Rows } from "./rows.tsx";
import { RowCheck, useRefusedSelected, useSelectingPointer } from "./selecting.tsx";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";
import { UndoLine } from "./undo_line.tsx";

const SKELETON_ROWS = 8;

/** A view's conversations, or those with a label. */
export function List({ offline }: { offline: boolean }) {
  const { desk, team, here: { view, labelId, conversationId }, selection } = useShell();
  const list = desk.lists.of(view, labelId);
  const state = useValue(list.state);
  const { labels } = useValue(team.agent);
  const selected = useValue(selection.ids);
  useRefusedSelected(desk, selection);
  const pointer = useSelectingPointer(selection, conversationId);
  return (
    <section class="list" aria-labelledby="view" data-selecting={selected !== null} {...pointer}>
      <ListHeader name={listName({ view, labelId }, labels)} isSelecting={selected !== null} />
      <p class="hidden" role="status">{selected && selected.size > 0 && words.selected(selected.size)}</p>
      <RefusedInList />
      {useValue(desk.bulk.reports).length > 0 && <Late of={lateReports} props={{}} />}
      {state.status === "failed" && <Failure problem={state.problem} onRetry={list.reload} />}
      {state.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {state.status === "ready" && (
        <>
          <Outdated problem={state.problem} offline={offline} onRetry={list.reload} />
          {state.rows.length === 0
            ? <Empty icon="chat" text={labelId === null ? words.empty[view] : words.noneLabelled} />
            : (
              <Rows
                key={labelId ?? view}
                state={state}
                onMore={list.loadMore}
                onShown={selection.show}
                mayLeave={(id) => id === conversationId || desk.actions.acted.has(id)}
              >
                {(row) => (
                  <>
                    <RowCheck row={row} />
                    <ListRow row={row} />
                  </>
                )}
              </Rows>
            )}
        </>
      )}
      <UndoLine />
    </section>
  );
}

interface ListHeaderProps {
  name: string;
  isSelecting: boolean;
}

function ListHeader({ name, isSelecting }: ListHeaderProps) {
  const { newRoom, selection } = useShell();
  return (
    <header class="list-header">
      <h1 id="view" dir="auto">{name}</h1>
      <button
        type="button"
        class="icon-button small"
        aria-label={words.select}
        aria-keyshortcuts="x"
        title={words.withKey(words.select, "x")}
        onClick={selection.begin}
      >
        <InboxIcon name="select" />
      </button>
      <button
        type="button"
        class="icon-button small"
        aria-label={words.newRoom}
        title={words.newRoom}
        onClick={newRoom}
      >
        <InboxIcon name="room" />
      </button>
      {isSelecting && <Late of={lateBar} props={{}} onClose={selection.end} />}
    </header>
  );
}

/** What is done with several conversations. */
export const lateBar = latePart(async () => (await import("./selection/bar.tsx")).SelectionBar);
const lateReports = latePart(async () => (await import("./selection/bar.tsx")).BulkReports);

/** What a list is called. */
export function listName({ view, labelId }: ListKey, labels: readonly Label[]): string {
  if (labelId === null) return words.views[view];
  return labels.find(({ id }) => id === labelId)?.name ?? words.goneLabel;
}
