import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import type { FormField } from "../../../shared/tabs.ts";

interface FieldInputProps {
  field: FormField;
  value: string | boolean;
  /** What the owner has there and this kind of field can't show, or `""`. */
  instead: string;
  onChange: (value: string | boolean) => void;
}

export function FieldInput({ field, value, instead, onChange }: FieldInputProps) {
  const id = `field-${field.key}`;
  const text = String(value);

  if (field.type === "checkbox") {
    return (
      <label class="field-check" for={id}>
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span dir="auto">{field.label}</span>
      </label>
    );
  }
  return (
    <div class="field">
      <label for={id} dir="auto">{field.label}</label>
      {field.type === "textarea"
        ? (
          <textarea
            id={id}
            rows={3}
            dir="auto"
            value={text}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )
        : (
          <input
            id={id}
            // The typings want one literal type per element.
            type={field.type as "text"}
            step="any"
            dir="auto"
            value={text}
            aria-describedby={instead ? `${id}-instead` : undefined}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
      {instead && <p class="meta" id={`${id}-instead`} dir="auto">{withoutOverrides(instead)}</p>}
    </div>
  );
}
