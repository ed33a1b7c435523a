import type { Item } from "../../../shared/items.ts";
import type { FormField } from "../../../shared/tabs.ts";

/** What stands in the form's controls. */
export type FormValues = Readonly<Record<string, string | boolean>>;

/** The form as the item has it. */
export function initialValues(fields: readonly FormField[], item: Item): FormValues {
  return Object.fromEntries(fields.map(({ key, type }) => {
    const value = item.fields[key] ?? (item as unknown as Record<string, unknown>)[key];
    if (type === "checkbox") return [key, value === true || value === "true"];
    if (value === null || value === undefined) return [key, ""];
    return [key, type === "date" ? String(value).slice(0, 10) : String(value)];
  }));
}

/** The fields whose value differs from the item's, in the type that the owner expects; an emptied number is `null`. */
export function changedFields(
  fields: readonly FormField[],
  initial: FormValues,
  edited: FormValues,
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const { key, type } of fields) {
    const value = edited[key];
    if (value === undefined || value === initial[key]) continue;
    changes[key] = type === "number" ? (value === "" ? null : Number(value)) : value;
  }
  return changes;
}
