import { describe, expect, it } from "vitest";
import { TAB_ACTIONS, type TabAction, type TabCategory } from "../../../../../shared/tabs.ts";
import {
  type AnsweredCall,
  requireAccepted,
} from "../../../../../supabase/functions/_shared/sources/webhook/refusal.ts";
import { WebhookError } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";

const WRITES: TabAction[] = ["create_item", "update_item", "delete_item"];

const CALLS: AnsweredCall[] = TAB_ACTIONS.flatMap((action) =>
  (["default", "messaging"] as const).map((category) => ({ action, category, itemId: "c1" }))
);

/** The calls that refuse this answer, such as "get_items messaging". */
function refusedBy(answer: unknown): string[] {
  return CALLS.filter((call) => judge(answer, call) !== null).map(nameOf);
}

function judge(answer: unknown, call: AnsweredCall): WebhookError | null {
  try {
    requireAccepted(answer, call);
    return null;
  } catch (error) {
    if (error instanceof WebhookError) return error;
    throw error;
  }
}

const nameOf = ({ action, category }: { action: TabAction; category: TabCategory }) =>
  `${action} ${category}`;
const ALL = CALLS.map(nameOf);
const ALL_BUT_DEFAULT_READS = CALLS
  .filter(({ action, category }) => category === "messaging" || WRITES.includes(action)).map(nameOf);

describe("an answer that denies itself", () => {
  it.each([false, "false", "FALSE", " False ", 0, "0", "no", "No"])("is refused in the spelling %j", (no) => {
    for (const name of ["ok", "success", "accepted", "Success", "OK"]) {
      expect(refusedBy({ [name]: no })).toEqual(ALL);
      expect(refusedBy({ id: "c1", [name]: no })).toEqual(ALL);
      expect(refusedBy({ [name]: no, items: [] })).toEqual(ALL);
      expect(refusedBy([{ id: "c1", [name]: no }])).toEqual(
        ALL.filter((call) => !call.startsWith("get_items")),
      );
    }
  });

  it.each([true, "true", 1, "yes", "", null, [], {}])("is accepted with %j", (value) => {
    expect(refusedBy({ ok: value, success: value, accepted: value })).toEqual([]);
  });

  it.each([
    [{ ok: true, success: false }],
    [{ data: { success: false } }],
    [{ result: { data: { ok: 0 } } }],
    [{ OK: true, ok: false, id: "c1" }],
    [{ ok: true, Ok: "yes", OK: 0 }],
    [{ data: { success: true }, Data: { Success: true, success: "no" } }],
  ])("is refused whatever surrounds the denial: %j", (answer) => expect(refusedBy(answer)).toEqual(ALL));

  it("after a deletion may deny that alone", () => {
    expect(refusedBy({ deleted: false })).toEqual(["delete_item default", "delete_item messaging"]);
    expect(refusedBy({ id: 7, deleted: "no" })).toEqual(["delete_item default", "delete_item messaging"]);
    expect(refusedBy({ deleted: true })).toEqual([]);
  });
});

describe("an answer with an error", () => {
  it.each(["forbidden", 500, true, ["closed"], { code: 7 }, [{ message: "" }, "closed"]])(
    "is refused: %j",
    (error) => {
      expect(refusedBy({ error })).toEqual(ALL);
      expect(refusedBy({ errors: error, items: [] })).toEqual(ALL);
    },
  );

  it("is a record of a default tab if it has an id of its own", () => {
    expect(refusedBy({ id: "c1", error: "card declined" })).toEqual(ALL_BUT_DEFAULT_READS);
    expect(refusedBy({ itemId: "c1", error: "card declined" })).toEqual(ALL);
  });

  it("is refused under whichever spelling the error stands", () => {
    expect(refusedBy({ error: "", Error: "forbidden" })).toEqual(ALL);
    expect(refusedBy({ errors: [], Errors: ["forbidden"], items: [] })).toEqual(ALL);
  });

  it.each([null, "", " ", [], {}, false, 0, "false", [null], { title: [] }])(
    "is accepted if the error is empty: %j",
    (error) => {
      expect(refusedBy({ success: true, error })).toEqual([]);
      expect(refusedBy({ errors: error, messages: [], result: { id: "m1", body: "hello" } })).toEqual([]);
    },
  );
});

