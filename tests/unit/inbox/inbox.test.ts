import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import { createInbox, type Inbox } from "../../../inbox/core/inbox.ts";
import { createProject } from "../../../inbox/core/project.ts";
import { settle } from "../client/support/clock.ts";
import { createSurroundings, type Surroundings } from "../client/support/environment.ts";
import { AGENT_ID, FakeProject, JONAS, MIRA, URL_OF_PROJECT } from "./support/project.ts";

const CHANNEL = `agent-${AGENT_ID}-inbox-1`;

let server: FakeProject;
let page: Surroundings;
let inbox: Inbox;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  server = new FakeProject();
  page = createSurroundings(server.fetch);
  open();
  await pass();
});
afterEach(() => inbox.shutdown());

function open() {
  const config = { url: URL_OF_PROJECT, publishableKey: "sb_publishable_test" };
  inbox = createInbox(page.environment, createProject(config, page.environment));
}

/** Lets what is due happen. */
async function pass(milliseconds = 0) {
  for (let turn = 0; turn < 4; turn++) await settle();
  await page.clock.advance(milliseconds);
  for (let turn = 0; turn < 4; turn++) await settle();
}

async function signIn(): Promise<Desk> {
  expect(await inbox.signIn(MIRA.email, MIRA.password)).toBe(null);
  await pass();
  const { value } = inbox.state;
  if (value.status !== "open") throw new Error(`The inbox is ${value.status}.`);
  return value.desk;
}

function publish(events: object[]) {
  page.realtime.socket.publish(CHANNEL, "events", { events });
}

test("without a session the inbox asks for one, and says what is wrong with an attempt", async () => {
  expect(inbox.state.value).toEqual({ status: "signed_out", problem: undefined });
  expect(await inbox.signIn(MIRA.email, "wrong")).toBe("wrong");
  server.online = false;
  expect(await inbox.signIn(MIRA.email, MIRA.password)).toBe("network");
  server.online = true;
  await signIn();
});

test("a link by mail is asked for, and who has no account is not told", async () => {
  const page = "https://inbox.example/";
  expect(await inbox.mailLink(` ${MIRA.email} `, page)).toBe(null);
  expect(await inbox.mailLink("nobody@example.com", page)).toBe(null);
  expect(server.mailed).toEqual([MIRA.email]);
  server.online = false;
  expect(await inbox.mailLink(MIRA.email, page)).toBe("network");
});

test("an account that belongs to no team is signed out again and told why", async () => {
  server.isMember = false;
  expect(await inbox.signIn(MIRA.email, MIRA.password)).toBe(null);
  await pass();
  expect(inbox.state.value).toEqual({ status: "signed_out", problem: "no_team" });
  open();
  await pass();
  expect(inbox.state.value).toMatchObject({ status: "signed_out" });
});

test("a session outlives the page, and signing out ends it and the connection", async () => {
  await signIn();
  inbox.shutdown();
  open();
  await pass();
  expect(inbox.state.value).toMatchObject({ status: "open" });
  expect(page.realtime.connected).toBe(true);
  await inbox.signOut();
  expect(page.realtime.connected).toBe(false);
  open();
  await pass();
  expect(inbox.state.value).toMatchObject({ status: "signed_out" });
});

test("what was seen while a colleague held the conversation is told anew when they hand it over", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  server.change(id, { assignee: { id: "jonas", name: "Jonas" } });
  const thread = (await signIn()).open(id);
  await pass(5000);
  thread.setReading(true, "1");
  await pass(5000);
  const reads = () => server.calls.filter((name) => name === "inbox_read").length;
  server.calls = [];
  publish(server.change(id, { labels: [] }).events);
  await pass(5000);
  expect(reads()).toBe(0);
  publish(server.change(id, { assignee: { id: MIRA.id, name: "Mira Holm" } }).events);
  await pass(5000);
  expect(reads()).toBe(1);
});

