import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { createScope } from "../../../client/platform/scope.ts";
import type { Accepted, Outbox } from "../../../client/sync/outbox.ts";
import { createOutboxes } from "../../../inbox/core/outboxes.ts";
import { createProject } from "../../../inbox/core/project.ts";
import { settle } from "../client/support/clock.ts";
import { createSurroundings, type Surroundings } from "../client/support/environment.ts";
import { AGENT_ID, FakeProject, URL_OF_PROJECT } from "./support/project.ts";

const KEY = "heddle.inbox.writing";
const LONG = "A draft of eighty characters, which took a while to write and must not be lost.";

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

let server: FakeProject;
let storage: Map<string, string>;
let windows: Surroundings[];
let id: string;

beforeEach(() => {
  server = new FakeProject();
  storage = new Map();
  windows = [];
  id = server.begin("Ada Park", "Is a north window enough?");
});

/** A window of the operator's browser; what one keeps the others hear of. */
function openWindow() {
  const surroundings = createSurroundings(server.fetch);
  const { environment } = surroundings;
  const number = windows.push(surroundings);
  environment.uuid = () => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  environment.storage = {
    read: (_, key) => storage.get(key) ?? null,
    write(_, key, value) {
      if (value === null) storage.delete(key);
      else storage.set(key, value);
      for (const other of windows) if (other !== surroundings) other.page.followers.get(key)?.();
      return true;
    },
  };
  const scope = createScope(environment);
  const outboxes = createOutboxes({
    environment,
    scope,
    project: createProject({ url: URL_OF_PROJECT, publishableKey: "sb_publishable_test" }, environment),
    agentId: AGENT_ID,
    userId: "mira",
    onProblem: () => undefined,
  });
  const open = () => {
    const { replies } = outboxes.of(id);
    replies.watch({ onChange: () => undefined, onAccepted: () => undefined });
    return replies;
  };
  return {
    open,
    returned: outboxes.returned,
    close() {
      outboxes.of(id).replies.watch(null);
      outboxes.closed(id);
    },
    /** The window is gone. */
    shut() {
      scope.end();
      windows.splice(windows.indexOf(surroundings), 1);
    },
  };
}

async function pass(milliseconds: number) {
  await settle();
  for (const { clock } of windows) await clock.advance(milliseconds);
  await settle();
}

function type(outbox: Outbox<Accepted>, text: string) {
  for (const letter of text) outbox.setDraft(outbox.draft.value.text + letter);
}

const kept = (): { id: string; text: string }[] => JSON.parse(storage.get(KEY) ?? "[]");
const textIn = (window: ReturnType<typeof openWindow>) => window.open().draft.value.text;

test("what another window has sent is no draft where the conversation is opened later", async () => {
  const [first, second] = [openWindow(), openWindow()];
  const writing = second.open();
  type(writing, "Second window answer");
  writing.add("Second window answer");
  await pass(5000);
  expect(textIn(first)).toBe("");
  expect(kept()).toEqual([]);
});

test("a text that was pasted and sent elsewhere is not kept again", async () => {
  openWindow();
  const writing = openWindow().open();
  writing.setDraft("Pasted answer: your parcel left today.");
  writing.add("Pasted answer: your parcel left today.");
  await pass(5000);
  expect(kept()).toEqual([]);
});

test("a shortcut that another window has turned into a reply and sent leaves nothing in an open field", async () => {
  const [first, second] = [openWindow(), openWindow()];
  const [reading, writing] = [first.open(), second.open()];
  type(writing, "/sorry");
  writing.setDraft("We are sorry.");
  expect(reading.draft.value.text).toBe("We are sorry.");
  writing.add("We are sorry.");
  await pass(5000);
  expect([reading.draft.value.text, writing.draft.value.text, kept()]).toEqual(["", "", []]);
});

test("a window that opens the conversation later goes on with the whole draft", () => {
  const [first, second] = [openWindow(), openWindow()];
  type(second.open(), LONG);
  const late = first.open();
  expect(late.draft.value.text).toBe(LONG);
  type(late, "x");
  second.shut();
  expect(textIn(openWindow())).toBe(`${LONG}x`);
});

