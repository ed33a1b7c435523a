import { beforeEach, expect, test } from "vitest";
import { keptEdits } from "../../../client/sync/kept_edits.ts";
import { createWritings } from "../../../client/sync/writings.ts";
import { createSurroundings } from "./support/environment.ts";

const PLACE = { tabId: "messages", itemId: "c1" };

/** A window of one browser: what is kept is kept for all of them. */
let openWindow: () => ReturnType<typeof keptEdits>;
beforeEach(() => {
  const { environment } = createSurroundings(() => Promise.reject(new Error("Nothing is asked.")));
  openWindow = () => keptEdits(createWritings(environment, "heddle:writings", "ada"), PLACE, environment);
});

test("a correction is there again on a later page, until it is done with", () => {
  openWindow().keep("7", "The blue", "first");
  const later = openWindow();
  expect(later.read("7")).toMatchObject({ text: "The blue", version: "first" });
  expect([later.read("77"), later.read("note 7")]).toEqual([undefined, undefined]);
  later.keep("7", "The blue one", "second");
  expect(openWindow().read("7")).toMatchObject({ text: "The blue one", version: "second" });
  later.keep("7", "");
  expect([later.read("7"), openWindow().read("7")]).toEqual([undefined, undefined]);
});

test("what is saved or given up in one window takes nothing from another, nor from its next page", () => {
  const [here, there] = [openWindow(), openWindow()];
  here.keep("7", "Typed here");
  // Its correction begins anew.
  there.keep("7", "");
  there.keep("7", "Typed there");
  there.keep("7", "");
  expect([here.read("7")?.text, openWindow().read("7")?.text]).toEqual(["Typed here", "Typed here"]);
});

test("a window that went on with what another left has its own from then on", () => {
  const here = openWindow();
  here.keep("7", "Begun here");
  const there = openWindow();
  expect(there.read("7")?.text).toBe("Begun here");
  there.keep("7", "Begun here, ended there");
  there.keep("7", "");
  expect([here.read("7")?.text, openWindow().read("7")]).toEqual(["Begun here", undefined]);
});

test("nothing stays of a conversation that is no more", () => {
  const here = openWindow();
  here.keep("7", "Typed here");
  here.clear();
  expect([here.read("7"), openWindow().read("7")]).toEqual([undefined, undefined]);
});
