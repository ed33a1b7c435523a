// @vitest-environment happy-dom
import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { signal } from "../../../client/platform/emitter.ts";
import { createSelection } from "../../../inbox/core/selection.ts";
import { useKeys } from "../../../inbox/ui/keys.ts";
import { Palette } from "../../../inbox/ui/palette/palette.tsx";
import { hrefOf, NOWHERE, readPlace } from "../../../inbox/ui/place.ts";
import { Search } from "../../../inbox/ui/search/search.tsx";
import { type Shell, ShellContext } from "../../../inbox/ui/shell.ts";

/** Keys of a composition as browsers tell them: while it goes on, and as Safari tells the one that ended it. */
const COMPOSING = [{ isComposing: true }, { isComposing: false, keyCode: 229 }];

const root = document.createElement("div");
document.body.append(root);
afterEach(() => {
  render(null, root);
  history.replaceState(null, "", "/");
});

const draw = (tree: ComponentChild) =>
  act(() =>
    render(<ShellContext.Provider value={SHELL as unknown as Shell}>{tree}</ShellContext.Provider>, root)
  );
const press = (target: Element, key: string, more: KeyboardEventInit = {}) =>
  act(() =>
    void target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }))
  );

const SHELL = {
  here: { ...NOWHERE, query: "" },
  agents: [],
  details: false,
  newRoom: () => {},
  selection: createSelection(),
  desk: {
    agent: {},
    presence: { availability: signal("available") },
    undo: { done: signal(null), hold: () => {} },
  },
  team: { agent: signal({ labels: [], members: [], rights: [] }) },
};
const field = () => root.querySelector("input") as HTMLInputElement;

test("the palette does nothing on a key of a composition", async () => {
  const onClose = vi.fn();
  await draw(<Palette onClose={onClose} />);
  for (const more of COMPOSING) await press(field(), "Enter", more);
  expect(onClose).not.toHaveBeenCalled();
  await press(field(), "Enter");
  expect(onClose).toHaveBeenCalledOnce();
});

test("the search stays on a key of a composition", async () => {
  location.hash = hrefOf({ query: "" });
  await draw(<Search />);
  for (const more of COMPOSING) await press(field(), "Escape", more);
  expect(readPlace(location.hash).query).toBe("");
  await press(field(), "Escape");
  expect(readPlace(location.hash).query).toBeNull();
});

test("single keys leave a field where it is on a key of a composition", async () => {
  const Keys = () => {
    const no = () => false;
    useKeys({ openPalette: () => {}, showKeys: () => {}, select: no, explain: no, actOn: no });
    return <input />;
  };
  await draw(<Keys />);
  field().focus();
  for (const more of COMPOSING) await press(field(), "Escape", more);
  expect(document.activeElement).toBe(field());
  await press(field(), "Escape");
  expect(document.activeElement).not.toBe(field());
});
