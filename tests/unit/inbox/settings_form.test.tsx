// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWritings } from "../../../client/sync/writings.ts";
import { createFormDrafts } from "../../../inbox/core/form_drafts.ts";
import { forgetWritings, unsentIn } from "../../../inbox/core/outboxes.ts";
import { clearSaved, fieldsOf, holdSaved, KeptForm } from "../../../inbox/ui/settings/kept_form.tsx";
import { PALETTE, Palette } from "../../../inbox/ui/settings/palette.tsx";
import { settingWords } from "../../../inbox/ui/settings/words.ts";
import { type Shell, ShellContext } from "../../../inbox/ui/shell.ts";
import { settle } from "../client/support/clock.ts";
import { createSurroundings } from "../client/support/environment.ts";

const [COLOR = "", OTHER = ""] = Object.keys(PALETTE);
const AGENT_ID = "a1";
const MIRA = "m1";

let root: HTMLElement;
let environment: ReturnType<typeof createSurroundings>["environment"];
let answer: (isSaved: boolean) => void;

beforeEach(() => {
  environment = createSurroundings(() => Promise.reject(new Error("Nothing is asked."))).environment;
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, root);
  root.remove();
});

/** The form as a page shows it that was loaded just now. */
async function open(afterwards: typeof clearSaved = clearSaved, name = ""): Promise<HTMLFormElement> {
  render(null, root);
  const writings = createWritings(environment, "heddle.inbox.writing", MIRA);
  const drafts = createFormDrafts(writings, { agentId: AGENT_ID, now: environment.now });
  const shell = { team: { settings: { drafts } } } as Shell;
  const onSave = () => new Promise<boolean>((resolve) => (answer = resolve));
  await act(() =>
    render(
      <ShellContext.Provider value={shell}>
        <KeptForm name="labels new" class="" onSave={onSave} afterwards={afterwards}>
          <Palette name="Colour" color={COLOR} />
          <input name="name" defaultValue={name} />
          <textarea name="body" />
          <select name="when">
            <option value="always">Always</option>
            <option value="never">Never</option>
          </select>
        </KeptForm>
      </ShellContext.Provider>,
      root,
    )
  );
  return root.querySelector("form") as HTMLFormElement;
}

async function fill(form: HTMLFormElement, values: Record<string, string>) {
  await act(() => {
    for (const [name, value] of Object.entries(values)) {
      const choice = form.querySelector<HTMLInputElement>(`[name=${name}][type=radio][value="${value}"]`);
      const field = choice ?? form.querySelector<HTMLInputElement>(`[name=${name}]`) as HTMLInputElement;
      if (choice) choice.checked = true;
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

async function save(form: HTMLFormElement, isSaved: boolean, meanwhile: Record<string, string> = {}) {
  form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  await fill(form, meanwhile);
  await act(async () => {
    answer(isSaved);
    await settle();
  });
}

const told = () => root.querySelector("[role=status]")?.textContent;
const EMPTY = { color: COLOR, name: "", body: "", when: "always" };
const FILLED = { color: OTHER, name: "Late", body: "Hello", when: "never" };

test("a form is as it was in the beginning once what it holds is saved", async () => {
  const form = await open();
  await fill(form, FILLED);
  expect(told()).toBe(settingWords.notSaved);
  await save(form, true);
  expect([fieldsOf(form), told()]).toEqual([EMPTY, ""]);
  expect(fieldsOf(await open())).toEqual(EMPTY);
});

test("what was typed into a field while its form was being saved stays there", async () => {
  const form = await open();
  await fill(form, FILLED);
  await save(form, true, { name: "Lost", body: "Hello again" });
  expect(fieldsOf(form)).toEqual({ ...EMPTY, name: "Lost", body: "Hello again" });
  expect(told()).toBe(settingWords.notSaved);
});

test("a form of something that is there holds what was saved of it", async () => {
  const form = await open(holdSaved, "Late");
  await fill(form, { name: " Later " });
  await save(form, true);
  expect([fieldsOf(form).name, told()]).toEqual(["Later", ""]);
});

test("what was typed and not saved, or refused, is there again on the next page, and says so", async () => {
  const form = await open();
  await fill(form, FILLED);
  expect([fieldsOf(await open()), told()]).toEqual([FILLED, settingWords.notSaved]);
  await save(await open(), false);
  expect([fieldsOf(await open()), told()]).toEqual([FILLED, settingWords.notSaved]);
});

test("an emptied field is unsaved as well, and one with its first text again is not", async () => {
  await fill(await open(holdSaved, "Late"), { name: "" });
  const form = await open(holdSaved, "Late");
  expect([fieldsOf(form).name, told()]).toEqual(["", settingWords.notSaved]);
  await fill(form, { name: "Late" });
  expect(told()).toBe("");
});

test("what is discarded is gone, and the focus is in the form", async () => {
  await fill(await open(), FILLED);
  const form = await open();
  await act(() => root.querySelector("button")?.click());
  expect([fieldsOf(form), told(), document.activeElement?.getAttribute("name")]).toEqual([EMPTY, "", "name"]);
  expect(fieldsOf(await open())).toEqual(EMPTY);
});

test("a form that is left while it is being saved keeps nothing of what was saved", async () => {
  const form = await open();
  await fill(form, FILLED);
  form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  render(null, root);
  answer(true);
  await settle();
  expect(fieldsOf(await open())).toEqual(EMPTY);
});

test("signing out counts and discards it, and leaving a team does", async () => {
  const form = await open();
  await fill(form, FILLED);
  expect(unsentIn(environment, MIRA)).toEqual({ replies: 0, drafts: 1 });
  forgetWritings(environment, MIRA, [AGENT_ID]);
  expect(unsentIn(environment, MIRA).drafts).toBe(1);
  forgetWritings(environment, MIRA);
  expect(fieldsOf(await open())).toEqual(EMPTY);
});
