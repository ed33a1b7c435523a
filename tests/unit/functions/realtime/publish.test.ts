import { describe, expect, it } from "vitest";
import {
  conversationChannel,
  type Signing,
  userChannel,
} from "../../../../supabase/functions/_shared/realtime/signing.ts";
import { planPublish } from "../../../../supabase/functions/_shared/realtime/publish.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const NOW = Date.parse("2026-01-01T00:00:00Z");
const LATER = "2026-01-01T01:00:00Z";
const settled: Signing = {
  current: "s",
  previous: null,
  handOutCurrentAt: "2025-01-01T00:00:00Z",
  previousUntil: null,
  former: [],
  version: "1",
};
const REFRESH = { type: "refresh", data: {} };

const list = (endUserId: string, secret = "s") => userChannel(secret, AGENT, endUserId);
const thread = (id: string, secret = "s") => conversationChannel(secret, id);
const plan = (request: Parameters<typeof planPublish>[0], signing: Partial<Signing> = {}) =>
  planPublish(request, { agentId: AGENT, signing: { ...settled, ...signing }, now: NOW });

describe("a publish", () => {
  it("names each channel once, visitors first, and refreshes them all", () => {
    const channels = [list("1"), list("2"), thread("c")];
    expect(plan({ endUserId: "1", endUserIds: ["2", "1", "2"], conversationId: "c" }))
      .toEqual({ current: channels, broadcasts: [{ channels, event: REFRESH }] });
  });

  it("is for the conversation alone when no visitor is named", () => {
    expect(plan({ conversationId: "c" }).current).toEqual([thread("c")]);
  });

  it("goes to the names of every secret that counts, and answers the current ones", () => {
    const rotation = { previous: "p", previousUntil: LATER, former: [{ secret: "f", until: LATER }] };
    expect(plan({ endUserId: "1", conversationId: "c" }, rotation)).toEqual({
      current: [list("1"), thread("c")],
      broadcasts: [{
        channels: ["s", "p", "f"].flatMap((secret) => [list("1", secret), thread("c", secret)]),
        event: REFRESH,
      }],
    });
  });
});

describe("a publish with an event", () => {
  const typing = { type: "typing", data: { role: "AGENT" } };

  it("sends it to the conversation, with its id, and refreshes lists", () => {
    expect(plan({ endUserId: "1", conversationId: "c", event: typing })).toEqual({
      current: [list("1"), thread("c")],
      broadcasts: [
        { channels: [thread("c")], event: { type: "typing", data: { conversationId: "c", role: "AGENT" } } },
        { channels: [list("1")], event: REFRESH },
      ],
    });
  });

  it("has nothing else to send without a visitor", () => {
    expect(plan({ conversationId: "c", event: typing }).broadcasts).toHaveLength(1);
  });

  it("leaves the data of the owner's own types as they are", () => {
    const event = { type: "x-paid", data: { order: 7 } };
    expect(plan({ conversationId: "c", event }).broadcasts).toEqual([{ channels: [thread("c")], event }]);
  });

  it("tells those who may know a leaked secret nothing of it", () => {
    const rotation = { previous: "p", previousUntil: LATER, former: [{ secret: "f", until: LATER }] };
    const { broadcasts } = plan({ conversationId: "c", event: typing }, rotation);
    expect(broadcasts.map(({ channels, event }) => [channels, event.type])).toEqual([
      [[thread("c"), thread("c", "p")], "typing"],
      [[thread("c", "f")], "refresh"],
    ]);
  });
});
