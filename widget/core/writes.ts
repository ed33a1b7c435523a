import type { DeleteItemAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Item } from "../../shared/items.ts";
import { outcomeOf, type Problem } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import { ITEM } from "./answers.ts";
import type { ListStore } from "./list.ts";

export const UPDATED: Shape<UpdateItemAnswer> = { "item?": ITEM };

export const DELETED: Shape<DeleteItemAnswer> = { deleted: true };

/**
 * Deletes a row of the list. Resolves to the problem, or to `null` when the owner accepted; refused or not, what is
 * shown may be old afterwards.
 */
export async function removeItem({ tab, writing }: ListStore, itemId: string): Promise<Problem | null> {
  const { calls, refetch, onRemoved, onProblem } = writing;
  const request = { action: "delete_item", tabId: tab.id, itemId } as const;
  const result = await calls.act<DeleteItemAnswer>(request, DELETED);
  if (result.ok) onRemoved(itemId);
  refetch();
  return outcomeOf(result, onProblem);
}

/** The same for a change. `tell` gets the row as the answer to a request that started then tells it. */
export async function updateItem(
  { tab, writing }: ListStore,
  itemId: string,
  changes: Record<string, unknown>,
  tell?: (item: Item, startedAt: number) => void,
): Promise<Problem | null> {
  const { environment, calls, refetch, onItem, onProblem } = writing;
  const startedAt = environment.nextInOrder();
  const request = { action: "update_item", tabId: tab.id, itemId, changes } as const;
  const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
  const { item } = result.ok ? result.value : {};
  if (item) onItem(item, startedAt);
  if (item) tell?.(item, startedAt);
  refetch();
  return outcomeOf(result, onProblem);
}
