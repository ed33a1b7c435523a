import { type Bulk, createBulk } from "./bulk.ts";
import { createRowActions, type RowActions, type RowActionsSetup } from "./row_actions.ts";
import { createUndo, type Undo } from "./undo.ts";

/** What an operator does with one conversation or several, and takes back. */
export interface Acting {
  readonly actions: RowActions;
  readonly bulk: Bulk;
  readonly undo: Undo;
}

export interface ActingSetup extends Omit<RowActionsSetup, "onAct"> {
  isVisible(): boolean;
}

export function createActing(setup: ActingSetup): Acting {
  const { scope, me: { id: userId }, isVisible } = setup;
  const actions = createRowActions({
    ...setup,
    onAct(action, row, outcome) {
      bulk.acted(row.id);
      undo.did(action, [row], [outcome]);
    },
    onRow(row) {
      undo.answered(row);
      setup.onRow(row);
    },
  });
  const undo = createUndo({
    scope,
    userId,
    isVisible,
    restore: actions.restore,
    onRefused(rows, refused) {
      const [only] = rows.length === 1 ? refused : [];
      // Where it is shown.
      if (only && setup.seen(only.row.id)) {
        actions.tell({ conversationId: only.row.id, action: "undo", problem: only.problem });
      } else bulk.report({ action: "undo", rows, refused });
    },
  });
  const bulk = createBulk({ scope, actions, onAct: undo.did, userId });
  return { actions, bulk, undo };
}
