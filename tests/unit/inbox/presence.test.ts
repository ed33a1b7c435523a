import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import { OperatorPage } from "./support/operator_page.ts";
import { AGENT_ID, JONAS, MIRA } from "./support/project.ts";

let page: OperatorPage;
let desk: Desk;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  page.server.present.set(JONAS.id, "away");
  desk = await page.signIn();
  await page.pass(1000);
});
afterEach(() => page.inbox.shutdown());

const here = () => Object.fromEntries(desk.presence.here.value);

function hear(type: "user:online" | "user:offline", user_id: string, status: string, lastSeenAt?: string) {
  const at = "2026-01-01T00:00:00.000001+00:00";
  const data = { user_id, status, timestamp: at, ...(lastSeenAt && { lastSeenAt }) };
  page.publish([{ v: 1, id: `${type} ${user_id}`, type, at, data }]);
}

test("an operator who is signed in keeps a lease, and one who signs out gives it up at once", async () => {
  expect(page.server.said).toEqual(["online"]);
  await page.pass(20_000);
  await page.pass(20_000);
  expect(page.server.said).toEqual(["online", "online", "online"]);
  await page.inbox.signOut();
  expect(page.server.said.at(-1)).toBe("offline");
  const count = page.server.said.length;
  await page.pass(60_000);
  expect(page.server.said).toHaveLength(count);
});

test("a page that goes says so, and one that comes back is here again", async () => {
  page.page.page.emit("stored");
  expect(page.server.said.at(-1)).toBe("offline");
  page.page.page.emit("restored");
  await page.pass();
  expect(page.server.said.at(-1)).toBe("online");
});

test("being away is a choice that the next page knows of", async () => {
  desk.presence.choose("away");
  await page.pass();
  expect(page.server.said.at(-1)).toBe("away");
  page.inbox.choose(AGENT_ID);
  await page.pass();
  expect(page.server.said.at(-1)).toBe("away");
});

test("who is here is known at the start and heard from then on, visitors too", () => {
  expect(here()).toEqual({ [JONAS.id]: "away" });
  hear("user:online", JONAS.id, "online");
  hear("user:online", `${AGENT_ID}/visitor-1`, "online");
  expect(here()).toEqual({ [JONAS.id]: "online", [`${AGENT_ID}/visitor-1`]: "online" });
  hear("user:offline", JONAS.id, "offline");
  expect(here()).toEqual({ [`${AGENT_ID}/visitor-1`]: "online" });
});

test("who was invited is known to have come in as soon as they are here", async () => {
  page.inbox.shutdown();
  page = new OperatorPage();
  page.server.invited.add(JONAS.id);
  await page.signIn();
  await page.pass(1000);
  const isInvited = () => {
    const { value } = page.inbox.state;
    const members = value.status === "open" ? value.team.agent.value.members : [];
    return members.find(({ id }) => id === JONAS.id)?.invited;
  };
  expect(isInvited()).toBe(true);
  page.server.invited.clear();
  hear("user:online", JONAS.id, "online");
  await page.pass();
  expect(isInvited()).toBe(undefined);
});

test("of a visitor who went is known when they were there last", () => {
  const visitor = `${AGENT_ID}/visitor-1`;
  hear("user:offline", visitor, "offline", "2026-01-01T08:00:00+00:00");
  hear("user:offline", JONAS.id, "offline");
  expect([...desk.presence.left.value]).toEqual([[visitor, "2026-01-01T08:00:00+00:00"]]);
});

test("what is heard while the server is asked is newer than its answer", async () => {
  desk.presence.load();
  hear("user:offline", JONAS.id, "offline");
  await page.pass();
  expect(here()).toEqual({});
});

test("a closed window of the same operator does not take the others with it", async () => {
  const count = page.server.said.length;
  hear("user:offline", MIRA.id, "offline");
  await page.pass();
  expect(page.server.said.slice(count)).toEqual(["online"]);
});

test("a window says what the operator has chosen in another one", async () => {
  const key = `heddle.inbox.availability.${MIRA.id}`;
  page.page.page.writeElsewhere(key, "away");
  await page.pass();
  expect(desk.presence.availability.value).toBe("away");
  expect(page.server.said.at(-1)).toBe("away");
  const count = page.server.said.length;
  await page.pass(20_000);
  expect(page.server.said.slice(count)).toEqual(["away"]);
  page.page.page.writeElsewhere(key, "asleep");
  expect(desk.presence.availability.value).toBe("away");
});
