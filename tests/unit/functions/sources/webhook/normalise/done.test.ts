import { describe, expect, it } from "vitest";
import {
  requireDeleted,
  requireDone,
} from "../../../../../../supabase/functions/_shared/sources/webhook/normalise/done.ts";
import { detail } from "../owner_detail.ts";

describe("the answer to a write", () => {
  it.each([
    [null],
    [{}],
    [[]],
    ["saved"],
    [{ ok: true }],
    [{ success: true, error: null }],
    [{ error: "" }],
    [{ id: 7, error: "payment failed", success: false }],
    [{ item: { id: 7, ok: false } }],
  ])("may be %j", (answer) => expect(() => requireDone(answer)).not.toThrow());

  it.each([
    [{ ok: false }],
    [{ success: false, message: "closed" }],
    [{ Success: false }],
    [{ error: "closed" }],
    [{ error: { code: 7 } }],
    [{ errors: ["closed"] }],
    [[{ error: "closed" }]],
  ])("is a failure if it says so: %j", (answer) => {
    expect(() => requireDone(answer)).toThrow(detail("the answer says that it failed"));
  });
});

describe("the answer to a deletion", () => {
  it.each([null, {}, { deleted: true }, { ok: true }, []])("may be %j", (answer) => {
    expect(() => requireDeleted(answer)).not.toThrow();
  });

  it.each([{ deleted: false }, { id: 7, deleted: false }, { ok: false }])("can't deny it: %j", (answer) => {
    expect(() => requireDeleted(answer)).toThrow();
  });
});
