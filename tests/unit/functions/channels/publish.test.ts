import { describe, expect, it } from "vitest";
import { conversationChannel, userChannel } from "../../../../supabase/functions/_shared/channels/names.ts";
import { channelsToPublish } from "../../../../supabase/functions/_shared/channels/publish.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";

describe("the channels of a publish request", () => {
  it("are each named once, visitors first", () => {
    const channels = channelsToPublish("s", AGENT, {
      endUserId: "1",
      endUserIds: ["2", "1", "2"],
      conversationId: "c",
    });
    expect(channels).toEqual([
      userChannel("s", AGENT, "1"),
      userChannel("s", AGENT, "2"),
      conversationChannel("s", "c"),
    ]);
  });

  it("are the conversation's alone when no visitor is named", () => {
    expect(channelsToPublish("s", AGENT, { conversationId: "c" })).toEqual([conversationChannel("s", "c")]);
  });
});
