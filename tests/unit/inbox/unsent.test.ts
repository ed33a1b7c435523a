import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import type { Thread } from "../../../inbox/core/thread.ts";
import { OperatorPage } from "./support/operator_page.ts";
import { AGENT_ID, JONAS, MIRA } from "./support/project.ts";

const KEY = "heddle.inbox.writing";
const MINUTE = 60_000;

let page: OperatorPage;
let id: string;
let desk: Desk;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(() => {
  page = new OperatorPage();
  id = page.server.begin("Ada Park", "Is a north window enough?");
});
afterEach(() => page.inbox.shutdown());

/** What a page of this browser has left: a reply of so long ago. */
function row(minutes: number) {
  const at = page.page.clock.now() - minutes * MINUTE;
  return {
    viewer: MIRA.id,
    tab: AGENT_ID,
    item: id,
    id: "left",
    text: "A north window is enough.",
    at,
    due: true,
  };
}

async function opened(): Promise<Thread> {
  const thread = desk.open(id);
  await page.pass(1000);
  return thread;
}

const posted = () => page.server.calls.filter((name) => name === "inbox_post").length;
const last = (thread: Thread) => thread.state.value.entries.at(-1);

test("a reply of an earlier page goes out by itself within ten minutes", async () => {
  page.page.page.stored.set(`local ${KEY}`, JSON.stringify([row(9)]));
  desk = await page.signIn();
  await page.pass(1000);
  expect([posted(), desk.notSent.value.size]).toEqual([1, 0]);
});

test("an older one waits for its writer, who may send it all the same", async () => {
  page.page.page.stored.set(`local ${KEY}`, JSON.stringify([row(11)]));
  desk = await page.signIn();
  await page.pass(1000);
  expect([posted(), [...desk.notSent.value]]).toEqual([0, [id]]);
  const thread = await opened();
  expect(last(thread)).toMatchObject({ delivery: "failed", problem: { code: "conflict" } });
  thread.resend("left");
  await page.pass(1000);
  expect([posted(), desk.notSent.value.size]).toEqual([1, 0]);
});

test("it waits as well once a colleague has written, or the conversation was resolved", async () => {
  page.page.page.stored.set(`local ${KEY}`, JSON.stringify([row(3)]));
  page.server.write(
    id,
    "Jonas here: yes, it is.",
    { id: JONAS.id, role: "AGENT" },
    page.page.clock.now() - MINUTE,
  );
  desk = await page.signIn();
  await page.pass(1000);
  expect([posted(), [...desk.notSent.value]]).toEqual([0, [id]]);
});

test("what has arrived all the same is not sent again, and is no longer marked", async () => {
  page.page.page.stored.set(`local ${KEY}`, JSON.stringify([{ ...row(100), tried: true }]));
  const message = { clientId: "left", id: MIRA.id, role: "AGENT" as const };
  page.server.write(id, "A north window is enough.", message);
  desk = await page.signIn();
  await page.pass(1000);
  expect([posted(), desk.notSent.value.size]).toEqual([0, 0]);
});

test("what waits for the network is discarded at once, and marked until then", async () => {
  desk = await page.signIn();
  const thread = await opened();
  page.page.page.emit("offline");
  thread.send("A north window is enough.");
  await page.pass();
  expect([last(thread)?.delivery, [...desk.notSent.value]]).toEqual(["waiting", [id]]);
  thread.discard(last(thread)?.clientId ?? "");
  page.page.page.emit("online");
  await page.pass(1000);
  expect([posted(), desk.notSent.value.size]).toEqual([0, 0]);
});

test("a page that slept for hours while a reply waited does not send it either", async () => {
  desk = await page.signIn();
  const thread = await opened();
  page.page.page.emit("offline");
  thread.send("A north window is enough.");
  await page.pass();
  page.page.clock.sleep(60 * MINUTE);
  page.page.page.emit("online");
  await page.pass(1000);
  expect([posted(), last(thread)?.delivery]).toEqual([0, "failed"]);
});

test("what a window left that was closed goes out from another one, in the open conversation as in any", async () => {
  desk = await page.signIn();
  page.page.page.writeElsewhere(KEY, JSON.stringify([row(1)]));
  await page.pass(1000);
  expect(posted()).toBe(1);
  const thread = await opened();
  page.page.page.stored.set(`local ${KEY}`, JSON.stringify([{ ...row(1), id: "second" }]));
  page.page.page.emit("focus");
  await page.pass(1000);
  expect([posted(), last(thread)?.clientId]).toEqual([2, "second"]);
  thread.send("And one of this window's");
  await page.pass(1000);
  expect([posted(), thread.draft.value.text]).toEqual([3, ""]);
});

test("a reply that can't be stored is refused at once, and the next one does not wait behind it", async () => {
  desk = await page.signIn();
  const thread = await opened();
  thread.send("half \0 a word");
  thread.send("A whole one.");
  await page.pass();
  const fates = thread.state.value.entries.slice(1).map(({ body, delivery }) => [body, delivery]);
  expect(fates).toEqual([["half \0 a word", "failed"], ["A whole one.", "sent"]]);
  expect(thread.state.value.entries[1]?.problem?.code).toBe("invalid_request");
});
