import { useEffect, useMemo } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Desk } from "../core/desk.ts";
import type { Row } from "../core/rows.ts";
import type { Selection } from "../core/selection.ts";
import { nameOf } from "./names.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** Selects a row. It stands in place of the picture while the row is pointed at, and while any are selected. */
export function RowCheck({ row }: { row: Row }) {
  const { selection } = useShell();
  const ids = useValue(selection.ids);
  return (
    <input
      type="checkbox"
      class="row-check"
      aria-label={words.selectOne(nameOf(row))}
      checked={ids?.has(row.id) ?? false}
      // The keys of the list select as well: it takes no stop of its own before.
      tabIndex={ids ? 0 : -1}
      onClick={({ currentTarget, detail, shiftKey }) => {
        if (shiftKey) selection.extend(selection.anchor, row.id);
        else selection.toggle(row.id);
        currentTarget.checked = selection.ids.value?.has(row.id) ?? false;
        // By the pointer: keys go on from the row.
        if (detail > 0) (currentTarget.nextElementSibling as HTMLElement | null)?.focus();
      }}
    />
  );
}

/** After an action that was refused for some, the others are selected no more: the next one is not done to them as well. */
export function useRefusedSelected({ bulk: { reports } }: Desk, selection: Selection): void {
  useEffect(() => {
    let former = reports.value.length;
    return reports.subscribe((told) => {
      const last = told.length > former ? told.at(-1) : undefined;
      former = told.length;
      if (!last) return;
      const refused = new Set(last.refused.map(({ row }) => row.id));
      selection.drop(last.rows.map(({ id }) => id).filter((id) => !refused.has(id)));
    });
  }, [reports, selection]);
}

/** Where the pointer selects rows in place of opening them. */
export function useSelectingPointer(selection: Selection, openId: string | null) {
  return useMemo(() => {
    const rowAt = (target: EventTarget | null) =>
      target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
    const select = (event: MouseEvent, how: (id: string) => void) => {
      const row = rowAt(event.target);
      if (!row) return;
      event.preventDefault();
      row.focus();
      how(row.dataset.row ?? "");
    };
    const toRow = (id: string) => selection.extend(selection.anchor ?? openId, id);
    const isTouch = (event: MouseEvent) => (event as PointerEvent).pointerType === "touch";
    return {
      // Else the browser selects text.
      onMouseDown: (event: MouseEvent) => event.shiftKey && rowAt(event.target) && event.preventDefault(),
      onClick: (event: MouseEvent) => {
        if (event.shiftKey) select(event, toRow);
        else if (event.ctrlKey || event.metaKey) select(event, selection.toggle);
        else if (isTouch(event) && selection.ids.value) select(event, selection.toggle);
      },
      // A long press.
      onContextMenu: (event: MouseEvent) => isTouch(event) && select(event, selection.toggle),
    };
  }, [selection, openId]);
}
