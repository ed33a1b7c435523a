import { beforeEach, expect, test } from "vitest";
import { createScope } from "../../../client/platform/scope.ts";
import { createCounts } from "../../../client/sync/counts.ts";
import { readTeamNews, type Row } from "../../../inbox/core/rows.ts";
import { createCountFollower, stepped, type ViewCounts } from "../../../inbox/core/view_counts.ts";
import { type Envelope } from "../../../shared/events.ts";
import { createSurroundings } from "../client/support/environment.ts";
import { FakeProject, JONAS, MIRA } from "./support/project.ts";

const COUNTED: ViewCounts = {
  needsHuman: 2,
  waiting: 4,
  mine: 1,
  unassigned: 9,
  open: 12,
  snoozed: 3,
  cap: 1000,
};

let server: FakeProject;
let listed: Row[];
beforeEach(() => {
  server = new FakeProject();
  listed = [];
});

/** Counts that the server made twenty seconds ago, and what follows the team's channel. */
async function setUp() {
  const { environment, clock } = createSurroundings(() => Promise.reject(new Error("nothing is fetched")));
  const began = clock.now();
  const asked: number[] = [];
  const counts = createCounts<ViewCounts>({
    environment,
    scope: createScope(environment),
    count: () => {
      asked.push((clock.now() - began) / 1000);
      return Promise.resolve({ ok: true, value: COUNTED });
    },
  });
  const follow = createCountFollower({
    userId: MIRA.id,
    counts,
    find: (id) => listed.find((row) => row.id === id),
  });
  counts.changed();
  await clock.advance(5000);
  const tell = (events: object[]) => {
    const { changes, begun } = readTeamNews(
      { v: 1, id: "e", at: "", type: "events", data: { events } } as Envelope,
    );
    follow(changes, begun);
  };
  return { counts, clock, asked, tell };
}

const rowOf = (id: string) => server.conversations.get(id)?.row as Row;

test("a conversation that a list has, or that was told before, is counted where it is now at once", async () => {
  const { counts, tell, asked } = await setUp();
  const id = server.begin("Ada Park", "Hello");
  listed = [rowOf(id)];
  tell(server.change(id, { needsHuman: true }).events);
  expect(counts.state.value).toEqual({ ...COUNTED, needsHuman: 3 });
  listed = [];
  tell(
    server.change(id, { needsHuman: false, waitingSince: null, assignee: { id: MIRA.id, name: "Mira" } })
      .events,
  );
  expect(counts.state.value).toEqual({ ...COUNTED, waiting: 3, mine: 2, unassigned: 8 });
  tell(server.change(id, { status: "SNOOZED" }).events);
  expect(counts.state.value).toEqual({ ...COUNTED, waiting: 3, unassigned: 8, open: 11, snoozed: 4 });
  expect(asked).toEqual([0]);
});

test("one that begins is counted, once however often it is told and in whatever order", async () => {
  const { counts, tell } = await setUp();
  const id = server.begin("Ada Park", "Hello");
  const row = rowOf(id);
  const events = [
    { type: "conversation:new", data: { conversation: { id } } },
    { type: "conversation:updated", data: { conversationId: id, ...row } },
  ].map((event) => ({ v: 1, id: event.type, at: "", ...event }));
  const claimed = server.change(id, { assignee: { id: JONAS.id, name: JONAS.name } }).events;
  for (const told of [events, claimed, events, claimed]) tell(told);
  expect(counts.state.value).toEqual({ ...COUNTED, waiting: 5, unassigned: 9, open: 13 });
});

test("of one that was not known the server is asked, sooner than else, and says what holds", async () => {
  const { counts, tell, asked, clock } = await setUp();
  tell(server.change(server.begin("Ada Park", "Hello"), { needsHuman: true }).events);
  await clock.advance(0);
  expect(asked).toEqual([0, 5]);
  const [first, second] = [server.begin("Bo Lind", "Hello"), server.begin("Cy Moe", "Hello")];
  for (const id of [first, second]) tell(server.change(id, { needsHuman: true }).events);
  await clock.advance(60_000);
  expect(asked).toEqual([0, 5, 8]);
  expect(counts.state.value).toEqual(COUNTED);
});

test("beyond the cap nobody knows by how much, and nothing falls below none", () => {
  const row = { status: "OPEN", needsHuman: true, assignee: null, waitingSince: null } as Row;
  const counted = { ...COUNTED, open: 1000, unassigned: 0 };
  const next = stepped(counted, { former: row, row: { ...row, status: "RESOLVED" }, userId: MIRA.id });
  expect(next).toEqual({ ...counted, needsHuman: 1 });
});
