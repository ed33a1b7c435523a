import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { DRAFT, type Writings } from "../../client/sync/writings.ts";

/** What a form holds, by the names of its fields. */
export type Fields = Readonly<Record<string, string>>;

/** What an operator has changed in the forms of the settings and not saved, also by earlier pages. */
export interface FormDrafts {
  /** Names of the forms with something that is not saved. */
  readonly unsaved: ReadonlySignal<ReadonlySet<string>>;
  /** `null` if all of it is saved. */
  read(form: string): Fields | null;
  /** Replaces what is kept of that form; `null` removes it. */
  keep(form: string, fields: Fields | null): void;
  /** Removes what is kept of forms whose names begin so, but for these. */
  keepOnly(prefix: string, forms: readonly string[]): void;
}

/** Where the fields of forms are kept. */
export const formsOf = (agentId: string) => `${agentId} settings`;

/** What a browser refuses to keep stays as long as the page. */
export function createFormDrafts(
  writings: Writings,
  { agentId, now }: { agentId: string; now(): number },
): FormDrafts {
  const tabId = formsOf(agentId);
  const memory = new Map<string, Fields>();
  const unsaved = signal<ReadonlySet<string>>(
    new Set(writings.places().flatMap((place) => place.tabId === tabId ? [place.itemId ?? ""] : [])),
  );

  function keep(form: string, fields: Fields | null) {
    const text = fields ? JSON.stringify(fields) : "";
    const isKept = writings.keep({ tabId, itemId: form }, { id: DRAFT, text, at: now() });
    if (fields && !isKept) memory.set(form, fields);
    else memory.delete(form);
    if (unsaved.value.has(form) === (fields !== null)) return;
    unsaved.value = new Set(
      fields ? [...unsaved.value, form] : [...unsaved.value].filter((name) => name !== form),
    );
  }

  return {
    unsaved,
    keep,
    keepOnly(prefix, forms) {
      for (const form of unsaved.value) {
        if (form.startsWith(prefix) && !forms.includes(form)) keep(form, null);
      }
    },
    read: (form) => parse(writings.read({ tabId, itemId: form })[0]?.text) ?? memory.get(form) ?? null,
  };
}

function parse(text = ""): Fields | null {
  try {
    const fields: unknown = JSON.parse(text);
    return isFields(fields) ? fields : null;
  } catch {
    // Nothing is kept, or it is not ours.
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((field) => typeof field === "string");
}