test("a conversation that was erased while it was open is shown no more, nor is what was unsent kept", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  const thread = (await signIn()).open(id);
  await pass(5000);
  thread.setDraft("Half a reply");
  thread.setNoteDraft("Half a note");
  thread.edits.keep("1", "Half a correction");
  const kept = () => page.environment.storage.read("local", "heddle.inbox.writing");
  expect(kept()).toContain("Half a note");
  expect(kept()).toContain("Half a correction");
  server.conversations.delete(id);
  thread.send("A reply");
  await pass(5000);
  expect(thread.state.value).toMatchObject({
    status: "failed",
    entries: [],
    problem: { code: "item_not_found" },
  });
  expect(thread.row.value).toBe(null);
  expect(kept()).toBe(null);
});

test("a correction is kept beyond the page, and is no message that waits", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  const desk = await signIn();
  desk.open(id).edits.keep("note 5", "Half a correction");
  await pass(5000);
  inbox.shutdown();
  open();
  await pass();
  const { value } = inbox.state;
  if (value.status !== "open") throw new Error(`The inbox is ${value.status}.`);
  const thread = value.desk.open(id);
  await pass(5000);
  expect(thread.edits.read("note 5")?.text).toBe("Half a correction");
  expect(value.desk.notSent.value.size).toBe(0);
  expect(server.calls).not.toContain("inbox_post");
  thread.edits.keep("note 5", "");
  expect(page.environment.storage.read("local", "heddle.inbox.writing")).toBe(null);
});

test("a visitor's message comes into list and open thread by one broadcast and no fetch", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  server.begin("Kai Sato", "Hello");
  const desk = await signIn();
  const list = desk.lists.of("open");
  const thread = desk.open(id);
  await pass(5000);
  expect(list.state.value.rows.map(({ customerName }) => customerName)).toEqual(["Kai Sato", "Ada Park"]);
  expect(page.realtime.sockets).toHaveLength(1);

  server.calls = [];
  publish(server.write(id, "And how often should I water it?").events);
  await pass(500);
  expect(list.state.value.rows.map(({ customerName }) => customerName)).toEqual(["Ada Park", "Kai Sato"]);
  expect(list.state.value.rows[0]).toMatchObject({ unread: 2, lastMessage: { text: /water/ } });
  expect(thread.state.value.entries.map(({ body }) => body)).toEqual([
    "Is a north window enough?",
    "And how often should I water it?",
  ]);
  expect(thread.row.value?.rev).toBe(2);
  expect(server.calls.filter((name) => name !== "inbox_counts")).toEqual([]);
});

test("of messages written at once none is missing, though the first is told with the row as the last left it", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  const desk = await signIn();
  const thread = desk.open(id);
  await pass(5000);
  server.calls = [];
  const written = [server.write(id, "One"), server.write(id, "Two")];
  const row = written.at(-1)?.events.at(-1);
  for (const { events } of written) {
    publish([...events.slice(0, -1), row].filter((event) => event !== undefined));
  }
  await pass(500);
  expect(thread.state.value.entries.map(({ body }) => body)).toEqual([
    "Is a north window enough?",
    "One",
    "Two",
  ]);
  expect(server.calls.filter((name) => name !== "inbox_counts")).toEqual([]);
});

test("a conversation that begins is news without a fetch, too", async () => {
  const desk = await signIn();
  const list = desk.lists.of("unassigned");
  await pass(5000);
  server.calls = [];
  const id = server.begin("Ada Park", "Hello");
  publish(server.write(id, "Anybody there?").events);
  await pass(500);
  expect(list.state.value.rows).toMatchObject([{ customerName: "Ada Park", unread: 2 }]);
  expect(desk.lists.of("mine").state.value.rows).toEqual([]);
  expect(server.calls).not.toContain("inbox_changes");
});

test("a broadcast that was missed is caught up with", async () => {
  const id = server.begin("Ada Park", "One");
  const desk = await signIn();
  const list = desk.lists.of("open");
  const thread = desk.open(id);
  await pass(5000);
  server.write(id, "Two");
  publish(server.write(id, "Three").events);
  await pass(5000);
  expect(thread.state.value.entries.map(({ body }) => body)).toEqual(["One", "Two", "Three"]);
  expect(list.state.value.rows[0]).toMatchObject({ rev: 3, unread: 3 });
});

