import { expect } from "vitest";
import type { Driver } from "./driver.ts";

const PATIENCE = { timeout: 15_000, interval: 50 };
const KEYS = { Enter: "\uE007", Tab: "\uE004", Escape: "\uE00C", Space: " ", Shift: "\uE008" } as const;
/** What every expression can use: the widget's shadow root, its first match, and the texts of all. */
const PRELUDE = `
  const root = document.querySelector("heddle-widget")?.shadowRoot;
  const find = (selector) => [...root?.querySelectorAll(selector) ?? []].find((each) => !each.closest("[inert]"));
  const texts = (selector) => [...root?.querySelectorAll(selector) ?? []].map((each) => each.textContent);
`;

/** The widget in a browser's window, as a visitor sees and works it. Selectors look inside it. */
export function visitWith(driver: Driver) {
  const look = (expression: string) => driver.run(`${PRELUDE} return ${expression};`);
  const until = (expression: string) => expect.poll(() => look(expression), PATIENCE);

  const visit = {
    look,
    until,
    isThere: (selector: string) => until(`Boolean(find(${JSON.stringify(selector)}))`).toBe(true),
    /** Waits until it stands still and nothing lies over it. */
    async click(selector: string) {
      let former = "";
      const center = async () => {
        const at = await look(`(() => {
          const element = find(${JSON.stringify(selector)});
          const box = element?.getBoundingClientRect();
          const at = box && [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
          return at && root.getAnimations().length === 0 && element.contains(root.elementFromPoint(...at)) && at;
        })()`);
        const stands = Boolean(at) && JSON.stringify(at) === former;
        former = JSON.stringify(at);
        return stands;
      };
      await expect.poll(center, PATIENCE).toBe(true);
      const [x, y] = JSON.parse(former);
      await driver.act([{
        type: "pointer",
        id: "mouse",
        actions: [
          { type: "pointerMove", x, y, duration: 0 },
          { type: "pointerDown", button: 0 },
          { type: "pointerUp", button: 0 },
        ],
      }]);
    },
    async type(text: string) {
      const actions = [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
      await driver.act([{ type: "key", id: "keyboard", actions }]);
    },
    async press(key: keyof typeof KEYS, shift = false) {
      const value = KEYS[key];
      const inner = [{ type: "keyDown", value }, { type: "keyUp", value }];
      const actions = shift
        ? [{ type: "keyDown", value: KEYS.Shift }, ...inner, { type: "keyUp", value: KEYS.Shift }]
        : inner;
      await driver.act([{ type: "key", id: "keyboard", actions }]);
    },
    async openPanel() {
      await visit.click(".launcher");
      await visit.isThere(".panel[data-open]");
    },
    async openThread(title: string) {
      await visit.openPanel();
      await until(`texts(".row-title")`).toContain(title);
      await visit.click(`.row`);
      await visit.isThere(".thread");
    },
    shows: (body: string) => until(`texts(".thread .bubble")`).toContain(body),
    closesWithEscape: async () => {
      await visit.press("Escape");
      await visit.isThere(".launcher[aria-expanded='false']");
    },
  };
  return visit;
}

export type Visit = ReturnType<typeof visitWith>;