test("a field in which nothing is written follows another window's draft", () => {
  const [first, second] = [openWindow(), openWindow()];
  const reading = first.open();
  type(second.open(), "It left");
  expect(reading.draft.value.text).toBe("It left");
  second.open().setDraft("");
  expect(reading.draft.value.text).toBe("");
});

test("a field that is being written in keeps its own, and whoever opens the conversation next finds both", () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It left yesterday");
  second.open().setDraft("We have none");
  expect(first.open().draft.value.text).toBe("It left yesterday");
  type(first.open(), ", I think");
  type(second.open(), " left");
  expect([textIn(first), textIn(second)]).toEqual(["It left yesterday, I think", "We have none left"]);

  first.shut();
  second.shut();
  const next = openWindow();
  expect(textIn(next)).toBe("We have none left\nIt left yesterday, I think");
  type(next.open(), ".");
  next.open().add(next.open().draft.value.text);
  expect(kept().filter((row) => row.id === "" || row.text.startsWith("It left"))).toEqual([]);
});

test("a draft aside is not lost with its window when the other one sends its own and goes on", async () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It left yesterday");
  const writing = second.open();
  writing.setDraft("We have none");
  first.shut();
  writing.add("We have none");
  await pass(5000);
  type(writing, "Sorry");
  expect(textIn(openWindow())).toBe("Sorry\nIt left yesterday");
});

test("a draft comes back to its place once the other window has sent what had taken it", async () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It left yesterday");
  const writing = second.open();
  writing.setDraft("We have none");
  writing.add("We have none");
  await pass(5000);
  expect(textIn(first)).toBe("It left yesterday");
  expect(kept().map(({ text }) => text)).toEqual(["It left yesterday"]);
});

test("a draft that was taken up, finished and sent elsewhere is none where it began", async () => {
  const [first, second] = [openWindow(), openWindow()];
  const beginning = first.open();
  type(beginning, "It left");
  const writing = second.open();
  type(writing, " yesterday.");
  expect(beginning.draft.value.text).toBe("It left");
  writing.add(writing.draft.value.text);
  await pass(5000);
  expect([beginning.draft.value.text, kept()]).toEqual(["", []]);
});

test("whoever comes back to a window finds there what became of its draft", () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It left");
  type(second.open(), " yesterday");
  first.returned();
  expect(textIn(first)).toBe("It left yesterday");
});

test("sending a beginning takes nothing away from what another window has made of it", async () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It left");
  type(second.open(), " yesterday");
  first.open().add("It left");
  await pass(5000);
  expect(textIn(second)).toBe("It left yesterday");
});

test("a draft that is deleted elsewhere letter by letter is gone everywhere", async () => {
  const [first, second] = [openWindow(), openWindow()];
  type(first.open(), "It");
  const writing = second.open();
  writing.setDraft("I");
  writing.setDraft("");
  await pass(5000);
  expect([textIn(first), textIn(second), kept()]).toEqual(["", "", []]);
});

test("a draft that is too long to be kept stays while its window is there", async () => {
  const window = openWindow();
  window.open().setDraft("Hello");
  window.open().setDraft("x".repeat(110_000));
  window.returned();
  await pass(5000);
  window.close();
  expect(textIn(window)).toHaveLength(110_000);
});

test.each(["is sent", "is emptied"])("what two windows left is gone once it %s as one", async (end) => {
  const [one, two] = [openWindow(), openWindow()];
  const second = two.open();
  type(one.open(), "ONE");
  second.setDraft("TWO");
  await pass(100);
  // Loaded anew.
  one.shut();
  const again = openWindow();
  const first = again.open();
  expect(first.draft.value.text).toBe("TWO\nONE");
  if (end === "is sent") first.add("TWO\nONE");
  else first.setDraft("");
  await pass(10_000);
  for (const window of [again, two]) window.returned();
  again.close();
  expect([again.open().draft.value.text, second.draft.value.text, kept()]).toEqual(["", "", []]);
});