test("a reply shows at once, waits while there is no network, and is stored once", async () => {
  const id = server.begin("Ada Park", "Hello");
  const thread = (await signIn()).open(id);
  await pass(5000);
  page.page.emit("offline");
  server.online = false;
  thread.send("Good morning");
  expect(thread.state.value.entries.at(-1)).toMatchObject({ body: "Good morning", delivery: "waiting" });
  server.online = true;
  page.page.emit("online");
  await pass(5000);
  expect(server.conversations.get(id)?.messages.map(({ text }) => text)).toEqual(["Hello", "Good morning"]);
  expect(thread.state.value.entries.at(-1)).toMatchObject({
    delivery: "sent",
    author: { name: "Mira Holm" },
  });
});

test("a draft is there again on the next page, for its own conversation only", async () => {
  const [ada, kai] = [server.begin("Ada Park", "Hello"), server.begin("Kai Sato", "Hello")];
  const desk = await signIn();
  desk.open(ada).setDraft("Good mor");
  inbox.shutdown();
  open();
  await pass();
  const { value } = inbox.state;
  if (value.status !== "open") throw new Error("not signed in");
  expect(value.desk.open(ada).draft.value.text).toBe("Good mor");
  expect(value.desk.open(kai).draft.value.text).toBe("");
});

test("what was written and not sent goes with who signs out, and with who is removed, and nobody else's does", async () => {
  const key = "local heddle.inbox.writing";
  const id = server.begin("Ada Park", "Hello");
  const ofJonas = { viewer: JONAS.id, tab: AGENT_ID, item: id, id: "", text: "His", at: page.clock.now() };
  page.page.stored.set(key, JSON.stringify([ofJonas]));
  const leave = [() => inbox.signOut(), () => {
    server.isMember = false;
    return pass(60_000);
  }];
  for (const each of leave) {
    const thread = (await signIn()).open(id);
    thread.setDraft("Good mor");
    thread.setNoteDraft("Pays late");
    expect(page.page.stored.get(key)).toMatch(/Good mor.*Pays late/);
    await each();
    await pass(5000);
    expect(JSON.parse(page.page.stored.get(key) ?? "[]")).toEqual([ofJonas]);
  }
});

test("what signing out would discard is told, of all conversations and of this operator alone", async () => {
  const [ada, kai] = [server.begin("Ada Park", "Hello"), server.begin("Kai Sato", "Hello")];
  const key = "local heddle.inbox.writing";
  const ofJonas = { viewer: JONAS.id, tab: AGENT_ID, item: ada, id: "", text: "His", at: page.clock.now() };
  page.page.stored.set(key, JSON.stringify([ofJonas]));
  const desk = await signIn();
  expect(inbox.unsent()).toEqual({ replies: 0, drafts: 0 });
  page.page.emit("offline");
  const thread = desk.open(ada);
  thread.send("Good morning");
  thread.sendNote("Pays late");
  thread.setDraft("And");
  desk.open(kai).setNoteDraft("Pays");
  desk.open(kai).edits.keep("1", "Changed");
  expect(inbox.unsent()).toEqual({ replies: 2, drafts: 3 });
});

test("what was written to somebody who was erased goes with them, whether their conversation is open or not", async () => {
  const [ada, kai, lin] = ["Ada", "Kai", "Lin"].map((name) => server.begin(name, "Hello"));
  const desk = await signIn();
  desk.lists.of("open");
  await pass(1000);
  for (const id of [lin, kai, ada]) {
    const thread = desk.open(id ?? "");
    thread.setDraft("Good mor");
    thread.setNoteDraft("Pays late");
    thread.edits.keep("1", "Changed");
  }
  for (const id of [ada, kai]) {
    server.gone.push(id ?? "");
    server.conversations.delete(id ?? "");
  }
  page.page.emit("online");
  await pass(5000);
  const kept = JSON.parse(page.page.stored.get("local heddle.inbox.writing") ?? "[]");
  expect(new Set(kept.map(({ item }: { item: string }) => item))).toEqual(new Set([lin]));
  expect(desk.open(ada ?? "").draft.value.text).toBe("");
});

