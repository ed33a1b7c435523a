import { useState } from "preact/hooks";
import type { Item } from "../../../shared/items.ts";
import { epochTime, isoTime } from "../../../shared/times.ts";
import type { KeptForm } from "../../core/threads.ts";
import type { FormField } from "../../../shared/tabs.ts";
import type { Problem } from "../../../client/http/problem.ts";
import { detailWords } from "../../../kit/strings/detail.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import { FieldInput } from "./field_input.tsx";

/** What stands in the form's controls. */
type FormValues = Readonly<Record<string, string | boolean>>;

interface UpdateFormProps {
  item: Item;
  fields: readonly FormField[];
  /** Holds what was changed and not saved beyond the screen and the page. */
  kept: KeptForm;
  update: (changes: Record<string, unknown>) => Promise<Problem | null>;
}

type Outcome = { status: "idle" | "saving" | "saved" } | { status: "refused"; problem: Problem };

/** The fields that the tab's owner lets visitors change. Sends only those that differ. */
export function UpdateForm({ item, fields, kept, update }: UpdateFormProps) {
  const { strings } = useText();
  const words = strings.detail ?? detailWords;
  const [edited, setEdited] = useState(() => readForm(kept.read()));
  const [outcome, setOutcome] = useState<Outcome>({ status: "idle" });
  const initial = initialValues(fields, item);
  const changes = changedFields(fields, initial, edited);
  const saving = outcome.status === "saving";
  const canSave = !saving && Object.keys(changes).length > 0;

  function edit(values: FormValues) {
    setEdited(values);
    const isChanged = Object.keys(changedFields(fields, initial, values)).length > 0;
    kept.keep(isChanged ? JSON.stringify(values) : "");
  }

  async function submit() {
    setOutcome({ status: "saving" });
    const problem = await update(changes);
    if (!problem) edit({});
    setOutcome(problem ? { status: "refused", problem } : { status: "saved" });
  }

  return (
    <form
      class="update-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) void submit();
      }}
    >
      {fields.map((field) => (
        <FieldInput
          key={field.key}
          field={field}
          value={edited[field.key] ?? initial[field.key] ?? ""}
          instead={initial[field.key] === "" ? textIn(item, field.key) : ""}
          onChange={(value) => {
            edit({ ...edited, [field.key]: value });
            setOutcome({ status: "idle" });
          }}
        />
      ))}
      <div class="form-end">
        <p role="status" class={outcome.status === "refused" ? "problem" : "meta"}>
          {outcome.status === "refused" && problemText(outcome.problem, strings)}
          {outcome.status === "saved" && words.saved}
        </p>
        <button type="submit" class="button accent" aria-disabled={!canSave}>
          {saving ? words.saving : words.save}
        </button>
      </div>
    </form>
  );
}

function readForm(text: string): FormValues {
  try {
    return { ...JSON.parse(text || "{}") };
  } catch {
    // Not ours.
    return {};
  }
}

/** What databases without booleans, spreadsheets and forms write for a ticked box. */
const TICKED = /^\s*(?:true|t|1(?:\.0+)?|on|yes|y)\s*$/i;
/** More digits than a double can hold. */
const LONG_NUMBER = /(?:\d\D?){16}/;

/** What a browser's field for numbers shows. */
const SHOWN_NUMBER = /^-?(?:\d+|\d*\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The form as the item has it: among its fields are the form's, under the owner's own keys. A field that can't show
 * the item's value is empty, so that leaving it empty changes nothing.
 */
function initialValues(fields: readonly FormField[], item: Item): FormValues {
  return Object.fromEntries(fields.map(({ key, type }) => {
    const text = textIn(item, key);
    if (type === "checkbox") return [key, TICKED.test(text)];
    if (type === "number") return [key, SHOWN_NUMBER.test(text.trim()) ? text.trim() : ""];
    return [key, type === "date" ? dayIn(text.trim()) : text];
  }));
}

function textIn(item: Item, key: string): string {
  const value = item.fields[key] ?? (item as unknown as Record<string, unknown>)[key];
  return value === null || value === undefined ? "" : String(value);
}

/** The day as it is written, whatever its zone; for an epoch or ISO's basic form, that in UTC. */
function dayIn(text: string): string {
  const time = isoTime(text) ?? epochTime(Number(text)) ?? "";
  return (time && text[4] === "-" ? text : time).slice(0, 10);
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
    changes[key] = type === "number" ? numberIn(String(value)) : value;
  }
  return changes;
}

/** Text where a number would lose digits. */
function numberIn(text: string): number | string | null {
  if (text === "") return null;
  return LONG_NUMBER.test(text) ? text : Number(text);
}
