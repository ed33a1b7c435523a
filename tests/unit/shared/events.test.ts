import { describe, expect, it } from "vitest";
import {
  entryOf,
  type Envelope,
  eventsOf,
  type Message,
  readEnvelope,
  readMessage,
} from "../../../shared/events.ts";

const ID = "8d8a3c53-7e0e-4c43-9b37-0a2f31e2a0c5";
const AT = "2026-01-01T00:00:00.000Z";

const envelope = (type: string, data: Record<string, unknown> = {}): Envelope => ({
  v: 1,
  id: ID,
  type,
  at: AT,
  data,
});

const message: Message = {
  id: "m1",
  clientId: "c1",
  text: "Hello",
  role: "AGENT",
  createdAt: AT,
  meta: { author: { name: "Ines" }, attachments: [], readAt: AT },
};

describe("an envelope", () => {
  it("is read whatever its type is, without what else stands in it", () => {
    expect(readEnvelope({ ...envelope("x-order:paid", { order: 7 }), meta: { id: "1" } }))
      .toEqual(envelope("x-order:paid", { order: 7 }));
  });

  it.each([
    [undefined],
    [null],
    ["refresh"],
    [[envelope("refresh")]],
    [{}],
    [{ ...envelope("refresh"), v: 2 }],
    [{ ...envelope("refresh"), v: "1" }],
    [{ ...envelope("refresh"), id: 1 }],
    [{ ...envelope("refresh"), type: undefined }],
    [{ ...envelope("refresh"), at: 0 }],
    [{ ...envelope("refresh"), data: null }],
    [{ ...envelope("refresh"), data: [] }],
    [new Uint8Array(3)],
  ])("can't be %j", (value) => expect(readEnvelope(value)).toBeNull());

  it("holds itself", () => {
    expect(eventsOf(envelope("refresh"))).toEqual([envelope("refresh")]);
  });

  it("of several holds those, in their order", () => {
    const events = [envelope("message:new", { message }), envelope("read")];
    expect(eventsOf(envelope("events", { events }))).toEqual(events);
  });

  it("of several has a refresh for each one that can't be read", () => {
    const nested = envelope("events", { events: [envelope("read")] });
    const events = [envelope("read"), nested, { ...envelope("read"), v: 2 }, 7];
    const refresh = envelope("refresh");
    expect(eventsOf(envelope("events", { events }))).toEqual([envelope("read"), refresh, refresh, refresh]);
    expect(eventsOf(envelope("events", { events: 7 }))).toEqual([refresh]);
  });
});

describe("the message of an event", () => {
  it("is read as it is", () => expect(readMessage(message)).toEqual(message));

  it.each([
    [null],
    ["Hello"],
    [{ ...message, id: 1 }],
    [{ ...message, text: undefined }],
    [{ ...message, role: "operator" }],
    [{ ...message, createdAt: 0 }],
    [{ ...message, meta: undefined }],
    [{ ...message, meta: { attachments: [] } }],
    [{ ...message, meta: { author: {} } }],
    [{ ...message, meta: { author: {}, attachments: {} } }],
    [{ ...message, meta: { author: { name: 5 }, attachments: [] } }],
  ])("can't be %j", (value) => expect(readMessage(value)).toBeNull());

  it("is read without attachments that can't be shown", () => {
    const url = "https://a.example/x.pdf";
    const attachments = [{ url, name: 5 }, { url, name: "x.pdf", size: 5 }, { url: 5 }, {}, null, url];
    expect(readMessage({ ...message, meta: { author: {}, attachments } })?.meta.attachments)
      .toEqual([{ url, name: "x.pdf", size: 5 }]);
  });

  it("becomes the entry of a thread", () => {
    expect(entryOf(message)).toEqual({
      id: "m1",
      clientId: "c1",
      author: { role: "operator", name: "Ines" },
      body: "Hello",
      createdAt: AT,
      readAt: AT,
      attachments: [],
      fields: {},
    });
  });

  it.each([["USER", "visitor"], ["AGENT", "operator"], ["BOT", "bot"], ["SYSTEM", "system"]] as const)(
    "of %s is by a %s, whatever its author says of itself",
    (role, expected) => {
      const author = { name: "Ines", role: "visitor" };
      expect(entryOf({ ...message, role, meta: { ...message.meta, author } }).author.role).toBe(expected);
    },
  );

  it("keeps blocks among the entry's fields", () => {
    const blocks = [{ type: "buttons" }];
    expect(entryOf({ ...message, meta: { ...message.meta, blocks } }).fields).toEqual({ blocks });
  });
});