test("the team's channel is followed to its new name, and who was removed is signed out", async () => {
  await signIn();
  await pass(1000);
  server.epoch = 2;
  page.realtime.socket.publish(CHANNEL, "inbox:moved", { epoch: 2 });
  await pass(1000);
  expect(page.realtime.socket.joins).toEqual([CHANNEL, `agent-${AGENT_ID}-inbox-2`]);
  server.isMember = false;
  await pass(60_000);
  expect(inbox.state.value).toEqual({ status: "signed_out", problem: "no_team" });
  expect(page.realtime.connected).toBe(false);
});

test("a start without the server says so, and a retry begins", async () => {
  await signIn();
  inbox.shutdown();
  server.online = false;
  open();
  await pass();
  expect(inbox.state.value).toMatchObject({ status: "failed", problem: { code: "network" } });
  server.online = true;
  inbox.retry();
  await pass();
  expect(inbox.state.value).toMatchObject({ status: "open" });
});

test("a conversation of another agent is neither shown nor answered", async () => {
  const id = server.begin("Ada Park", "Hello");
  server.owners.set(id, "a0000000-0000-4000-8000-000000000002");
  const desk = await signIn();
  server.calls = [];
  const thread = desk.open(id);
  await pass();
  expect(thread.state.value).toMatchObject({ status: "failed", problem: { code: "action_not_enabled" } });
  expect(thread.elsewhere.value).toBe("a0000000-0000-4000-8000-000000000002");
  expect(thread.state.value.entries).toEqual([]);
  thread.setReading(true, "1");
  thread.send("Hello Ada");
  await pass(1000);
  expect(server.calls).not.toContain("inbox_post");
  expect(server.calls).not.toContain("inbox_read");
});

test("a colleague of the same name who types is a colleague, and one's own other window is not", async () => {
  const id = server.begin("Ada Park", "Hello");
  const thread = (await signIn()).open(id);
  await pass(1000);
  const typing = (userId: string, name: string) => {
    const at = new Date(page.clock.now()).toISOString();
    const data = { conversationId: id, role: "AGENT", name, userId };
    publish([{ v: 1, id: `typing ${userId}`, at, type: "typing", data }]);
  };
  typing(MIRA.id, "Mira Holm");
  expect(thread.state.value.typists).toEqual([]);
  typing(JONAS.id, "Mira Holm");
  expect(thread.state.value.typists).toMatchObject([{ id: JONAS.id, name: "Mira Holm" }]);
});

test("a session that the server ended leads to the form, and what was written is there again", async () => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  const desk = await signIn();
  desk.open(id).setDraft("A north window");
  server.isExpired = true;
  desk.lists.refetch();
  await pass(1000);
  expect(inbox.state.value).toEqual({ status: "signed_out", problem: "ended" });
  server.isExpired = false;
  expect((await signIn()).open(id).draft.value.text).toBe("A north window");
});

test.each([
  [
    "too many requests",
    () => Response.json({ code: 429, error_code: "over_request_rate_limit" }, { status: 429 }),
  ],
  ["a refusal that is not Auth's", () => Response.json({ message: "Invalid API key" }, { status: 401 })],
  ["no Auth there", () => new Response("<h1>Bad gateway</h1>", { status: 404 })],
  ["an Auth that is down", () => Response.json({ code: 500, msg: "down" }, { status: 500 })],
])("%s in place of a fresh token signs nobody out", async (_, answer) => {
  const id = server.begin("Ada Park", "Is a north window enough?");
  const desk = await signIn();
  desk.open(id);
  server.onRefresh = answer;
  server.isExpired = true;
  desk.lists.refetch();
  await pass(1000);
  await expect.poll(() => server.refreshes).toBeGreaterThan(0);
  await pass(1000);
  expect(inbox.state.value.status).toBe("open");
  expect(page.environment.storage.read("local", "heddle.inbox.session")).not.toBe(null);
});

test("a computer's clock that is ahead makes nobody refresh again and again", async () => {
  server.secondsBehind = 7200;
  const desk = await signIn();
  for (let n = 0; n < 3; n++) {
    desk.lists.refetch();
    await pass(1000);
  }
  expect(server.refreshes).toBe(0);
});
