// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { clearSaved, fieldsOf } from "../../../inbox/ui/settings/parts.tsx";

const COLOR = "#3355cc";

function formOf(name: string, color: string, body: string): HTMLFormElement {
  const root = document.createElement("div");
  render(
    <form>
      <input type="color" name="color" defaultValue={COLOR} />
      <input name="name" />
      <textarea name="body" />
    </form>,
    root,
  );
  const form = root.querySelector("form") as HTMLFormElement;
  fill(form, { name, color, body });
  return form;
}

function fill(form: HTMLFormElement, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    form.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = value;
  }
}

test("a form is as it was in the beginning once what it holds is saved", () => {
  const form = formOf(" Late ", "#b3261e", "Hello");
  clearSaved(form, fieldsOf(form));
  expect(fieldsOf(form)).toEqual({ name: "", color: COLOR, body: "" });
});

test("what was typed into a field while its form was being saved stays there", () => {
  const form = formOf("Late", "#b3261e", "Hello");
  const saved = fieldsOf(form);
  fill(form, { name: "Lost", body: "Hello again" });
  clearSaved(form, saved);
  expect(fieldsOf(form)).toEqual({ name: "Lost", color: COLOR, body: "Hello again" });
});
