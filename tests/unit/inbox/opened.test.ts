import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import { OperatorPage } from "./support/operator_page.ts";

let operator: OperatorPage;
let desk: Desk;
let ada: string;
let kai: string;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());
beforeEach(async () => {
  operator = new OperatorPage();
  ada = operator.server.begin("Ada Park", "Is a north window enough?");
  kai = operator.server.begin("Kai Sato", "Hello");
  desk = await operator.signIn();
});
afterEach(() => operator.inbox.shutdown());

const shown = (id: string) => desk.open(id).state.value;
const bodies = (id: string) => shown(id).entries.map(({ body }) => body);

/** Opens it, lets what is due happen, and goes on to another. */
async function visit(id: string, next: string) {
  desk.open(id);
  await operator.pass(5000);
  desk.open(next);
  await operator.pass(5000);
}

test("coming back to a conversation shows it at once, with what was heard meanwhile", async () => {
  await visit(ada, kai);
  operator.publish(operator.server.write(ada, "And how often should I water it?").events);
  operator.server.calls = [];
  expect(shown(ada).status).toBe("ready");
  expect(bodies(ada)).toEqual(["Is a north window enough?", "And how often should I water it?"]);
  expect(operator.server.calls).toEqual([]);
});

test("of what came meanwhile no more is read than somebody saw, whatever was in view on coming back", async () => {
  await visit(ada, kai);
  for (let line = 2; line < 9; line++) operator.publish(operator.server.write(ada, `Line ${line}`).events);
  operator.server.seen = [];
  desk.open(ada).setReading(true, "8", "7");
  await operator.pass(5000);
  expect(desk.open(ada).unreadFrom.value).not.toBeNull();
  expect(operator.server.seen).toEqual([]);
  desk.open(ada).setReading(true, "8", "1");
  await operator.pass(5000);
  expect(operator.server.seen).toEqual([ada]);
});

test("what was not heard is fetched as soon as it is open again", async () => {
  await visit(ada, kai);
  operator.server.write(ada, "Nobody heard of this.");
  expect(bodies(ada)).toEqual(["Is a north window enough?"]);
  await operator.pass(100);
  expect(bodies(ada)).toEqual(["Is a north window enough?", "Nobody heard of this."]);
});

test("a reply that is written before the answer came stands behind what is known", async () => {
  await visit(ada, kai);
  desk.open(ada).send("Quite enough.");
  expect(shown(ada).entries).toMatchObject([{ body: "Is a north window enough?" }, {
    body: "Quite enough.",
    delivery: "sending",
  }]);
  await operator.pass(5000);
  expect(bodies(ada)).toEqual(["Is a north window enough?", "Quite enough."]);
});

test("without a network what was open before can be read, and says that it may be old", async () => {
  await visit(ada, kai);
  operator.server.online = false;
  desk.open(ada);
  await operator.pass(100);
  expect(shown(ada)).toMatchObject({ status: "ready", problem: { code: "network" } });
  expect(bodies(ada)).toEqual(["Is a north window enough?"]);
});

test("of one that was erased meanwhile nothing is shown once that is known", async () => {
  await visit(ada, kai);
  operator.server.conversations.delete(ada);
  desk.open(ada);
  await operator.pass(100);
  expect(shown(ada)).toMatchObject({ status: "failed", entries: [], problem: { code: "item_not_found" } });
  desk.open(kai);
  expect(shown(ada)).toMatchObject({ status: "loading", entries: [] });
});

test("after news without content nothing is shown from memory", async () => {
  await visit(ada, kai);
  operator.publish([{ v: 1, id: "event", at: "2026-01-01T00:00:00Z", type: "refresh", data: {} }]);
  expect(shown(ada)).toMatchObject({ status: "loading", entries: [] });
});

test("what is in memory is as much after hundreds of conversations as after some", async () => {
  const many = Array.from({ length: 60 }, (_, index) => operator.server.begin(`Visitor ${index}`, "Hello"));
  for (const id of many) {
    desk.open(id);
    await operator.pass();
  }
  desk.open(ada);
  const isKept = (id: string) => shown(id).status === "ready";
  expect(isKept(many.at(-1) ?? "")).toBe(true);
  expect(isKept(many[0] ?? "")).toBe(false);
});
