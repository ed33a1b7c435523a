import { describe, expect, it } from "vitest";
import { readChannel, readTopic, topicToken } from "../../../shared/topics.ts";

const ORG = "c0000000-0000-4000-8000-000000000001";

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
  `events.${ORG}.a.b.c.`,
  `events.${ORG}.a.b.c.é`,
  `events.${ORG}.a.b.c.%ff`,
  `events.${ORG}.a.b.c.%FF`,
])("%s is no topic", (topic) => {
  expect(readTopic(topic)).toMatch(/^must /);
});

describe("a uuid in capitals", () => {
  const ID = "b0000000-0000-4000-8000-00000000000f";
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
  expect(readChannel("conversation:9:1")).toEqual([
    { source: "conversations", resource: "conversation", resourceId: "9:1" },
  ]);
  expect(readChannel("user:7")).toHaveLength(2);
  expect(readChannel("constructor:7")).toMatch(/^must be conversation:/);
});
