import type { FormField } from "../../../shared/tabs.ts";

interface FieldInputProps {
  field: FormField;
  value: string | boolean;
  onChange: (value: string | boolean) => void;
}

export function FieldInput({ field, value, onChange }: FieldInputProps) {
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
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        )}
    </div>
  );
}
