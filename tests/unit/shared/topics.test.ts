import { describe, expect, it } from "vitest";
import { readChannel, readTopic, readWebhookTopic, topicToken } from "../../../shared/topics.ts";

const ORG = "c0000000-0000-4000-8000-000000000001";
const ID = "b0000000-0000-4000-8000-00000000000f";

describe("a token of a topic", () => {
  it.each([
    ["message_posted", "message_posted"],
    ["a.b", "a%2Eb"],
    ["*", "%2A"],
    ["é/🌿", "%C3%A9%2F%F0%9F%8C%BF"],
    ["!~'()", "%21%7E%27%28%29"],
  ])("of %s is %s, and means it again", (text, token) => {
    expect(topicToken(text)).toBe(token);
    expect(readTopic(`events.${ORG}.${token}.*.*.*`)).toEqual({ orgId: ORG, source: text });
  });
});

it.each([
  `events.${ORG}.a.b.c`,
  `events.${ORG}.a.b.c.d.e`,
  `others.${ORG}.a.b.c.d`,
  "events.*.a.b.c.d",
  `events.${ORG}/x.a.b.c.d`,
  `events.${ORG}.a.b.c.`,
  `events.${ORG}.a.b.c.é`,
  `events.${ORG}.a.b.c.%ff`,
  `events.${ORG}.a.b.c.%FF`,
])("%s is no topic", (topic) => {
  expect(readTopic(topic)).toMatch(/^must /);
});

describe("a uuid in capitals", () => {
  const CAPITALS = ID.toUpperCase();

  it.each(["conversation", "room"])("means the %s that has it", (kind) => {
    expect(readChannel(`${kind}:${CAPITALS}`)).toEqual(readChannel(`${kind}:${ID}`));
    const topic = (org: string, id: string) => `events.${org}.${kind}s.${kind}.*.${id}`;
    expect(readTopic(topic(ORG.toUpperCase(), CAPITALS))).toEqual(readTopic(topic(ORG, ID)));
  });

  it("means the member that has it", () => {
    expect(readChannel(`user:${CAPITALS}`)).toEqual(readChannel(`user:${ID}`));
  });

  it("stays where the id is the owner's", () => {
    expect(readChannel(`user:${CAPITALS}/${CAPITALS}`)).toEqual(readChannel(`user:${ID}/${CAPITALS}`));
    expect(readTopic(`events.${ORG}.billing.invoice.*.${CAPITALS}`)).toMatchObject({ resourceId: CAPITALS });
  });
});

it("a channel is of a conversation, a room, or a user with what they are told", () => {
  expect(readChannel(`conversation:${ID}`)).toEqual([
    { source: "conversations", resource: "conversation", resourceId: ID },
  ]);
  expect(readChannel(`user:${ID}`)).toHaveLength(2);
  expect(readChannel("constructor:7")).toMatch(/^must be conversation:/);
});

describe("what no event can have as id", () => {
  it.each([
    ["conversation", "ABC"],
    ["room", "x"],
    ["user", "7"],
    ["user", `${ID}/`],
    ["user", `${ID}x`],
  ])("is refused in a channel of a %s: %s", (kind, id) => {
    const problem = "must end with an id that events have: a uuid, of a visitor <agent id>/<id>";
    expect(readChannel(`${kind}:${id}`)).toBe(problem);
    expect(readTopic(`events.${ORG}.${kind}s.${kind}.*.${topicToken(id)}`)).toBe(problem);
    expect(readWebhookTopic(`${kind}s.${kind}.*.${topicToken(id)}`)).toBe(problem);
  });

  it("is not asked of stars, nor of owners' events", () => {
    expect(readTopic(`events.${ORG}.conversations.conversation.message_posted.*`)).toEqual({
      orgId: ORG,
      source: "conversations",
      resource: "conversation",
      event: "message_posted",
    });
    expect(readTopic(`events.${ORG}.*.conversation.*.9`)).toMatchObject({ resourceId: "9" });
    expect(readTopic(`events.${ORG}.billing.invoice.*.9`)).toMatchObject({ resourceId: "9" });
  });
});
