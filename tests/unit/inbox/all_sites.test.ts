import { expect, it } from "vitest";
import { signal } from "../../../client/platform/emitter.ts";
import { inOrder, type Told } from "../../../inbox/ui/notifications/all_sites.ts";

/** A site on which the operator was told of something in these minutes. */
function site(id: string, minutes: number[], hasOlder = false) {
  const shown = minutes.map((minute) => ({
    id: `${id}${minute}`,
    createdAt: `2026-05-01T08:${minute}:00+00:00`,
  }));
  return { agent: { id }, notifications: { state: signal({ shown, hasOlder }) } } as unknown as Told;
}

const ids = (sites: Told[]) => inOrder(sites).map(({ notification }) => notification.id);

it("what was told on several sites is in one order, the newest first", () => {
  expect(ids([site("a", [40, 20]), site("b", [50, 30, 10])])).toEqual(["b50", "a40", "b30", "a20", "b10"]);
});

it("ends where a site has older ones that are not told yet", () => {
  expect(ids([site("a", [40, 20], true), site("b", [50, 30, 10])])).toEqual(["b50", "a40", "b30", "a20"]);
});