describe("JSend", () => {
  it.each([
    [{ status: "fail", data: { title: "required" } }],
    [{ status: "fail", data: null }],
    [{ status: "error", message: "closed" }],
    [{ Status: "ERROR", Message: "closed" }],
    [{ status: "success", Status: "error", message: "closed" }],
    [{ status: "error", message: "Forbidden", itemId: "c1", messages: [] }],
    [{ status: "error", message: "closed", items: [], entries: [] }],
    [{ status: "error", message: "closed", items: [{}] }],
    [{ status: "error", data: [] }],
  ])("is refused: %j", (answer) => expect(refusedBy(answer)).toEqual(ALL));

  it.each([
    [{ status: "success", data: { title: "x" } }],
    [{ status: "error" }],
    [{ id: 7, status: "error", message: "a record that is in error" }],
    [{ status: "error", message: "of the last import", items: [{ id: 1 }] }],
    [{ status: "error", message: "of the last import", entries: [], items: [{ id: 1 }] }],
  ])("is accepted: %j", (answer) => expect(refusedBy(answer)).toEqual([]));
});

describe("what an answer holds", () => {
  it.each([
    [{ items: [{ id: 1, success: false, error: "declined", status: "error", message: "x" }] }],
    [[{ id: 1, ok: false }, { ok: false }]],
    [{ item: { id: "c1" }, entries: [{ id: 1, error: "bounced", ok: false }] }],
  ])("is not judged in the rows of a list: %j", (answer) => expect(refusedBy(answer)).toEqual([]));

  it("is judged in a wrapped conversation, but is a wrapped record's content", () => {
    const messaging = ALL.filter((call) => call.endsWith("messaging"));
    expect(refusedBy({ item: { id: "c1", ok: false } })).toEqual(messaging);
    expect(refusedBy({ conversation: { id: "c1", error: "forbidden" } })).toEqual(messaging);
    expect(refusedBy({ entry: { id: "m1", error: "closed" } })).toEqual(
      messaging.filter((call) => WRITES.some((action) => call.startsWith(action))),
    );
  });

  it("is judged beside an id on messaging tabs, but is a record's content on others", () => {
    const messaging = ALL.filter((call) => call.endsWith("messaging"));
    expect(refusedBy({ id: "c1", data: { ok: false } })).toEqual(messaging);
    expect(refusedBy({ id: "c1", result: { success: false } })).toEqual(messaging);
    expect(refusedBy({ id: "c1", result: { error: "forbidden" } })).toEqual(messaging);
    expect(refusedBy({ id: "c1", conversation: { data: { accepted: "no" } } })).toEqual(messaging);
    expect(refusedBy({ id: "c1", data: { title: "x" }, result: { ok: true } })).toEqual([]);
  });

  it("is judged where one object without an id stands alone in an array, as workflow tools answer", () => {
    expect(refusedBy([{ success: false }])).toEqual(ALL_BUT_DEFAULT_READS);
    expect(refusedBy([{ error: "closed", items: [] }])).toEqual(ALL);
  });
});

describe("a refusal's message", () => {
  const write: AnsweredCall = { action: "create_item", category: "messaging" };

  it.each([
    [{ success: false, message: "We are\nclosed." }, "We are closed."],
    [{ error: "Closed until Monday." }, "Closed until Monday."],
    [{ error: "code_7", message: "Closed." }, "Closed."],
    [{ message: "Closed.", data: { ok: false } }, "Closed."],
    [[{ status: "error", message: "Closed." }], "Closed."],
  ])("reaches the visitor: %j", (answer, message) => {
    expect(judge(answer, write)).toMatchObject({ code: "source_rejected", kind: "rejected", message });
  });

  it("holds at most 300 characters", () => {
    expect([...(judge({ error: "🌿".repeat(400) }, write)?.message ?? "")]).toHaveLength(300);
  });

  it.each([
    [{ ok: false }],
    [{ errors: ["closed"] }],
    [{ ok: false, entry: { id: "m1", message: "hello" } }],
    [{ error: { message: "no" } }],
    [{
      ok: 0,
      message: " ",
    }],
  ])(
    "is not made up: %j",
    (answer) => {
      expect(judge(answer, write)).toMatchObject({
        code: "source_invalid",
        detail: expect.stringContaining("the answer says that it failed"),
      });
    },
  );
});
