import { describe, expect, it } from "vitest";
import { givenUuid, idProblem, lowercaseUuid, ownerId } from "../../../shared/ids.ts";

describe("an id of the owner's", () => {
  it.each(["7", "y".repeat(128), "🌿".repeat(32), " 7 ", "a-user-b", "a:b|c/d", "é", "e\u0301", "null"])(
    "may be %j, and stays as it is",
    (id) => expect(ownerId.parse(id)).toBe(id),
  );

  it.each([
    ["", "must not be empty"],
    ["y".repeat(129), "must be at most 128 bytes of UTF-8"],
    [`${"🌿".repeat(31)}12345`, "must be at most 128 bytes of UTF-8"],
    ["a\u0000b", "must not contain control characters"],
    ["a\nb", "must not contain control characters"],
    ["a\u007f", "must not contain control characters"],
    ["a\u0085b", "must not contain control characters"],
    ["\ud83c", "must be well-formed Unicode"],
    ["\udf3f\ud83c", "must be well-formed Unicode"],
  ])("can't be %j: it %s", (id, problem) => {
    expect(idProblem(id)).toBe(problem);
    expect(ownerId.safeParse(id).error?.issues.map(({ message }) => message)).toEqual([problem]);
  });

  it.each([7, null, true, ["7"]])("can't be %j", (id) => expect(ownerId.safeParse(id).success).toBe(false));
});

describe("an id of ours", () => {
  it.each([
    ["a0000000-0000-4000-8000-000000000001", true],
    ["A0000000-0000-4000-8000-000000000001", false],
    ["a0000000000040008000000000000001", false],
    [" a0000000-0000-4000-8000-000000000001", false],
    ["a0000000-0000-4000-8000-000000000001\n", false],
    ["g0000000-0000-4000-8000-000000000001", false],
  ])("%j: %s", (id, expected) => expect(lowercaseUuid.safeParse(id).success).toBe(expected));

  it("may be given in capitals, and is ours from then on", () => {
    const id = "a0000000-0000-4000-8000-00000000000f";
    for (const given of [id, id.toUpperCase()]) expect(givenUuid.parse(given)).toBe(id);
    expect(givenUuid.safeParse(`{${id}}`).success).toBe(false);
  });
});
