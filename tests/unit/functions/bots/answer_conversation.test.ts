import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RelaySetup } from "../../../../supabase/functions/_shared/bots/answer_conversation.ts";
import type { BotTurn } from "../../../../supabase/functions/_shared/database/bot_turns.ts";
import type { Envelope } from "../../../../shared/envelope.ts";
import { followTimers } from "../../../support/pending_timers.ts";

const SECOND = 1000;

/** What the database was told, in order. */
const told: string[] = [];
let isStopped = false;
let mayRead = true;
let further: BotTurn[] = [];

const event = (type: string): Envelope => ({ v: 1, id: "e", type, at: "2026-01-01T00:00:00Z", data: {} });

vi.mock("../../../../supabase/functions/_shared/database/bot_turns.ts", () => ({
  takeTurn: () => (told.push("take"), Promise.resolve(further.shift() ?? null)),
  beginAnswer(_: BotTurn, text: string) {
    told.push(`begin ${text}`);
    return Promise.resolve({ stopped: false, seq: 2, event: event("message:new"), reads: mayRead });
  },
  growAnswer(_: BotTurn, _seq: number, { delta }: { delta: string }) {
    if (delta) told.push(`grow ${delta}`);
    return Promise.resolve({ stopped: isStopped, reads: mayRead });
  },
  endAnswer(_: BotTurn, _seq: number, { text, done }: { text: string; done: string }) {
    told.push(`end ${done} ${text}`);
    return Promise.resolve({ event: event("message:updated"), reads: mayRead });
  },
  endTurn(_: BotTurn, { outcome }: { outcome: string }) {
    told.push(outcome);
    return Promise.resolve({
      event: outcome === "answered" ? event("message:new") : undefined,
      reads: mayRead,
    });
  },
  notifyTeam: () => (told.push("notify"), Promise.resolve()),
}));

// Another test of the same process may have loaded it with the real database.
vi.resetModules();
const { answerConversation } = await import(
  "../../../../supabase/functions/_shared/bots/answer_conversation.ts"
);

const TURN: BotTurn = {
  forSeq: 1,
  clientId: "00000000-0000-4000-8000-000000000001",
  agentId: "a",
  bot: { id: "b", name: "Moss", url: "https://bot.example/", secret: "whsec_c2VjcmV0", previousSecret: null },
  conversation: { id: "c" },
  endUser: {},
  message: {},
  history: [],
  reads: true,
};

beforeEach(() => {
  vi.useFakeTimers();
  told.splice(0);
  isStopped = false;
  mayRead = true;
  further = [];
});
afterEach(() => void vi.useRealTimers());

