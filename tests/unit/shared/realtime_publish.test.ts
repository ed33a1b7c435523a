import { describe, expect, it } from "vitest";
import { realtimePublishRequest } from "../../../shared/api/realtime_publish.ts";

const issuesOf = (body: unknown) =>
  realtimePublishRequest.safeParse(body).error?.issues.map(({ path, message }) => [path.join("."), message]);

describe("a publish", () => {
  it.each([
    { endUserId: "pia" },
    { conversationId: "1042" },
    { endUserIds: ["pia", "ada"] },
    { endUserId: "pia", conversationId: "1042", endUserIds: [] },
  ])("may be %j", (body) => expect(realtimePublishRequest.parse(body)).toEqual(body));

  it.each([
    [{ enduserid: "pia", conversationId: "1042" }, "enduserid", "endUserId"],
    [{ end_user_id: "pia", endUserId: "pia" }, "end_user_id", "endUserId"],
    [{ EndUserIDs: ["pia"] }, "EndUserIDs", "endUserIds"],
    [{ "end-user-ids": ["pia"], endUserId: "pia" }, "end-user-ids", "endUserIds"],
    [{ conversation_id: "1042", endUserId: "pia" }, "conversation_id", "conversationId"],
    [{ conversationID: 1042 }, "conversationID", "conversationId"],
  ])(
    "%j is refused, and told how the field is spelt",
    (body, path, spelling) => expect(issuesOf(body)).toEqual([[path, `must be spelt ${spelling}`]]),
  );

  it("names every misspelt field", () => {
    expect(issuesOf({ end_user_id: "pia", conversation_id: "1042" })?.map(([path]) => path))
      .toEqual(["end_user_id", "conversation_id"]);
  });

  it("leaves out fields that it does not know, as those of a later release", () => {
    expect(realtimePublishRequest.parse({ endUserId: "pia", userId: "x", data: {} }))
      .toEqual({ endUserId: "pia" });
  });

  it.each([null, [], "endUserId", 7, {}])("can't be %j", (body) => {
    expect(realtimePublishRequest.safeParse(body).success).toBe(false);
  });
});
