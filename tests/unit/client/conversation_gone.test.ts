import { expect, test } from "vitest";
import { settle } from "./support/clock.ts";
import { NO_ANSWER, openConversation, OPERATOR, TWO } from "./support/conversation.ts";

const GONE = { code: "item_not_found", message: "gone" } as const;

test("a conversation that is gone keeps nothing on the screen, and nothing that was unsent for it", async () => {
  const { conversation, source, outbox, texts, hear } = await openConversation({
    ...TWO,
    nextCursor: "older",
  });
  hear("typing", { role: "AGENT", name: "Alice" });
  source.problem = NO_ANSWER;
  outbox.add("unsent");
  outbox.setDraft("half a");
  await settle();
  expect(texts()).toEqual(["text 1", "text 2", "unsent"]);

  source.problem = GONE;
  conversation.refetcher.refetch();
  await settle();
  expect(conversation.state.value).toMatchObject({
    status: "failed",
    problem: GONE,
    entries: [],
    typists: [],
    hasOlder: false,
    unread: 0,
  });
  expect(outbox.entries()).toEqual([]);
  expect(outbox.draft.value.text).toBe("");
});

test("a message that is refused because the conversation is gone shows that it is", async () => {
  const { conversation, source, outbox, asked } = await openConversation(TWO);
  asked();
  source.problem = GONE;
  outbox.add("Anybody there?");
  await settle();
  expect(asked()).toEqual(["send Anybody there?", "changes after 2"]);
  expect(conversation.state.value).toMatchObject({ status: "failed", problem: GONE, entries: [] });
  expect(outbox.entries()).toEqual([]);
});

test("a conversation that is there again is shown whole", async () => {
  const { conversation, source, texts, hearMessage } = await openConversation(TWO);
  source.problem = GONE;
  conversation.refetcher.refetch();
  await settle();
  hearMessage(3, "AGENT");
  expect(texts()).toEqual([]);
  source.problem = null;
  conversation.reload();
  await settle();
  expect(texts()).toEqual(["text 1", "text 2", "text 3"]);
  expect(conversation.state.value.problem).toBe(undefined);
});

test("whoever has lost the agent keeps what they have written", async () => {
  const { conversation, source, outbox } = await openConversation(TWO, OPERATOR);
  outbox.setDraft("half a");
  source.problem = { code: "agent_not_found", message: "no member" };
  conversation.refetcher.refetch();
  await settle();
  expect(conversation.state.value).toMatchObject({ status: "failed", entries: [] });
  expect(outbox.draft.value.text).toBe("half a");
});