/** A bot whose stream is in the test's hands, and an answer of it that is under way. */
function answering(
  { until = Date.now() + 600 * SECOND, answers = true, tell = () => Promise.resolve<unknown>(undefined) } =
    {},
) {
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  let signal: AbortSignal | null | undefined;
  const heard: string[] = [];
  const problems: string[] = [];
  const setup: RelaySetup = {
    fetch(_, init) {
      signal = init?.signal;
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => {
          stream?.error(signal?.reason);
          reject(signal?.reason);
        });
      });
      if (!answers) return aborted;
      aborted.catch(() => undefined);
      const body = new ReadableStream<Uint8Array>({ start: (opened) => void (stream = opened) });
      return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
    },
    resolve: () => Promise.resolve(["93.184.216.34"]),
    privateHosts: [],
    reader: {
      id: { endUser: "u", sessionVersion: 1 },
      isOpen: true,
      send: ({ type }) => void heard.push(type),
      close: () => void heard.push("closed"),
    },
    tell,
    until,
    report: (_, { kind }) => void problems.push(kind),
    onProblem: () => undefined,
  };
  const ended = answerConversation(TURN, setup);
  return {
    heard,
    problems,
    ended,
    isCut: () => signal?.aborted ?? false,
    say: (delta: string) => stream?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify({ delta })}\n`)),
    close: () => stream?.close(),
  };
}

test("a bot that says nothing for 30 seconds has failed, and its connection is closed", async () => {
  const pending = followTimers("_shared");
  for (const answers of [true, false]) {
    const { problems, ended, isCut } = answering({ answers });
    await vi.advanceTimersByTimeAsync(29 * SECOND);
    expect(isCut()).toBe(false);
    expect(pending()).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(2 * SECOND);
    await ended;
    expect({ problems, cut: isCut() }).toEqual({ problems: ["timeout"], cut: true });
  }
  expect(told).toEqual(["failed", "notify", "take", "failed", "notify", "take"]);
  expect(pending()).toBe(0);
});

test("what has begun and then falls silent stays as far as it came", async () => {
  const { say, ended, problems } = answering();
  await vi.advanceTimersByTimeAsync(20 * SECOND);
  say("Well, ");
  await vi.advanceTimersByTimeAsync(25 * SECOND);
  say("so");
  await vi.advanceTimersByTimeAsync(31 * SECOND);
  await ended;
  expect(told).toEqual(["begin Well, ", "grow so", "end error Well, so", "failed", "notify", "take"]);
  expect(problems).toEqual(["timeout"]);
});

test.each([
  ["\ud83d", "\udc4b hello", "👋 hello"],
  ["\ud83d\ud83d", "\udc4b", "\ufffd👋"],
])(
  "an answer whose first piece ends within a character (%j, %j) begins with whole ones",
  async (first, second, whole) => {
    const { say, close, ended, problems } = answering();
    await vi.advanceTimersByTimeAsync(0);
    say(first);
    await vi.advanceTimersByTimeAsync(SECOND);
    say(second);
    await vi.advanceTimersByTimeAsync(SECOND);
    close();
    await vi.advanceTimersByTimeAsync(SECOND);
    await ended;
    const [begun = "", ...after] = told;
    expect(begun).toMatch(/^begin ./u);
    expect(begun.isWellFormed()).toBe(true);
    expect(after).toContain(`end stop ${whole}`);
    expect(problems).toEqual([]);
  },
);

test("an answer ends where it is before the function's time is up, and no other is begun then", async () => {
  further = [TURN];
  const { say, ended, problems } = answering({ until: Date.now() + 20 * SECOND });
  await vi.advanceTimersByTimeAsync(0);
  say("Once upon ");
  await vi.advanceTimersByTimeAsync(10 * SECOND);
  say("a time");
  await vi.advanceTimersByTimeAsync(11 * SECOND);
  await ended;
  expect(told).toEqual(["begin Once upon ", "grow a time", "end error Once upon a time", "failed", "notify"]);
  expect(problems).toEqual(["timeout"]);
});

test("somebody who stops it is heard within a second, also while the bot says nothing", async () => {
  const { say, ended, isCut, problems } = answering();
  await vi.advanceTimersByTimeAsync(0);
  say("Well");
  await vi.advanceTimersByTimeAsync(5 * SECOND);
  isStopped = true;
  await vi.advanceTimersByTimeAsync(1.1 * SECOND);
  await ended;
  expect({ cut: isCut(), problems }).toEqual({ cut: true, problems: [] });
  expect(told).toEqual(["begin Well", "end cancelled Well", "answered", "take"]);
});

test("who waits is told every five seconds that the bot writes, until its first words", async () => {
  const { heard, say, close, ended } = answering();
  await vi.advanceTimersByTimeAsync(12 * SECOND);
  expect(heard).toEqual(["typing", "typing", "typing"]);
  say("Yes");
  await vi.advanceTimersByTimeAsync(6 * SECOND);
  close();
  await ended;
  expect(heard).toEqual(["typing", "typing", "typing", "message:new", "message:updated"]);
});

test("a notice that is still on its way is told before the first words, and before a failure", async () => {
  for (const [words, next] of [["Yes", "begin Yes"], ["", "failed"]]) {
    told.splice(0);
    let arrive = (): void => undefined;
    const tell = () => new Promise<unknown>((resolve) => arrive = () => resolve(told.push("typing")));
    const { say, close, ended } = answering({ tell });
    await vi.advanceTimersByTimeAsync(0);
    if (words) say(words);
    close();
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(told).toEqual([]);
    arrive();
    await ended;
    expect(told.slice(0, 2)).toEqual(["typing", next]);
  }
});

test("a reader who may not read along any more hears nothing from within a second on", async () => {
  const { heard, say, close, ended } = answering();
  await vi.advanceTimersByTimeAsync(0);
  say("For you ");
  await vi.advanceTimersByTimeAsync(0.5 * SECOND);
  expect(heard).toEqual(["typing", "message:new"]);
  mayRead = false;
  await vi.advanceTimersByTimeAsync(1.1 * SECOND);
  expect(heard.at(-1)).toBe("closed");
  close();
  await ended;
  expect(heard).not.toContain("message:updated");
});

test("a turn that somebody else asked for is not read along", async () => {
  further = [{ ...TURN, forSeq: 3, reads: false }];
  const { heard, say, close, ended } = answering();
  await vi.advanceTimersByTimeAsync(0);
  say("For you");
  close();
  await vi.advanceTimersByTimeAsync(0);
  const own = [...heard];
  say("For another");
  close();
  await vi.advanceTimersByTimeAsync(6 * SECOND);
  await ended;
  expect(told.filter((each) => each.startsWith("begin"))).toEqual(["begin For you", "begin For another"]);
  expect(heard).toEqual(own);
});
