import { expect, test, vi } from "vitest";
import { createGenerator } from "../../support/generator.ts";
import { entry, message, openConversation, TWO } from "./support/conversation.ts";

const GROWS = { status: "streaming" } as const;
const SECOND = 1000;

/** A conversation in which message 3, a bot's, has begun with "A ". */
async function growing() {
  const opened = await openConversation(TWO);
  const { hear, conversation } = opened;
  hear("message:new", { seq: 3, message: message(3, "BOT", "A ", GROWS) });
  return {
    ...opened,
    frame: (offset: number, delta: string) =>
      hear("message_stream", { messageId: "3", index: 1, offset, delta }),
    text: () => conversation.state.value.entries.at(-1)?.body,
    end: (text: string) => hear("message:updated", { seq: 4, message: message(3, "BOT", text) }),
  };
}

test("a message grows by what is heard, and the stored one takes its place", async () => {
  const { frame, text, end, conversation, told } = await growing();
  frame(2, "royal ");
  frame(8, "fern");
  await vi.waitFor(() => expect(text()).toBe("A royal fern"));
  expect(conversation.state.value.entries.at(-1)?.status).toBe("streaming");
  // The page is told of a message once it is whole.
  expect(told).toEqual([]);
  end("A royal fern.");
  expect(conversation.state.value.entries.at(-1)).toMatchObject({ body: "A royal fern." });
  expect(conversation.state.value.entries.at(-1)?.status).toBeUndefined();
  expect(told.map(({ body }) => body)).toEqual(["A royal fern."]);
  frame(12, " too late");
  await Promise.resolve();
  expect(text()).toBe("A royal fern.");
});

test("frames that were lost, doubled or overtaken leave the text whole once a frame repeats what came before", async () => {
  const { frame, text } = await growing();
  const random = createGenerator(7);
  const whole = `A ${Array.from({ length: 200 }, (_, at) => `word${at} `).join("")}`;
  let from = 2;
  let kept = 2;
  while (from < whole.length) {
    const to = Math.min(from + 7, whole.length);
    if (random.chance(0.7)) frame(from, whole.slice(from, to));
    if (random.chance(0.2)) frame(from, whole.slice(from, to));
    from = to;
    if (from - kept > 140 || from === whole.length) {
      frame(kept, whole.slice(kept, from));
      kept = from;
    }
  }
  await vi.waitFor(() => expect(text()).toBe(whole));
});

test("a gap that no frame fills is asked for once, and what came behind it is not lost", async () => {
  const { frame, text, source, clock, asked } = await growing();
  source.changes = { number: 3, entries: [entry(3, "BOT", "A royal f", GROWS)] };
  asked();
  frame(12, ", of");
  frame(16, " course");
  await vi.waitFor(async () => {
    await clock.advance(SECOND);
    expect(asked()).toEqual(["changes after 3"]);
  });
  await vi.waitFor(() => expect(text()).toBe("A royal f"));
  frame(8, "fern");
  await vi.waitFor(() => expect(text()).toBe("A royal fern, of course"));
});

test("what is no frame changes nothing", async () => {
  const { hear, frame, text } = await growing();
  for (
    const data of [{}, { messageId: "3" }, { messageId: 3, offset: 2, delta: "x" }, {
      messageId: "3",
      offset: -1,
      delta: "x",
    }]
  ) {
    hear("message_stream", data);
  }
  hear("message_stream", { messageId: "2", offset: 6, delta: "x" });
  frame(2, "!");
  await vi.waitFor(() => expect(text()).toBe("A !"));
});

test("whoever comes in between takes up what the answer has", async () => {
  const begun = entry(3, "BOT", "A royal", GROWS);
  const { hear, conversation } = await openConversation({ entries: [...TWO.entries, begun], number: 3 });
  hear("message_stream", { messageId: "3", index: 9, offset: 2, delta: "royal fern" });
  await vi.waitFor(() => expect(conversation.state.value.entries.at(-1)?.body).toBe("A royal fern"));
});
