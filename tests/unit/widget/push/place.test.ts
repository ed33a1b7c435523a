// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { pushPlace } from "../../../../widget/push/place.ts";

afterEach(() => document.head.replaceChildren());

const AGENT = "a0000000-0000-4000-8000-000000000001";
const placed = (path: string) => {
  const { worker, scope } = pushPlace(path, AGENT);
  return [worker.href, scope.href];
};

it.each(["/heddle/heddle-push.js", "heddle/heddle-push.js"])(
  "a worker is on the page's own origin, from its root, whatever page it is and wherever its links lead: %s",
  (path) => {
    const expected = [
      `${location.origin}/heddle/heddle-push.js`,
      `${location.origin}/heddle/heddle-push/${AGENT}/`,
    ];
    expect(placed(path)).toEqual(expected);
    const base = document.createElement("base");
    base.href = "https://cdn.example/assets/";
    document.head.append(base);
    expect(document.baseURI).toBe("https://cdn.example/assets/");
    expect(placed(path)).toEqual(expected);
  },
);
