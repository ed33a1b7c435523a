import { expect, it } from "vitest";
import {
  readUnsubscribeToken,
  unsubscribeToken,
} from "../../../../supabase/functions/_shared/mail/unsubscribe_token.ts";

const key = new Uint8Array(32).fill(1);
const named = { agentId: "a", audience: "visitor", address: "grüße@home.example" } as const;

it("a token says whose mails end", () => {
  expect(readUnsubscribeToken(unsubscribeToken(named, key), key)).toEqual(named);
});

it("a token that was made or changed by others says nothing", () => {
  const token = unsubscribeToken(named, key);
  const bytes = Buffer.from(token, "base64url");
  for (const at of [0, 31, 32, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(readUnsubscribeToken(changed.toString("base64url"), key)).toBe(null);
  }
  expect(readUnsubscribeToken(token, new Uint8Array(32))).toBe(null);
  for (const text of ["", "x", token.slice(0, 43), "%"]) expect(readUnsubscribeToken(text, key)).toBe(null);
});
