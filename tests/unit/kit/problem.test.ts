import { expect, it } from "vitest";
import { en } from "../../../kit/strings/en.ts";
import { problemText } from "../../../kit/text/text_context.ts";

it("tells a visitor what happened in words of the catalogue", () => {
  const problem = {
    code: "item_not_found",
    message: "The webhook of this tab does not know the item.",
  } as const;
  expect(problemText(problem, en)).toBe("This is not here any more.");
});

it("leaves the owner's refusal in the owner's words", () => {
  const message = "Your parcel has left already.";
  expect(problemText({ code: "source_rejected", message }, en)).toBe(message);
});

it("has one sentence for all that a visitor can do nothing about", () => {
  const codes = ["source_failed", "source_invalid", "internal", "invalid_request"] as const;
  for (const code of codes) {
    expect(problemText({ code, message: "tabId must be a uuid" }, en)).toBe(en.problems.other);
  }
});
