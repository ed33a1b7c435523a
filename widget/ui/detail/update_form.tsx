import { useState } from "preact/hooks";
import type { Item } from "../../../shared/items.ts";
import type { FormField } from "../../../shared/tabs.ts";
import type { Problem } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import { FieldInput } from "./field_input.tsx";

/** What stands in the form's controls. */
type FormValues = Readonly<Record<string, string | boolean>>;

interface UpdateFormProps {
  item: Item;
  fields: readonly FormField[];
  update: (changes: Record<string, unknown>) => Promise<Problem | null>;
}

type Outcome = { status: "idle" | "saving" | "saved" } | { status: "refused"; problem: Problem };

/** The fields that the tab's owner lets visitors change. Sends only those that differ. */
export function UpdateForm({ item, fields, update }: UpdateFormProps) {
  const { strings } = useText();
  const [edited, setEdited] = useState<FormValues>({});
  const [outcome, setOutcome] = useState<Outcome>({ status: "idle" });
  const initial = initialValues(fields, item);
  const changes = changedFields(fields, initial, edited);
  const saving = outcome.status === "saving";

  async function submit() {
    setOutcome({ status: "saving" });
    const problem = await update(changes);
    if (!problem) setEdited({});
    setOutcome(problem ? { status: "refused", problem } : { status: "saved" });
  }

  return (
    <form
      class="update-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(changes).length > 0) void submit();
      }}
    >
      {fields.map((field) => (
        <FieldInput
          key={field.key}
          field={field}
          value={edited[field.key] ?? initial[field.key] ?? ""}
          onChange={(value) => {
            setEdited({ ...edited, [field.key]: value });
            setOutcome({ status: "idle" });
          }}
        />
      ))}
      <div class="form-end">
        <p role="status" class={outcome.status === "refused" ? "problem" : "meta"}>
          {outcome.status === "refused" && problemText(outcome.problem, strings)}
          {outcome.status === "saved" && strings.saved}
        </p>
        <button type="submit" class="button accent" disabled={saving || Object.keys(changes).length === 0}>
          {saving ? strings.saving : strings.save}
        </button>
      </div>
    </form>
  );
}

/** The form as the item has it. */
function initialValues(fields: readonly FormField[], item: Item): FormValues {
  return Object.fromEntries(fields.map(({ key, type }) => {
    const value = item.fields[key] ?? (item as unknown as Record<string, unknown>)[key];
    if (type === "checkbox") return [key, value === true || value === "true"];
    if (value === null || value === undefined) return [key, ""];
    return [key, type === "date" ? String(value).slice(0, 10) : String(value)];
  }));
}

/** The fields whose value differs from the item's, in the type that the owner expects; an emptied number is `null`. */
function changedFields(
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
