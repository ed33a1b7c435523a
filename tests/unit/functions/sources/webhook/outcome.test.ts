import { describe, expect, it } from "vitest";
import { WebhookError } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";
import { acceptedJson } from "../../../../../supabase/functions/_shared/sources/webhook/send.ts";

function judge(status: number, body: string, method: "GET" | "POST" = "GET"): unknown {
  try {
    return { json: acceptedJson({ status, bytes: new TextEncoder().encode(body) }, method) };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { code: error.code, kind: error.kind };
  }
}

function visitorMessage(status: number, body: string): string {
  try {
    acceptedJson({ status, bytes: new TextEncoder().encode(body) }, "POST");
  } catch (error) {
    if (error instanceof WebhookError) return error.message;
    throw error;
  }
  throw new Error("the answer was accepted");
}

describe("an owner's answer", () => {
  it.each([
    [200, "<html>", { code: "source_invalid", kind: "not_json" }],
    [200, "", { code: "source_invalid", kind: "empty" }],
    [204, "", { code: "source_invalid", kind: "empty" }],
    [200, "[".repeat(100) + "]".repeat(100), { code: "source_invalid", kind: "not_json" }],
    [301, "", { code: "source_failed", kind: "redirect" }],
    [304, "", { code: "source_failed", kind: "redirect" }],
    [400, "{}", { code: "source_rejected", kind: "rejected" }],
    [401, "{}", { code: "source_failed", kind: "unauthorized" }],
    [403, "{}", { code: "source_failed", kind: "unauthorized" }],
    [404, "{}", { code: "item_not_found", kind: "not_found" }],
    [405, "{}", { code: "source_failed", kind: "error_status" }],
    [409, "{}", { code: "conflict", kind: "conflict" }],
    [422, "{}", { code: "source_rejected", kind: "rejected" }],
    [429, "{}", { code: "source_failed", kind: "error_status" }],
    [500, "{}", { code: "source_failed", kind: "error_status" }],
    [503, "<html>", { code: "source_failed", kind: "error_status" }],
  ])("%i %s: %o", (status, body, expected) => expect(judge(status, body)).toEqual(expected));

  it("is its JSON when it succeeds", () => {
    expect(judge(200, '{"a":1}')).toEqual({ json: { a: 1 } });
    expect(judge(201, '\ufeff{"a":1}')).toEqual({ json: { a: 1 } });
  });

  it("may be a 204 after a write", () => {
    expect(judge(204, "", "POST")).toEqual({ json: null });
    expect(judge(200, "", "POST")).toEqual({ code: "source_invalid", kind: "empty" });
  });
});

describe("an owner's own words", () => {
  it("reach the visitor as plain text of at most 300 characters", () => {
    expect(visitorMessage(422, '{"message":"Too\\nlate <b>"}')).toBe("Too late <b>");
    expect([...visitorMessage(400, JSON.stringify({ message: "🌿".repeat(400) }))]).toHaveLength(300);
  });

  it.each(['{"message":42}', '{"message":"  "}', "{}", "[]", "null", "<html>"])(
    "are not taken from %s",
    (body) => {
      expect(visitorMessage(422, body)).toBe("This was not accepted.");
    },
  );

  it("are not taken from other statuses", () => {
    expect(visitorMessage(500, '{"message":"stack trace"}')).toBe("The source of this tab failed.");
  });
});
