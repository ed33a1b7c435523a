import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChangingListState } from "../../client/sync/changing_list.ts";
import { Avatar, initials } from "../../kit/components/avatar.tsx";
import { Empty, Failure, Outdated, Skeleton } from "../../kit/components/notes.tsx";
import { Unread } from "../../kit/components/unread.tsx";
import { useValue } from "../../kit/components/use_value.ts";
import { isTime } from "../../kit/text/format.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import type { Desk } from "../core/desk.ts";
import type { Row } from "../core/rows.ts";
import { hrefOf, type Place } from "./place.ts";
import { words } from "./strings.ts";

/** Pixels; the style sheet has the same. */
const ROW_HEIGHT = 72;
/** Rows above and below those in view that stand in the document as well. */
const AROUND = 8;
/** Of a screen that has not been measured. */
const FIRST_HEIGHT = 1000;
/** Pixels from the end at which the next page is asked for. */
const NEAR_END = 600;
const SKELETON_ROWS = 8;

interface ListProps {
  desk: Desk;
  place: Place;
  offline: boolean;
}

/** A view's conversations. */
export function List({ desk, place, offline }: ListProps) {
  const list = desk.lists.of(place.view);
  const state = useValue(list.state);
  return (
    <section class="list" aria-labelledby="view">
      <h1 id="view">{words.views[place.view]}</h1>
      {state.status === "failed" && <Failure problem={state.problem} onRetry={list.reload} />}
      {state.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {state.status === "ready" && (
        <>
          <Outdated problem={state.problem} offline={offline} onRetry={list.reload} />
          {state.rows.length === 0
            ? <Empty icon="chat" text={words.empty[place.view]} />
            : <Rows key={place.view} {...{ state, place, desk }} onMore={list.loadMore} />}
        </>
      )}
    </section>
  );
}

interface RowsProps {
  state: ChangingListState<Row>;
  place: Place;
  desk: Desk;
  onMore: () => void;
}

/** Those rows that are in view or near, each in the place that it has in the whole list. */
function Rows({ state, place, desk, onMore }: RowsProps) {
  const { rows, hasMore, loadingMore, problem } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const [{ top, height }, setWindow] = useState({ top: 0, height: FIRST_HEIGHT });

  function look() {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, clientHeight } = element;
    setWindow({ top: scrollTop, height: clientHeight || FIRST_HEIGHT });
    const left = rows.length * ROW_HEIGHT - scrollTop - clientHeight;
    if (left < NEAR_END && hasMore && !loadingMore && !problem) onMore();
  }
  useLayoutEffect(look, [state]);

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - AROUND);
  const last = Math.ceil((top + height) / ROW_HEIGHT) + AROUND;
  return (
    <div class="scroll" ref={scroller} onScroll={look}>
      <ul class="rows" style={{ height: `${rows.length * ROW_HEIGHT}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <li
            key={row.id}
            aria-posinset={first + index + 1}
            aria-setsize={hasMore ? -1 : rows.length}
            style={{ top: `${(first + index) * ROW_HEIGHT}px` }}
          >
            <ListRow row={row} place={place} desk={desk} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What a conversation is called: by its visitor's name, else by where it began. */
export function nameOf({ name, customerName, customerEmail }: Row): string {
  return withoutOverrides(customerName || customerEmail || name || words.visitor);
}

function ListRow({ row, place, desk }: { row: Row; place: Place; desk: Desk }) {
  const { formats } = useText();
  const name = nameOf(row);
  return (
    <a
      class="row"
      data-row={row.id}
      data-unread={row.unread > 0}
      href={hrefOf({ view: place.view, conversationId: row.id })}
      aria-current={row.id === place.conversationId ? "true" : undefined}
    >
      <Avatar name={name} />
      <span class="row-text">
        <span class="row-line">
          <span class="row-title" dir="auto">{name}</span>
          {isTime(row.lastMessageAt) && (
            <time class="meta" dateTime={row.lastMessageAt}>
              {formats.short(row.lastMessageAt, new Date())}
            </time>
          )}
        </span>
        <span class="row-line">
          <span class="row-preview" dir="auto">{previewOf(row)}</span>
          {row.needsHuman && place.view !== "needs_human" && (
            <span class="chip needs-human">{words.needsHuman}</span>
          )}
          {row.assignee && (
            <span class="holder" title={words.heldBy(row.assignee.name)}>
              <span aria-hidden="true">{initials(row.assignee.name)}</span>
              <span class="hidden">
                {words.heldBy(row.assignee.id === desk.userId ? desk.name : row.assignee.name)}
              </span>
            </span>
          )}
          <Unread count={row.unread} />
        </span>
      </span>
    </a>
  );
}

/** The last message, and who of ours wrote it. */
function previewOf({ lastMessage }: Row): string {
  if (!lastMessage) return "";
  const text = withoutOverrides(lastMessage.text);
  if (lastMessage.role === "AGENT") return words.by(words.team, text);
  return lastMessage.role === "BOT" ? words.by(words.bot, text) : text;
}
