import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Thread } from "../../../inbox/core/thread.ts";
import { OperatorPage } from "./support/operator_page.ts";

const KEY = "heddle.inbox.writing";

let page: OperatorPage;
let id: string;
let thread: Thread;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  id = page.server.begin("Ada Park", "Is a north window enough?");
  thread = (await page.signIn()).open(id);
  await page.pass(1000);
});
afterEach(() => page.inbox.shutdown());

const kept = (): { id: string; text: string; tab: string }[] =>
  JSON.parse(page.page.page.stored.get(`local ${KEY}`) ?? "[]");

/** What the other window leaves of the drafts. */
function elsewhere(change: (row: { id: string; text: string; tab: string }) => object | null) {
  const left = kept().map(change).filter((row: object | null) => row !== null);
  page.page.page.writeElsewhere(KEY, left.length > 0 ? JSON.stringify(left) : null);
}

/** The other window's reply reaches the store. */
const sentElsewhere = (text: string) =>
  page.publish(page.server.write(id, text, { id: "me", role: "AGENT" }).events);

test("a draft that another window has sent is none here either, of a reply alone", async () => {
  thread.setDraft("A north window is enough.");
  thread.setNoteDraft("A north window is enough.");
  elsewhere((row) => row.tab.endsWith(" notes") ? row : null);
  sentElsewhere("A north window is enough.");
  expect([thread.draft.value.text, thread.noteDraft.value.text]).toEqual(["", "A north window is enough."]);
  await page.pass(5000);
  expect(kept().map(({ tab, text }) => [tab.endsWith(" notes"), text]))
    .toEqual([[true, "A north window is enough."]]);
});

test("a draft stays while another window writes on", () => {
  thread.setDraft("A north window");
  elsewhere((row) => ({ ...row, text: "A north window is" }));
  expect(thread.draft.value.text).toBe("A north window");
});

test("a draft stays, and is kept again, when another window sends something else", async () => {
  thread.setDraft("A long text of this window's");
  thread.setNoteDraft("And a note");
  elsewhere((row) => ({ ...row, text: "Sent first" }));
  elsewhere(() => null);
  sentElsewhere("Sent first");
  await page.pass(5000);
  expect([thread.draft.value.text, thread.noteDraft.value.text])
    .toEqual(["A long text of this window's", "And a note"]);
  expect(kept().map(({ text }) => text)).toEqual(["A long text of this window's", "And a note"]);
});

test("a draft that another window sends while it is offline is not kept again", async () => {
  thread.setDraft("A north window");
  page.page.page.emit("offline");
  elsewhere((row) => ({ ...row, id: "entry", due: true }));
  await page.pass(5000);
  expect(kept().map(({ id }) => id)).toEqual(["entry"]);
});
