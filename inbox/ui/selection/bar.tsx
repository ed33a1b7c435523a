import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../../../kit/components/icon.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Row } from "../../core/rows.ts";
import { HandOverMenu } from "../hand_over.tsx";
import { KEY_TARGETS } from "../keys.ts";
import { hrefOf } from "../place.ts";
import { Popup } from "../popup.tsx";
import { useShell } from "../shell.ts";
import { SnoozeMenu } from "../snooze.tsx";
import { words } from "../strings.ts";
import { countOf } from "../views.tsx";
import { BulkIcon } from "./icons.tsx";
import { labelChoices } from "./label_choices.ts";
import { bulkWords } from "./words.ts";
import "../styles/selection.css";

export { BulkReports } from "./reports.tsx";

/** How many conversations are selected, and what can be done with them. It covers the list's header, so that no row moves. */
export function SelectionBar() {
  const { desk, selection, here } = useShell();
  const { rows: listed, hasMore } = useValue(desk.lists.of(here.view, here.labelId).state);
  const ids = useValue(selection.ids);
  const focusing = useFocusPassed();
  const rows = listed.filter(({ id }) => ids?.has(id));
  return (
    <div class="selection-bar" data-selection role="group" aria-label={words.selection} {...focusing}>
      <button
        type="button"
        class="icon-button small"
        aria-label={bulkWords.end}
        title={words.withKey(bulkWords.end, "Esc")}
        onClick={selection.end}
      >
        <Icon name="close" />
      </button>
      {rows.length === 0
        ? (
          <>
            <p class="selection-count">{bulkWords.none}</p>
            <button type="button" class="link" onClick={selection.all}>{bulkWords.all}</button>
          </>
        )
        : (
          <>
            <Count count={rows.length} isAll={rows.length === listed.length} hasMore={hasMore} />
            <Actions rows={rows} />
          </>
        )}
    </div>
  );
}

interface CountProps {
  count: number;
  /** Of those that are loaded. */
  isAll: boolean;
  hasMore: boolean;
}

/** How many are selected, and a box that selects all; with all of what is loaded, of how many that is. */
function Count({ count, isAll, hasMore }: CountProps) {
  const { desk, selection, here } = useShell();
  const counts = useValue(desk.lists.counts.state);
  const of = counts && here.labelId === null ? countOf(counts, here.view) ?? 0 : 0;
  const isOfMore = isAll && hasMore && counts !== null && of > count;
  return (
    <label class="selection-count" title={words.withKey(bulkWords.allLoaded, "Ctrl A")}>
      <input
        type="checkbox"
        aria-label={bulkWords.allLoaded}
        checked={isAll}
        indeterminate={!isAll}
        onClick={isAll ? selection.end : selection.all}
      />
      {count}
      <span>
        {isOfMore ? bulkWords.of(of >= counts.cap ? `${counts.cap - 1}+` : of) : bulkWords.selected}
      </span>
    </label>
  );
}

function Actions({ rows }: { rows: readonly Row[] }) {
  const { desk: { bulk, userId, name } } = useShell();
  const isOpen = rows.some(({ status }) => status === "OPEN");
  const state = isOpen ? "resolve" : "reopen";
  const isTaken = rows.some(({ assignee }) => assignee && assignee.id !== userId);
  return (
    <>
      <button
        type="button"
        class="icon-button small"
        aria-label={words[state]}
        aria-keyshortcuts="e"
        title={words.withKey(words[state], "e")}
        onClick={({ detail }) => detail < 2 && void bulk[state](rows)}
      >
        <BulkIcon name={state} />
      </button>
      {isOpen && (
        <SnoozeMenu
          icon={<BulkIcon name="snooze" />}
          onSnooze={(end) => void bulk.snooze(rows, end)}
        />
      )}
      <button
        type="button"
        class="icon-button small"
        aria-label={words.claim}
        aria-keyshortcuts="c"
        title={words.withKey(words.claim, "c")}
        onClick={({ detail }) => detail < 2 && void bulk.claim(rows)}
      >
        <BulkIcon name="claim" />
      </button>
      <HandOverMenu
        icon={<BulkIcon name="hand_over" />}
        holderId={holderOf(rows)}
        onChoose={(member) => void bulk.handOver(rows, member)}
        onTakeOver={isTaken ? () => void bulk.handOver(rows, { id: userId, name }) : undefined}
      />
      <LabelMenu rows={rows} />
    </>
  );
}

/** Who holds all of them, if one person does. */
function holderOf([first, ...others]: readonly Row[]): string | undefined {
  const id = first?.assignee?.id;
  return others.every(({ assignee }) => assignee?.id === id) ? id : undefined;
}

/** Each label is added to those that lack it, or taken from all of them that have it. */
function LabelMenu({ rows }: { rows: readonly Row[] }) {
  const shell = useShell();
  const { labels } = useValue(shell.team.agent);
  return (
    <Popup label={bulkWords.label} shortcut="l" icon={<BulkIcon name="label" />}>
      {(close) => (
        <>
          {labelChoices(shell, rows).map(({ id, color, name, run }) => (
            <button
              key={id}
              type="button"
              class="choice"
              onClick={() => {
                close();
                run();
              }}
            >
              <span class="label-choice" dir="auto">
                <span class="dot" style={{ background: color }} aria-hidden="true" /> {name}
              </span>
            </button>
          ))}
          {labels.length === 0 && (
            <p class="choice">
              <span>
                {bulkWords.noLabels}{" "}
                <a class="link" href={hrefOf({ section: "labels" })}>{bulkWords.makeLabels}</a>
              </span>
            </p>
          )}
        </>
      )}
    </Popup>
  );
}

/** Whoever has pressed something in it goes on in the list once it is gone, which what was pressed may be before. */
function useFocusPassed() {
  const hasFocus = useRef(false);
  useLayoutEffect(() => () => {
    if (hasFocus.current) document.querySelector<HTMLElement>(`[${KEY_TARGETS.row}]`)?.focus();
  }, []);
  return {
    onFocusIn: () => void (hasFocus.current = true),
    onFocusOut: ({ relatedTarget }: FocusEvent) => void (hasFocus.current = relatedTarget === null),
  };
}
