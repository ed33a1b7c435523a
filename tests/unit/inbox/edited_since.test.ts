import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import { JONAS, MIRA } from "./support/project.ts";
import { OperatorPage } from "./support/operator_page.ts";

let operator: OperatorPage;
let desk: Desk;
let ada: string;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());
beforeEach(async () => {
  operator = new OperatorPage();
  ada = operator.server.begin("Ada Park", "Is a north window enough?");
  operator.server.change(ada, { unread: 0, readSeqs: { visitor: 0, team: 1 } });
  desk = await operator.signIn();
  desk.open(ada);
  await operator.pass(5000);
  operator.server.seenTo = [];
});
afterEach(() => operator.inbox.shutdown());

/** The visitor changes the message, which is the conversation's change with that number. */
function edit(seq: number) {
  operator.publish(operator.server.change(ada, { unread: 1, edited: { ids: ["1"], seq } }).events);
}

/** The numbers behind the newest message's that were told as read. */
const readChanges = () => operator.server.seenTo.filter((seq) => seq > 2);

test("what a visitor changed is read once somebody sees the end of the conversation, once for each change", async () => {
  edit(7);
  await operator.pass(5000);
  expect(operator.server.seenTo).toEqual([]);
  expect([...desk.open(ada).editedSince.value]).toEqual(["1"]);
  desk.open(ada).setReading(true, "1", "1");
  await operator.pass(5000);
  expect(readChanges()).toEqual([7]);
  edit(7);
  await operator.pass(5000);
  expect(readChanges()).toEqual([7]);
  edit(9);
  await operator.pass(5000);
  expect(readChanges()).toEqual([7, 9]);
});

test("what is new besides is not read with it", async () => {
  operator.publish(operator.server.write(ada, "And another thing").events);
  edit(7);
  desk.open(ada).setReading(true, "1", "1");
  await operator.pass(5000);
  expect(readChanges()).toEqual([]);
});

test("for who takes the conversation over it is told as read anew", async () => {
  operator.publish(operator.server.change(ada, { assignee: JONAS }).events);
  desk.open(ada).setReading(true, "1", "1");
  edit(7);
  await operator.pass(5000);
  expect(readChanges()).toEqual([7]);
  operator.publish(operator.server.change(ada, { assignee: { id: MIRA.id, name: "Mira Holm" } }).events);
  await operator.pass(5000);
  expect(readChanges()).toEqual([7, 7]);
});

test("one that was read meanwhile stays marked until the conversation is left", async () => {
  edit(7);
  await operator.pass(100);
  operator.publish(operator.server.change(ada, { unread: 0, edited: undefined }).events);
  await operator.pass(100);
  expect([...desk.open(ada).editedSince.value]).toEqual(["1"]);
  desk.close();
  expect([...desk.open(ada).editedSince.value]).toEqual([]);
});
