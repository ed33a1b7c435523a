import { expect, it } from "vitest";
import {
  readReplyAddress,
  replyAddress,
  replyRecipient,
  type ReplyTarget,
} from "../../../../supabase/functions/_shared/mail/reply_address.ts";

const key = new Uint8Array(32).fill(1);
const DOMAIN = "reply.shop.example";
const visitor: ReplyTarget = {
  conversationId: "d0000000-1234-8abc-9def-00000000000f",
  audience: "visitor",
  recipient: "9007199254740991",
};
const member: ReplyTarget = {
  ...visitor,
  audience: "team",
  recipient: replyRecipient("team", "00ab0000-0000-4000-8000-000000000001"),
};

it.each([visitor, member])("an address says whose answer goes where: $audience", (target) => {
  const address = replyAddress(target, key, DOMAIN);
  expect(address).toMatch(/^reply\+[a-z2-7]{56}@reply\.shop\.example$/);
  expect(address.indexOf("@")).toBeLessThanOrEqual(64);
  expect(readReplyAddress(address, key, DOMAIN)).toEqual(target);
  expect(readReplyAddress(address.toUpperCase(), key, "Reply.Shop.Example")).toEqual(target);
});

it("an address with any character changed is nobody's", () => {
  const address = replyAddress(visitor, key, DOMAIN);
  for (let at = "reply+".length; at < address.indexOf("@"); at++) {
    const other = address[at] === "a" ? "b" : "a";
    expect(readReplyAddress(address.slice(0, at) + other + address.slice(at + 1), key, DOMAIN)).toBe(null);
  }
});

it("an address of another key, another domain, or another form is nobody's", () => {
  const address = replyAddress(visitor, key, DOMAIN);
  expect(readReplyAddress(address, new Uint8Array(32), DOMAIN)).toBe(null);
  expect(readReplyAddress(address, key, "shop.example")).toBe(null);
  const local = address.slice(0, address.indexOf("@"));
  for (
    const text of [
      "",
      "reply+@" + DOMAIN,
      `reply@${DOMAIN}`,
      `${local.slice(0, -1)}@${DOMAIN}`,
      `${local}aaaaaaaa@${DOMAIN}`,
      `${local}@evil.example@${DOMAIN}`,
      `reply+${"1".repeat(56)}@${DOMAIN}`,
      local,
    ]
  ) {
    expect(readReplyAddress(text, key, DOMAIN)).toBe(null);
  }
});
