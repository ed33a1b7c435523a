import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Fields } from "../../core/form_drafts.ts";
import { useShell } from "../shell.ts";
import { settingWords } from "./words.ts";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface KeptFormProps {
  /** No other form of the site's settings is called that; begins with its section. */
  name: string;
  class: string;
  /** Saves what the fields hold; false if it was refused. */
  onSave(fields: Record<string, string>): Promise<boolean>;
  /** What the fields hold now is something else. */
  onFields?(fields: Fields): void;
  /** With what it begins once more after it was saved: empty, or what was saved. */
  afterwards(form: HTMLFormElement, saved: Record<string, string>): void;
  /** What it says while it holds something unsaved, other than that. */
  notSaved?: string;
  children: ComponentChildren;
  /** Below its fields, in the line that says whether it is saved. */
  buttons?: ComponentChildren;
}

/** A form that keeps what is typed until it is saved or discarded, also beyond the page, and says so. */
export function KeptForm(props: KeptFormProps) {
  const {
    name,
    onSave,
    onFields,
    afterwards,
    notSaved = settingWords.notSaved,
    children,
    buttons,
    ...shown
  } = props;
  const { team: { settings: { drafts } } } = useShell();
  const form = useRef<HTMLFormElement>(null);
  const isUnsaved = useValue(drafts.unsaved).has(name);

  function note() {
    if (!form.current) return;
    const fields = valuesOf(form.current);
    const isChanged = fieldsIn(form.current).some((field) =>
      isChoice(field) ? field.checked !== field.defaultChecked : field.value !== startOf(field)
    );
    drafts.keep(name, isChanged ? fields : null);
    onFields?.(fields);
  }

  useLayoutEffect(() => {
    const kept = drafts.read(name);
    if (!kept || !form.current) return;
    for (const field of fieldsIn(form.current)) {
      const text = kept[field.name];
      if (text !== undefined) isChoice(field) ? field.checked = field.value === text : field.value = text;
    }
    note();
  }, [name]);

  async function save(asked: HTMLFormElement) {
    const fields = fieldsOf(asked);
    if (!await onSave(fields)) return;
    afterwards(asked, fields);
    if (form.current) return note();
    const kept = drafts.read(name);
    if (kept && Object.entries(fields).every(([field, text]) => kept[field]?.trim() === text)) {
      drafts.keep(name, null);
    }
  }

  function discard() {
    const fields = fieldsIn(form.current);
    for (const field of fields) reset(field);
    note();
    // The button goes with the focus on it.
    fields.find((field) => !isChoice(field))?.focus();
  }

  const unsaved = (
    <p class="setting-unsaved" data-shown={isUnsaved}>
      <span role="status">{isUnsaved && notSaved}</span>
      {isUnsaved && <button type="button" class="link" onClick={discard}>{settingWords.discard}</button>}
    </p>
  );
  return (
    <form
      {...shown}
      ref={form}
      onInput={note}
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      {children}
      {buttons ? <div class="buttons">{buttons}{unsaved}</div> : unsaved}
    </form>
  );
}

/** Empties the fields that still hold what was saved; what was typed meanwhile stays. */
export function clearSaved(form: HTMLFormElement, saved: Record<string, string>): void {
  const now = fieldsOf(form);
  for (const field of fieldsIn(form)) {
    if (now[field.name] === saved[field.name]) reset(field);
  }
}

/** The fields begin with what was saved; what was typed meanwhile stays. */
export function holdSaved(form: HTMLFormElement, saved: Record<string, string>): void {
  const now = fieldsOf(form);
  for (const field of fieldsIn(form)) {
    const text = saved[field.name];
    if (text === undefined || field instanceof HTMLSelectElement) continue;
    if (isChoice(field)) {
      // In some browsers the other one changes with it.
      const { checked } = field;
      field.defaultChecked = field.value === text;
      field.checked = checked;
      continue;
    }
    field.defaultValue = text;
    if (now[field.name] === text) field.value = text;
  }
}

/** Fields of a form by their names, without the space around them. */
export function fieldsOf(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries(Object.entries(valuesOf(form)).map(([name, value]) => [name, value.trim()]));
}

function valuesOf(form: HTMLFormElement): Record<string, string> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

const isChoice = (field: Field): field is HTMLInputElement => field.type === "radio";

function reset(field: Field): void {
  if (isChoice(field)) field.checked = field.defaultChecked;
  else field.value = startOf(field);
}

function fieldsIn(form: HTMLFormElement | null): Field[] {
  return [...form?.elements ?? []].filter((field): field is Field =>
    field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement ||
    field instanceof HTMLSelectElement
  );
}

/** What a field holds before anybody touches it. */
function startOf(field: Field): string {
  if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
  const options = [...field.options];
  return (options.find(({ defaultSelected }) => defaultSelected) ?? options[0])?.value ?? "";
}
