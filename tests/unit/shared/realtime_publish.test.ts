import { describe, expect, it } from "vitest";
import { realtimePublishRequest } from "../../../shared/api/realtime_publish.ts";
import { entryOf, readMessage } from "../../../shared/events.ts";

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

const AT = "2026-01-01T00:00:00.000Z";
const message = { id: "m1", text: "Hello", role: "AGENT", createdAt: AT };
const withEvent = (event: unknown) => ({ conversationId: "1042", event });

describe("a published event", () => {
  it.each(["message:new", "message:updated", "message:deleted"])("%s has a whole message", (type) => {
    expect(realtimePublishRequest.parse(withEvent({ type, data: { message } })).event).toEqual({
      type,
      data: { message: { ...message, meta: { author: {}, attachments: [] } } },
    });
  });

  it("has a message that every client can read and show", () => {
    const full = {
      ...message,
      clientId: "c1",
      createdAt: "2026-01-01T01:00:00+01:00",
      meta: { author: { name: "Ines" }, attachments: [{ url: "https://a.example/a.png" }], readAt: AT },
    };
    const { event } = realtimePublishRequest.parse(
      withEvent({ type: "message:new", data: { message: full } }),
    );
    const read = readMessage(event?.data.message);
    expect(read && entryOf(read)).toEqual({
      id: "m1",
      clientId: "c1",
      author: { role: "operator", name: "Ines" },
      body: "Hello",
      createdAt: AT,
      readAt: AT,
      attachments: [{ url: "https://a.example/a.png" }],
      fields: {},
    });
  });

  it("is not numbered, and says nothing of the visitor", () => {
    const data = { message, seq: 7, rev: 8, conversation: { psid: "pia" } };
    const { event } = realtimePublishRequest.parse(withEvent({ type: "message:new", data }));
    expect(Object.keys(event?.data ?? {})).toEqual(["message"]);
  });

  it("typing is an operator's unless it says otherwise", () => {
    expect(realtimePublishRequest.parse(withEvent({ type: "typing" })).event)
      .toEqual({ type: "typing", data: { role: "AGENT" } });
    expect(
      realtimePublishRequest.parse(withEvent({ type: "typing", data: { role: "BOT", name: "Fern" } })).event,
    )
      .toEqual({ type: "typing", data: { role: "BOT", name: "Fern" } });
  });

  it("of the owner's own type is what the owner says", () => {
    const event = { type: "x-order:paid.v2", data: { seq: 1, private: false, order: { id: 7 } } };
    expect(realtimePublishRequest.parse(withEvent(event)).event).toEqual(event);
  });

  it.each([
    [{ type: "refresh" }, "event.type"],
    [{ type: "events", data: { events: [] } }, "event.type"],
    [{ type: "message:read" }, "event.type"],
    [{ type: "constructor" }, "event.type"],
    [{ type: "x-" }, "event.type"],
    [{ type: "x-a b" }, "event.type"],
    [{ type: `x-${"a".repeat(64)}` }, "event.type"],
    [{}, "event.type"],
    [[], "event"],
    ["typing", "event"],
    [{ type: "x-a", data: [] }, "event.data"],
    [{ type: "x-a", data: { text: "ä".repeat(32 * 1024) } }, "event.data"],
    [{ type: "x-a", data: { lines: [{ text: "a\0b" }] } }, "event.data.lines.0.text"],
    [{ type: "x-a", data: { order: { "a\0b": 1 } } }, "event.data.order"],
    [{ type: "x-a", data: { "\0": 1 } }, "event.data"],
    [{ type: "message:new", data: { message: { ...message, text: "\0" } } }, "event.data.message.text"],
    [{ type: "message:new", data: { message: { ...message, id: "\ud83d" } } }, "event.data.message.id"],
    [{ type: "typing", data: { name: "\0" } }, "event.data.name"],
    [{ type: "typing", data: { role: "operator" } }, "event.data.role"],
    [{ type: "message:new" }, "event.data.message"],
    [{ type: "message:new", data: { message: { ...message, role: "operator" } } }, "event.data.message.role"],
    [
      { type: "message:new", data: { message: { ...message, createdAt: 7 } } },
      "event.data.message.createdAt",
    ],
    [
      { type: "message:new", data: { message: { ...message, meta: { attachments: [{}] } } } },
      "event.data.message.meta.attachments.0.url",
    ],
  ])("can't be %j", (event, path) => {
    expect(issuesOf(withEvent(event))?.map(([path]) => path)).toEqual([path]);
  });

  it("is well-formed Unicode: half a character is U+FFFD", () => {
    const data = { text: "half \ud83d x", "k\udc00": [{ deep: "\ud83d😀" }], at: 0.5 };
    expect(realtimePublishRequest.parse(withEvent({ type: "x-a", data })).event?.data)
      .toEqual({ text: "half \ufffd x", "k\ufffd": [{ deep: "\ufffd😀" }], at: 0.5 });
    const half = { ...message, text: "\ud83d", meta: { author: { name: "\ud83d" }, own: "\ud83d" } };
    expect(
      realtimePublishRequest.parse(withEvent({ type: "message:new", data: { message: half } })).event?.data,
    )
      .toMatchObject({
        message: { id: "m1", text: "\ufffd", meta: { author: { name: "\ufffd" }, own: "\ufffd" } },
      });
    expect(realtimePublishRequest.parse(withEvent({ type: "typing", data: { name: "\ud83d" } })).event?.data)
      .toEqual({ role: "AGENT", name: "\ufffd" });
  });

  it("needs a conversation", () => {
    expect(issuesOf({ endUserId: "pia", event: { type: "typing" } })?.map(([path]) => path))
      .toEqual(["conversationId"]);
  });

  it("may hold 64 KiB", () => {
    const data = { text: "x".repeat(64 * 1024 - '{"text":""}'.length) };
    expect(realtimePublishRequest.safeParse(withEvent({ type: "x-a", data })).success).toBe(true);
  });
});
