import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Thread } from "../../../inbox/core/thread.ts";
import { OperatorPage } from "./support/operator_page.ts";

const KEY = "heddle.inbox.writing";

let page: OperatorPage;
let thread: Thread;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  const id = page.server.begin("Ada Park", "Is a north window enough?");
  thread = (await page.signIn()).open(id);
  await page.pass(1000);
});
afterEach(() => page.inbox.shutdown());

/** What the other window leaves of the drafts. */
function elsewhere(change: (row: { id: string; text: string; tab: string }) => object | null) {
  const rows = JSON.parse(page.page.page.stored.get(`local ${KEY}`) ?? "[]");
  const left = rows.map(change).filter((row: object | null) => row !== null);
  page.page.page.writeElsewhere(KEY, left.length > 0 ? JSON.stringify(left) : null);
}

test("a draft that another window has sent is none here either, of a reply and of a note", () => {
  thread.setDraft("A north window is enough.");
  thread.setNoteDraft("She asked before.");
  elsewhere((row) => row.tab.endsWith(" notes") ? row : null);
  expect(thread.draft.value.text).toBe("");
  expect(thread.noteDraft.value.text).toBe("She asked before.");
  elsewhere(() => null);
  expect(thread.noteDraft.value.text).toBe("");
});

test("a draft stays while another window writes on", () => {
  thread.setDraft("A north window");
  elsewhere((row) => ({ ...row, text: "A north window is" }));
  expect(thread.draft.value.text).toBe("A north window");
});
